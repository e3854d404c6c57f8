import { BoundedMap } from "./bounded-map.ts";
import type { Config, Site } from "./config/config.ts";
import { type Env, versionOf } from "./env.ts";
import type { Route } from "./find-route.ts";
import { type CompiledRules, compileRules } from "./gate/match.ts";
import { importSigner, type Signer } from "./identity/assertion.ts";
import { compileHeaders, type SiteHeaders } from "./identity/headers.ts";
import type { SignedInMemo } from "./identity/signed-in-headers.ts";
import { importSealingKeys, type SealingKey } from "./seal.ts";
import type { KnownBrowser } from "./session/known-browsers.ts";
import type { Session } from "./session/session.ts";

/**
 * What an isolate prepares once from its configuration: keys imported, rules compiled, bounded caches. Nothing of a
 * single request lives here; caches are keyed by session ids, or by the whole of what they were read from: a URL, a Cookie
 * header, a sealed value.
 */
export type Runtime = {
  config: Config;
  env: Env;
  version: string;
  sealingKeys: readonly SealingKey[];
  /** For pseudonyms in log lines; imported by the first, because no page waits for it. */
  whoKey: CryptoKey | null;
  signer: Signer;
  sites: ReadonlyMap<Site, { rules: CompiledRules; headers: SiteHeaders }>;
  /** Method and URL → where it leads. */
  routes: BoundedMap<string, Route>;
  /** Scheme, HOST, AppID and Cookie header → what it says. */
  knownBrowsers: BoundedMap<string, KnownBrowser>;
  /** HOST, AppID and cookie value → the session that it opened to: beside it, other cookies may change at each page. */
  openedSessions: BoundedMap<string, Session>;
  /** sid → what D1 last said; `null` = ended. */
  checkedSessions: BoundedMap<string, { checkedAt: number; session: Session | null }>;
  signedInHeaders: SignedInMemo;
  /** AppID → Unix seconds until which WeChat's own rate limit keeps logins away. */
  breakers: Map<string, number>;
  /** Unix seconds until which D1, having timed out, is not asked about sessions. */
  storageSilentUntil: number;
  /** What `/_wx/health?deep=1` last found. */
  deepHealth: { checkedAt: number; failing: string[] | null } | null;
};

/** About 1 KB an entry. */
const CACHED_SESSIONS_MAX = 5_000;
/** About 2 KB an entry, 5 KB at most. */
const KNOWN_BROWSERS_MAX = 2_000;
/** At most 2 KB an entry. */
const ROUTES_MAX = 2_000;

export async function createRuntime(env: Env, config: Config): Promise<Runtime> {
  const [firstSigner] = config.assertionKeys;
  if (firstSigner === undefined) throw new Error("a parsed configuration has keys");
  return {
    config,
    env,
    version: versionOf(env),
    sealingKeys: await importSealingKeys(config.gatewayKeys),
    whoKey: null,
    signer: await importSigner(firstSigner),
    sites: new Map(config.sites.map((site) => [site, { rules: compileRules(site), headers: compileHeaders(site) }])),
    routes: new BoundedMap(ROUTES_MAX),
    knownBrowsers: new BoundedMap(KNOWN_BROWSERS_MAX),
    openedSessions: new BoundedMap(CACHED_SESSIONS_MAX),
    checkedSessions: new BoundedMap(CACHED_SESSIONS_MAX),
    signedInHeaders: new WeakMap(),
    breakers: new Map(),
    storageSilentUntil: 0,
    deepHealth: null,
  };
}

/** The prepared parts of a site. */
export function siteParts(runtime: Runtime, site: Site): { rules: CompiledRules; headers: SiteHeaders } {
  const parts = runtime.sites.get(site);
  if (parts === undefined) throw new Error("every configured site is prepared");
  return parts;
}
