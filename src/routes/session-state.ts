import type { Level } from "../config/config.ts";
import type { SessionState } from "../gate/decide.ts";
import { safeReturnPath } from "../gate/return-path.ts";
import { requestKindOf } from "../gate/visitor.ts";
import { isTriedOut, readAttempts } from "../login/attempt.ts";
import { breakerSeconds } from "../login/breaker.ts";
import { renewalIsDue, type Session } from "../session/session.ts";
import { isSignedOut } from "../session/signed-out.ts";
import type { Visit } from "../visit.ts";

/** What the decision must know of a browser that is signed in. No I/O, and no promise: it is the usual request. */
export function signedInState(visit: Visit, session: Session): SessionState {
  const isOld = renewalIsDue(session, visit.site.session, visit.now) && breakerSeconds(visit) === 0 && canReturn(visit);
  return isOld ? `${session.level}_old` : session.level;
}

/** What it must know of any other browser. Markers are opened only where a login could start. No I/O. */
export async function anonymousState(visit: Visit, level: Level): Promise<SessionState> {
  const { method, headers } = visit.request;
  const mayStart = level === "auto" || level === "login" || level === "profile";
  const couldStart = mayStart && requestKindOf(method, headers) === "navigation";
  if (!couldStart) return "none";
  if (await isSignedOut(visit)) return "signed_out";
  if (level !== "auto") return "none";
  return breakerSeconds(visit) > 0 || !canReturn(visit) || (await shouldPause(visit)) ? "paused" : "none";
}

/** A login that nobody needs must not lose the page: an address beyond the return path's bounds would end on `/`. */
function canReturn({ path, search }: Visit): boolean {
  const here = path + search;
  return here === "/" || safeReturnPath(here) !== "/";
}

/** WeChat failed this browser, or its logins succeed and no session stays: an `auto` path goes on anonymously. */
async function shouldPause(visit: Visit): Promise<boolean> {
  const attempts = await readAttempts(visit);
  return attempts.some(({ value }) => value?.kind === "paused") || isTriedOut(attempts);
}
