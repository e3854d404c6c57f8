import type { Env } from "../env.ts";
import { type SealingKey, seal } from "../session/seal.ts";

/**
 * WeChat's tokens per (AppID, openid) in KV, sealed with the key's name as additional data: a value moved to another
 * key does not open. Only tokens that can fetch a profile are kept (a base token can call nothing).
 */
export type TokenSet = {
  accessToken: string;
  /** Unix seconds. */
  accessExpiresAt: number;
  refreshToken: string;
  /** Unix seconds; the entry goes with it. */
  refreshExpiresAt: number;
};

/** WeChat: the refresh token lives 30 days from the consent. */
export const REFRESH_TOKEN_LIFETIME_SECONDS = 30 * 24 * 60 * 60;
/** KV refuses less. */
const KV_MIN_EXPIRATION_SECONDS = 60;

export const tokenKey = (appId: string, openid: string) => `token:${appId}:${openid}`;

/** Throws when KV does; callers run it behind the answer and log. */
export async function putTokens(
  kv: Env["TOKENS"],
  keys: readonly SealingKey[],
  appId: string,
  openid: string,
  tokens: TokenSet,
  now: number,
): Promise<void> {
  const name = tokenKey(appId, openid);
  const sealed = await seal(keys, ["tokens", name], JSON.stringify(tokens));
  const expirationTtl = Math.max(KV_MIN_EXPIRATION_SECONDS, tokens.refreshExpiresAt - now);
  await kv.put(name, sealed, { expirationTtl });
}
