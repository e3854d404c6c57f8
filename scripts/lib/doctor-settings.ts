/** Settings of the wrangler file that weaken the gateway, or without which it does not run. */
import type { Config } from "../../src/config/config.ts";
import { findSite } from "../../src/config/find-site.ts";
import { nearest } from "../../src/config/nearest.ts";
import { isTable } from "../../src/config/table.ts";
import { URL_OPTIONS } from "../../src/config/var-options.ts";
import { type Table, tableAt, tablesAt } from "./wrangler-file.ts";

export type Finding = { level: "mistake" | "warning"; key: string; problem: string; remedy: string };

const warning = (key: string, problem: string, remedy: string): Finding => ({ level: "warning", key, problem, remedy });
const mistake = (key: string, problem: string, remedy: string): Finding => ({ level: "mistake", key, problem, remedy });

/** D1 and KV, by the names that the Worker uses. */
function storageFindings(wrangler: Table): Finding[] {
  const findings: Finding[] = [];
  const database = tablesAt(wrangler, "d1_databases").find(({ binding }) => binding === "DB");
  if (database === undefined) {
    const remedy = 'Add [[d1_databases]] with binding = "DB" and migrations_dir = "migrations".';
    findings.push(mistake("d1_databases", "has no database bound as DB", remedy));
  } else if (database.migrations_dir === undefined) {
    findings.push(warning("d1_databases", "has no migrations_dir", 'Add migrations_dir = "migrations".'));
  }
  if (!tablesAt(wrangler, "kv_namespaces").some(({ binding }) => binding === "TOKENS")) {
    findings.push(
      mistake("kv_namespaces", "has none bound as TOKENS", 'Add kv_namespaces = [{ binding = "TOKENS" }].'),
    );
  }
  return findings;
}

/** Second front doors, and places where WeChat's codes would be stored. */
function exposureFindings(wrangler: Table): Finding[] {
  const findings: Finding[] = [];
  const door = "opens a second address of the Worker, beside your own hosts";
  if (wrangler.workers_dev !== false) findings.push(warning("workers_dev", door, "Write workers_dev = false."));
  if (wrangler.preview_urls !== false) findings.push(warning("preview_urls", door, "Write preview_urls = false."));
  const assets = tableAt(wrangler, "assets");
  if (assets.directory !== undefined && assets.run_worker_first !== true) {
    findings.push(warning("assets", "are served without asking the gateway", "Write run_worker_first = true."));
  }
  // Cloudflare's Workers Cache: keyed by path, not by host, and it keeps for hours what says nothing about caching.
  const exported = tableAt(tableAt(tableAt(wrangler, "exports"), "default"), "cache");
  if ((exported.enabled ?? tableAt(wrangler, "cache").enabled) === true) {
    const problem =
      "is on: Cloudflare answers from a cache before the gateway is asked, whatever the host; visitors may get another site's answers, or old ones past the rules, and are not signed in";
    findings.push(warning("cache", problem, "Remove [cache], or write enabled = false."));
  }
  const observability = tableAt(wrangler, "observability");
  const logs = tableAt(observability, "logs");
  if (observability.enabled !== true && logs.enabled !== true) return findings;
  if (observability.redact_query_string !== true) {
    const remedy = "Write redact_query_string = true under [observability].";
    findings.push(warning("observability.redact_query_string", "is off: stored logs hold WeChat's codes", remedy));
  }
  if (logs.invocation_logs !== false) {
    const remedy = "Write invocation_logs = false under [observability.logs].";
    findings.push(
      warning("observability.logs.invocation_logs", "is on: stored logs hold every visitor's URLs", remedy),
    );
  }
  return findings;
}

type Route = { pattern: string; customDomain: boolean };

function routesOf(wrangler: Table): Route[] {
  // An inherited `routes` wins over an environment's own `route`, as it does at the deployment.
  const entries = Array.isArray(wrangler.routes) ? wrangler.routes : [wrangler.route];
  const routes = entries.flatMap((entry) => {
    if (typeof entry === "string") return [{ pattern: entry, customDomain: false }];
    const { pattern, custom_domain } = (entry ?? {}) as Table;
    return typeof pattern === "string" ? [{ pattern, customDomain: custom_domain === true }] : [];
  });
  // Two halves are a whole.
  const has = (pattern: string) => routes.some((route) => route.pattern.toLowerCase() === pattern);
  return routes.map((route) => {
    const both = route.pattern.toLowerCase().replace(SCHEME, "");
    return has(both) || (has(`https://${both}`) && has(`http://${both}`)) ? { ...route, pattern: both } : route;
  });
}

const SCHEME = /^https?:\/\//i;

/** Of any scheme, or of that one alone: Cloudflare takes a pattern that names one for requests of that scheme only. */
const isHalf = ({ pattern }: Route) => SCHEME.test(pattern);
const isWhole = ({ pattern }: Route) => /^[^/]*\/\*$/.test(pattern.replace(SCHEME, ""));

