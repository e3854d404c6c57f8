/**
 * What the platform hands the Worker, unchecked. `config/` turns it into a {@link import("./config/config.ts").Config};
 * nothing else reads a variable or a secret from here.
 */
export type Env = {
  /** D1: users, bindings, sessions; the source of truth. */
  DB: D1Database;
  /** KV: WeChat's tokens, sealed; never the place of anything that must be read back at once. */
  TOKENS: KVNamespace;
  /** Which version answered; absent in some local set-ups. */
  CF_VERSION_METADATA?: WorkerVersionMetadata;
  /** 5 a minute for each login's state. */
  CALLBACK_STATE_LIMIT?: RateLimit;
  /** 600 a minute for each client address (IPv6: /64). */
  CALLBACK_ADDRESS_LIMIT?: RateLimit;
} & {
  /**
   * SITES…, DEFAULTS, WECHAT_*_URL, GATEWAY_SECRET, ASSERTION_KEYS, the secrets that sites name, and the
   * bindings that `origin` and `via` name: their names are the operator's, so each is checked where it is read.
   */
  [name: string]: unknown;
};

/** The deployed version, for health and log lines. */
export function versionOf(env: Env): string {
  return env.CF_VERSION_METADATA?.id || "local";
}
