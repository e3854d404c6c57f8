import { BoundedMap } from "./bounded-map.ts";
import type { Config, Site } from "./config/config.ts";
import { type Env, versionOf } from "./env.ts";
import { type CompiledRules, compileRules } from "./gate/match.ts";
import { importSigner, type Signer } from "./identity/assertion.ts";
import { compileHeaders, type SiteHeaders } from "./identity/headers.ts";
import type { SignedInMemo } from "./identity/signed-in-headers.ts";
import { deriveBits, importSealingKeys, type SealingKey } from "./seal.ts";
import type { Session } from "./session/session.ts";

/**
 * What an isolate prepares once from its configuration: keys imported, rules compiled, bounded caches. Nothing of a
 * single request lives here; caches are keyed by whole sealed values or session ids.
 */
export type Runtime = {
  config: Config;
  env: Env;
  version: string;
  sealingKeys: readonly SealingKey[];
  whoKey: CryptoKey;
  signer: Signer;
  sites: ReadonlyMap<Site, { rules: CompiledRules; headers: SiteHeaders }>;
  /** HOST, AppID and cookie value → the session that it opened to. */
  openedSessions: BoundedMap<string, Session>;
  /** sid → what D1 last said; `null` = ended. */
  checkedSessions: BoundedMap<string, { checkedAt: number; session: Session | null }>;
  signedInHeaders: SignedInMemo;
  /** AppID → Unix seconds until which WeChat's own rate limit keeps logins away. */
  breakers: Map<string, number>;
  /** What `/_wx/health?deep=1` last found. */
  deepHealth: { checkedAt: number; failing: string[] } | null;
};

/** About 1 KB an entry. */
const CACHED_SESSIONS_MAX = 5_000;

export async function createRuntime(env: Env, config: Config): Promise<Runtime> {
  const [firstKey] = config.gatewayKeys;
  const [firstSigner] = config.assertionKeys;
  if (firstKey === undefined || firstSigner === undefined) throw new Error("a parsed configuration has keys");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return {
    config,
    env,
    version: versionOf(env),
    sealingKeys: await importSealingKeys(config.gatewayKeys),
    whoKey: await crypto.subtle.importKey("raw", await deriveBits(firstKey, "who"), hmac, false, ["sign"]),
    signer: await importSigner(firstSigner),
    sites: new Map(config.sites.map((site) => [site, { rules: compileRules(site), headers: compileHeaders(site) }])),
    openedSessions: new BoundedMap(CACHED_SESSIONS_MAX),
    checkedSessions: new BoundedMap(CACHED_SESSIONS_MAX),
    signedInHeaders: new WeakMap(),
    breakers: new Map(),
    deepHealth: null,
  };
}

/** The prepared parts of a site. */
export function siteParts(runtime: Runtime, site: Site): { rules: CompiledRules; headers: SiteHeaders } {
  const parts = runtime.sites.get(site);
  if (parts === undefined) throw new Error("every configured site is prepared");
  return parts;
}