/** A wildcard is matched by its own name: `*example.com` and `*` are wider than `*.example.com`. */
function matches({ pattern }: Route, host: string): boolean {
  const source = (pattern.replace(SCHEME, "").split("/")[0] ?? "")
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${source.join(".*")}$`, "i").test(host.replace(/:\d+$/, ""));
}

const TOP_LEVEL = /^(routes|workers_dev|preview_urls|kv_namespaces|d1_databases|compatibility_(date|flags))$/;

/** Settings that `[previews]` really has. */
const OF_PREVIEWS = /^previews\.(?:kv_namespaces|d1_databases)$/;

/** Top-level settings that TOML gave to the table above them; an environment has such settings of its own. */
function swallowedFindings(tree: Table, path = ""): Finding[] {
  return Object.entries(tree).flatMap(([name, value]) => {
    const here = path === "" ? name : `${path}.${name}`;
    if (here === "env" || OF_PREVIEWS.test(here)) return [];
    if (path !== "" && TOP_LEVEL.test(name)) {
      return [mistake(here, "is a setting of wrangler, but TOML put it here", "Move it above the first [table].")];
    }
    const inside = Array.isArray(value) ? value.map((item, index) => [`${here}[${index}]`, item]) : [[here, value]];
    return inside.flatMap(([key, item]) => (isTable(item) ? swallowedFindings(item, String(key)) : []));
  });
}

/** Routes that let requests past the gateway, or lead nowhere. */
function routeFindings(wrangler: Table, config: Config | null, swallowed: readonly Finding[]): Finding[] {
  const routes = routesOf(wrangler);
  if (routes.length === 0) {
    const isMeant = config?.simulated === true || swallowed.some(({ key }) => key.endsWith(".routes"));
    if (isMeant) return [];
    const elsewhere = Object.keys(tableAt(wrangler, "env")).filter(
      (name) => routesOf(tableAt(tableAt(wrangler, "env"), name)).length > 0,
    );
    if (elsewhere.length === 0) {
      const remedy = "Write routes above the first [table]; nothing, if the dashboard has them.";
      return [warning("routes", "are missing, so no request comes here", remedy)];
    }
    const names = elsewhere.map((name) => `env.${name}`).join(", ");
    const problem = `are in ${names} only, so no request comes to the Worker without an environment`;
    const remedy = `Nothing, if that one is not deployed: npm run doctor -- --env ${elsewhere[0]}.`;
    return [warning("routes", problem, remedy)];
  }
  const findings = routes
    .filter((route) => !route.customDomain && !isWhole(route))
    .map(({ pattern }) =>
      warning(
        "routes",
        `${pattern} is not the whole host: path routes mind letter case, and can be slipped past`,
        "Route HOST/*, and open paths by rules.",
      ),
    );
  for (const { pattern } of routes.filter(isHalf)) {
    const other = pattern.toLowerCase().startsWith("https:") ? "http" : "https";
    const problem = `${pattern} is for one scheme only: requests over ${other} go past the gateway to the zone's origin`;
    findings.push(warning("routes", problem, `Write "${pattern.replace(SCHEME, "")}", which is both.`));
  }
  for (const site of config?.sites ?? []) {
    const matching = routes.filter((candidate) => matches(candidate, site.id));
    const route = matching.find((candidate) => !isHalf(candidate));
    if (route === undefined) {
      const some = matching.length > 0 ? "not every" : "no";
      findings.push(
        warning("routes", `lead ${some} request for ${site.id} here`, "Add a route, or set it in the dashboard."),
      );
    } else if (route.customDomain && site.origin.kind === "zone") {
      const remedy = 'Use a route instead of custom_domain, or give origin as a URL or "binding:NAME".';
      findings.push(mistake("routes", `${site.id} is a custom domain: there is no origin "zone" behind it`, remedy));
    }
  }
  return findings;
}

/** Every host under a wildcard receives WeChat's codes. */
function wildcardFindings(wrangler: Table, config: Config | null): Finding[] {
  if (config === null || config.simulated) return [];
  const routes = routesOf(wrangler).filter((route) => isWhole(route) && !isHalf(route));
  return config.sites
    .filter(({ id }) => id.startsWith("*.") && !routes.some((route) => matches(route, id)))
    .map(({ id }) =>
      warning(
        id,
        "is a wildcard: WeChat's codes are relayed to every host under it, and whoever holds one that this Worker does not serve could take accounts over",
        `Route ${id}/* here, with every DNS record proxied and no more specific route, or name the hosts.`,
      ),
    );
}

/** What an environment lacks that stands at the top level. */
export function environmentFindings(name: string, without: readonly string[]): Finding[] {
  if (without.length === 0) return [];
  const problem = `has no ${without.join(", ")} of its own, and inherits none from the top level`;
  return [warning(`env.${name}`, problem, `Write them under [env.${name}] too, where they are needed.`)];
}

