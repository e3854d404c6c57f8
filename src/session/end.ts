import { clearCookie, expireOriginCookie, sessionCookieName } from "../cookies.ts";
import type { Visit } from "../visit.ts";

/** The end of a session, on this isolate and in this browser; D1 is told by `endSession`. */

/** From now on this isolate takes the session for ended, whatever copy of its cookie comes. */
export function noteEnded({ runtime, now }: Visit, sid: string): void {
  runtime.checkedSessions.set(sid, { checkedAt: now, session: null });
}

/** The Set-Cookie lines that expire the origin's own sessions: the next person must not go on with them. */
export function expireOriginCookies({ site, scheme, host }: Visit): string[] {
  return site.originCookies.flatMap((cookie) => expireOriginCookie(scheme, host, cookie));
}

/** The Set-Cookie lines after which this browser is nobody's. */
export function forgetPerson(visit: Visit): string[] {
  return [clearCookie(visit.scheme, sessionCookieName(visit.scheme)), ...expireOriginCookies(visit)];
}
