/** Mistakes that only several options or several sites together make. */
import { complain } from "./complaint.ts";
import type { Mistakes } from "./mistakes.ts";
import { checkTidySecret, type Vars } from "./secrets.ts";
import { type Merged, spellHost } from "./site.ts";
import { SITE_OPTIONS } from "./site-options.ts";

/** Options of one site that need each other. */
export function checkCombinations({ values, raw, keyOf }: Merged, mistakes: Mistakes): void {
  const { host, origin, via } = values;
  if (host?.startsWith("*.") && !("callback_host" in raw)) {
    const remedy = "Add callback_host: WeChat knows two hosts per account; all others come back through one.";
    mistakes.add(keyOf("host"), host, complain("is a wildcard without callback_host", remedy));
  }
  if (via !== undefined && origin !== undefined && origin.kind !== "url") {
    const remedy = 'Remove via, or write a URL: origin = "https://origin.example.net".';
    mistakes.add(keyOf("via"), via, complain("carries a URL origin only", remedy));
  }
}

/** One host, one site. */
export function checkDuplicateHosts(sites: readonly Merged[], simulated: boolean, mistakes: Mistakes): void {
  const first = new Map<string, string>();
  for (const { values, keyOf } of sites) {
    if (values.host === undefined) continue;
    const host = spellHost(values.host, values.http === true || simulated);
    const earlier = first.get(host);
    const remedy = "Join the two sites, or correct one host.";
    if (earlier !== undefined) mistakes.add(keyOf("host"), host, complain(`is the same host as ${earlier}`, remedy));
    else first.set(host, keyOf("host"));
  }
}

/** The secrets that sites name are there, and belong to one AppID each. */
export function checkAccounts(sites: readonly Merged[], env: Vars, mistakes: Mistakes): void {
  const owners = new Map<string, { appId: string; key: string }>();
  for (const { values, raw, keyOf } of sites) {
    if ("app_secret" in raw && values.app_secret === undefined) continue; // reported by its own reader
    const name = values.app_secret ?? SITE_OPTIONS.app_secret.default;
    const owner = owners.get(name);
    if (owner === undefined) checkTidySecret(env, name, keyOf("app_secret"), mistakes);
    const appId = values.app_id;
    if (appId === undefined) continue;
    if (owner !== undefined && owner.appId !== appId) {
      const remedy = "Each AppID has its own: name another, and set it with wrangler secret put.";
      mistakes.add(keyOf("app_secret"), name, complain(`is the secret of another AppID (${owner.key})`, remedy));
    }
    if (owner === undefined) owners.set(name, { appId, key: keyOf("app_id") });
  }
}

/** A binding is one for all sites of its AppID: what one keeps out of D1, another must not serve from there. */
export function checkProfileStorage(sites: readonly Merged[], mistakes: Mistakes): void {
  const first = new Map<string, { stores: boolean; key: string }>();
  for (const { values, keyOf } of sites) {
    if (values.app_id === undefined) continue;
    const stores = values.store_profile ?? SITE_OPTIONS.store_profile.default;
    const earlier = first.get(values.app_id);
    if (earlier === undefined) first.set(values.app_id, { stores, key: keyOf("store_profile") });
    else if (earlier.stores !== stores) {
      const remedy = "Give all its sites the same value, best under [vars.DEFAULTS].";
      mistakes.add(
        keyOf("store_profile"),
        stores,
        complain(`differs from ${earlier.key}, a site of the same AppID`, remedy),
      );
    }
  }
}
