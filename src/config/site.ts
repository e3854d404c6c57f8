/** Sites from what was written: a site's own value, else that of DEFAULTS, else the option's default. */
import type { Account, HeaderTemplate, Site } from "./config.ts";
import type { Vars } from "./secrets.ts";
import { SESSION_OPTIONS } from "./session-options.ts";
import { type CombinedOption, type PlainSiteOptions, SITE_OPTIONS, type SiteOptions } from "./site-options.ts";
import type { Source } from "./source.ts";
import { type Complete, complete, type Values } from "./table.ts";
import type { RawHeaders } from "./values/headers.ts";
import type { RawTable } from "./vars.ts";

/** One site's values over those of DEFAULTS. */
export type Merged = {
  values: Values<SiteOptions>;
  /** What was written, right or wrong. */
  raw: RawTable["raw"];
  /** Under which key an option was written: `SITES[0].via` or `DEFAULTS.via`. */
  keyOf: (option: keyof SiteOptions) => string;
};

/** The site's rules come first; headers and session are merged per key. */
export function merge(site: Source, defaults: Source): Merged {
  const [own, shared] = [site.values, defaults.values];
  return {
    values: {
      ...shared,
      ...own,
      rules: [...(own.rules ?? []), ...(shared.rules ?? [])],
      headers: new Map([...(shared.headers ?? []), ...(own.headers ?? [])]),
      session: { ...shared.session, ...own.session },
    },
    raw: { ...defaults.raw, ...site.raw },
    keyOf: (option) => `${option in defaults.raw && !(option in site.raw) ? defaults.key : site.key}.${option}`,
  };
}

/** Hosts as requests spell them: where plain http is served, its port 80 goes unsaid. */
export function spellHost(host: string, http: boolean): string {
  return http ? host.replace(/:80$/, "") : host;
}

function secretValue(env: Vars, name: string): string {
  const value = env[name];
  if (typeof value !== "string") throw new Error(`the secret ${name} was checked before`);
  return value;
}

function buildHeaders(headers: RawHeaders, env: Vars): HeaderTemplate[] {
  return [...headers.values()].map(({ name, template }) => ({
    name,
    value: "secretName" in template ? { secret: secretValue(env, template.secretName) } : template,
  }));
}

function plainOptions(values: Omit<Complete<SiteOptions>, CombinedOption>): PlainSiteOptions {
  const camel = (key: string) => key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [camel(key), value])) as PlainSiteOptions;
}

/** Builds a site without mistakes. */
export function buildSite({ values }: Merged, env: Vars, simulated: boolean): Site {
  const { host, origin, via, app_id, app_secret, rules, headers, session, ...plain } = complete(SITE_OPTIONS, values);
  const { lifetime, renew, recheck } = complete(SESSION_OPTIONS, session);
  const account: Account = { appId: app_id, secretName: app_secret, appSecret: secretValue(env, app_secret) };
  const options = plainOptions(plain);
  const http = options.http || simulated;
  return {
    ...options,
    id: spellHost(host, http),
    callbackHost: options.callbackHost === null ? null : spellHost(options.callbackHost, http),
    origin: origin.kind === "url" ? { ...origin, via } : origin,
    account,
    rules,
    headers: buildHeaders(headers, env),
    session: { lifetimeSeconds: lifetime, renewSeconds: renew, recheckSeconds: recheck },
  };
}