/** Everything about the deployment rather than about the sites. */
export function settingFindings(wrangler: Table, config: Config | null): Finding[] {
  const swallowed = swallowedFindings(wrangler);
  return [
    ...storageFindings(wrangler),
    ...exposureFindings(wrangler),
    ...swallowed,
    ...routeFindings(wrangler, config, swallowed),
    ...wildcardFindings(wrangler, config),
  ];
}

const SECRETS = ["GATEWAY_SECRET", "ASSERTION_KEYS", "API_KEYS"];

/** Whatever the configuration reads as a secret, by its own names and by the operator's. */
function secretNames(vars: Table, config: Config | null): Set<string> {
  const names = new Set([...SECRETS, "WECHAT_APP_SECRET"]);
  for (const { account } of config?.sites ?? []) names.add(account.secretName);
  for (const [name, value] of Object.entries(vars)) {
    if (!/^(?:SITES(?:_\d)?|DEFAULTS)$/.test(name)) continue;
    // As text, because a site may be a table or JSON; nothing but `headers` takes such a word.
    for (const [, secret = ""] of JSON.stringify(value).matchAll(/\{secret:([^{}|"\\]+)\}/g)) names.add(secret.trim());
  }
  return names;
}

/** A variable or secret that nothing reads, under nearly the name of one that counts. */
export function misspeltFindings(env: Table, config: Config | null): Finding[] {
  const known = [...SECRETS, ...Object.keys(URL_OPTIONS)];
  const read = new Set([...known, ...secretNames(env, config)]);
  return Object.keys(env).flatMap((name) => {
    const near = read.has(name) ? null : nearest(name, known);
    return near === null ? [] : [warning(name, `is read by nobody, but ${near} is`, "Rename it, or remove it.")];
  });
}

/** Secrets among the variables: whoever reads the repository or the dashboard reads them. */
export function exposedSecretFindings(wrangler: Table, config: Config | null): Finding[] {
  const vars = tableAt(wrangler, "vars");
  const names = secretNames(vars, config);
  return Object.keys(vars)
    .filter((name) => names.has(name))
    .map((name) =>
      warning(`vars.${name}`, "is a secret in a file that is shared", `Replace it: npx wrangler secret put ${name}.`),
    );
}

const APP_SECRET = /^[0-9a-f]{32}$/;

function appSecretProblem(secret: string): string {
  if (/^wx[0-9a-f]{16}$/i.test(secret)) return "holds an AppID, not the AppSecret";
  if (/^["'“”‘’]|["'“”‘’]$/.test(secret)) return "begins or ends with a quotation mark";
  const is = secret.length === 32 ? "is no AppSecret" : `has ${secret.length} characters and so is no AppSecret`;
  return `${is}: that is 32 of 0-9 and a-f`;
}

/** AppSecrets that WeChat cannot have given; the simulator takes any. */
export function appSecretFindings(config: Config | null, unseen: readonly string[]): Finding[] {
  if (config === null || config.simulated) return [];
  const secrets = new Map(config.sites.map(({ account }) => [account.secretName, account.appSecret]));
  return [...secrets]
    .filter(([name, secret]) => !unseen.includes(name) && !APP_SECRET.test(secret))
    .map(([name, secret]) =>
      warning(name, appSecretProblem(secret), `Copy it again from WeChat's page: npx wrangler secret put ${name}.`),
    );
}

/** Hosts that WeChat would not register (only a test account, 测试号, takes addresses and ports). */
export function domainFindings(config: Config | null): Finding[] {
  if (config === null || config.simulated) return [];
  const hosts = new Set(config.sites.map(({ callbackHost, id }) => callbackHost ?? id));
  return [...hosts]
    .filter((host) => !/^[^:[]*\.[^:.]*[a-z][^:.]*$/.test(host))
    .map((host) =>
      warning(
        host,
        "cannot be registered at WeChat: a web-auth domain (网页授权域名) has no port and is no address",
        "Give visitors a host name on port 443; a test account (测试号) takes it as it is.",
      ),
    );
}

/** Keys that open nothing. */
export function apiKeyFindings(config: Config | null): Finding[] {
  return (config?.apiKeys ?? []).flatMap(({ name, hosts }) =>
    hosts
      .filter((host) => config !== null && findSite(config, host) === null)
      .map((host) =>
        warning(
          `API_KEYS "${name}"`,
          `is for ${host}, which no site serves`,
          "Make a key with the right --hosts and remove this one, or add the site.",
        ),
      ),
  );
}

/** The template's own example values. */
export function leftoverFindings(config: Config | null): Finding[] {
  return (config?.sites ?? [])
    .filter(({ account }) => account.appId === "wx0123456789abcdef" && config?.simulated === false)
    .map(({ id }) => warning(id, "still has the example's AppID", "Copy the account's AppID from mp.weixin.qq.com."));
}
