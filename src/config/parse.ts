/** The one parser of the configuration: in the Worker, and in the doctor. */
import { checkAccounts, checkCombinations, checkDuplicateHosts, checkProfileStorage } from "./across.ts";
import { readApiKeys } from "./api-keys.ts";
import { readAssertionKeys } from "./assertion-keys.ts";
import { complain } from "./complaint.ts";
import type { ParsedConfig } from "./config.ts";
import { readGatewayKeys } from "./gateway-keys.ts";
import { Mistakes } from "./mistakes.ts";
import { readSecret, secretsOf, type Vars } from "./secrets.ts";
import { buildSite, merge } from "./site.ts";
import { SITE_OPTIONS } from "./site-options.ts";
import { readDefaults, readSite, type Surroundings } from "./source.ts";
import { complete, own, readTable, type Values } from "./table.ts";
import { URL_OPTIONS } from "./var-options.ts";
import { readDefaultsTable, readSiteTables, reportMisnamedVars } from "./vars.ts";
import type { collectWarnings } from "./warnings.ts";

type ParseOptions = {
  /** Whether a name is a binding with `fetch`; outside the Worker there are none to look at. */
  hasBinding?: (name: string) => boolean;
  /** The doctor's second look; the Worker does without it, in its bundle and at its start. */
  warn?: typeof collectWarnings;
};

function readUrls(env: Vars, mistakes: Mistakes): Values<typeof URL_OPTIONS> {
  const written = Object.keys(URL_OPTIONS).flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]]));
  const { values, issues } = readTable(URL_OPTIONS, Object.fromEntries(written));
  mistakes.add("", env, { issues });
  return values;
}

/** Checks everything and reports every mistake at once; never throws for what an operator may write. */
export async function parseConfig(env: Vars, { hasBinding, warn }: ParseOptions = {}): Promise<ParsedConfig> {
  const mistakes = new Mistakes(secretsOf(env));
  reportMisnamedVars(env, mistakes);

  const urls = readUrls(env, mistakes);
  const { WECHAT_OPEN_URL, WECHAT_API_URL } = complete(URL_OPTIONS, urls);
  // A mistaken address must not make a second mistake of outside = "flow".
  const simulated =
    WECHAT_OPEN_URL.simulated || (env.WECHAT_OPEN_URL !== undefined && urls.WECHAT_OPEN_URL === undefined);
  const tables = readSiteTables(env, mistakes);
  const shared = readDefaultsTable(env, mistakes);
  const surroundings: Surroundings = {
    env,
    simulated,
    appSecrets: new Set([shared, ...tables].map(({ raw }) => raw.app_secret).concat(SITE_OPTIONS.app_secret.default)),
    hasBinding:
      hasBinding ?? ((name) => typeof (own(env, name) as { fetch?: unknown } | null | undefined)?.fetch === "function"),
    mistakes,
  };
  if (tables.length === 0) {
    const remedy = "Write one under [[vars.SITES]]: host, origin, app_id.";
    mistakes.add("SITES", env.SITES, complain("names no site", remedy));
  }
  const defaults = readDefaults(shared, surroundings);
  const sources = tables.map((table) => readSite(table, defaults, surroundings));
  const merged = sources.map((source) => merge(source, defaults));
  for (const site of merged) checkCombinations(site, mistakes);
  checkDuplicateHosts(merged, simulated, mistakes);
  checkAccounts(merged, env, mistakes);
  checkProfileStorage(merged, mistakes);

  const ring = readSecret(env, "GATEWAY_SECRET", null, mistakes);
  const gatewayKeys = ring === null ? [] : readGatewayKeys(ring, mistakes);
  const keySet = readSecret(env, "ASSERTION_KEYS", null, mistakes);
  const assertionKeys = keySet === null ? [] : await readAssertionKeys(keySet, mistakes);
  const apiKeys = readApiKeys(env.API_KEYS, mistakes);

  if (mistakes.list.length > 0) return { ok: false, mistakes: mistakes.list };
  const built = merged.map((site) => ({ site: buildSite(site, env, simulated), merged: site }));
  return {
    ok: true,
    config: {
      sites: built.map(({ site }) => site),
      wechatOpenUrl: WECHAT_OPEN_URL.base,
      wechatApiUrl: WECHAT_API_URL.base,
      simulated,
      gatewayKeys,
      assertionKeys,
      apiKeys,
    },
    warnings: warn?.([...sources, defaults], built) ?? [],
  };
}
