import { pageAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/**
 * WeChat's own rate limits (45009, 45011) open a breaker per account: for a bounded time nobody is sent into a login
 * that must fail. Per isolate: a hint that spares calls, not a lock.
 */
const BREAKER_SECONDS = 60;

export function openBreaker(visit: Visit): void {
  visit.runtime.breakers.set(visit.site.account.appId, visit.now + BREAKER_SECONDS);
}

/** Seconds until logins of this visit's account may go on; 0 = now. */
export function breakerSeconds(visit: Visit): number {
  return Math.max(0, (visit.runtime.breakers.get(visit.site.account.appId) ?? 0) - visit.now);
}

/** The page with Retry-After while the breaker is open; `null` when it is not. */
export async function breakerAnswer(visit: Visit, cookies: readonly string[] = []): Promise<Response | null> {
  const wait = breakerSeconds(visit);
  if (wait === 0) return null;
  const page = { kind: "too_many", code: "wechat_limited", retryAfterSeconds: wait } as const;
  return pageAnswer(visit, 503, page, { cookies, headers: { "Retry-After": String(wait) } });
}
