import type { Env } from "../env.ts";
import { open, type SealingKey, seal } from "../seal.ts";
import { isString, isTime, parseJson } from "../sealed-values.ts";

/**
 * WeChat's tokens per (AppID, openid) in KV, sealed with the key's name as additional data: a value moved to another
 * key does not open. Only tokens that can fetch a profile are kept (a base token can call nothing).
 *
 * KV has no compare-and-swap and answers up to a minute late. That is enough here: WeChat prolongs a valid token
 * instead of replacing it, so two refreshes at once store two values that both work.
 */
export type TokenSet = {
  accessToken: string;
  /** Unix seconds. */
  accessExpiresAt: number;
  refreshToken: string;
  /** Unix seconds; the entry goes with it. */
  refreshExpiresAt: number;
};

const TOKEN_CHECKS = {
  accessToken: isString,
  accessExpiresAt: isTime,
  refreshToken: isString,
  refreshExpiresAt: isTime,
};

function isTokenSet(value: unknown): value is TokenSet {
  if (typeof value !== "object" || value === null) return false;
  const checks = Object.entries(TOKEN_CHECKS);
  const isComplete = checks.every(([name, check]) => check((value as Record<string, unknown>)[name]));
  return isComplete && Object.keys(value).length === checks.length;
}

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

/** `null` = none, or none that opens (of a dropped key, of another format). Throws when KV does. */
export async function getTokens(
  kv: Env["TOKENS"],
  keys: readonly SealingKey[],
  appId: string,
  openid: string,
): Promise<TokenSet | null> {
  const name = tokenKey(appId, openid);
  const sealed = await kv.get(name);
  const opened = sealed === null ? null : await open(keys, ["tokens", name], sealed);
  if (!opened?.ok) return null;
  const tokens = parseJson(opened.text);
  return isTokenSet(tokens) ? tokens : null;
}

export function dropTokens(kv: Env["TOKENS"], appId: string, openid: string): Promise<void> {
  return kv.delete(tokenKey(appId, openid));
}
