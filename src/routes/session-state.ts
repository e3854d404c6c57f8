import type { Level } from "../config/config.ts";
import type { SessionState } from "../gate/decide.ts";
import type { RequestKind } from "../gate/visitor.ts";
import { readAttempts } from "../login/attempt.ts";
import { breakerSeconds } from "../login/breaker.ts";
import type { CurrentSession } from "../session/current.ts";
import { renewalIsDue } from "../session/session.ts";
import { isSignedOut } from "../session/signed-out.ts";
import type { Visit } from "../visit.ts";

/** What the decision must know of this browser. Markers are opened only where a login could start. No I/O. */
export async function sessionState(
  visit: Visit,
  { session, unavailable }: Pick<CurrentSession, "session" | "unavailable">,
  level: Level,
  kind: RequestKind,
): Promise<SessionState> {
  if (session !== null) {
    const isOld = renewalIsDue(session, visit.site.session, visit.now) && breakerSeconds(visit) === 0;
    return isOld ? `${session.level}_old` : session.level;
  }
  const couldStart = kind === "navigation" && (level === "auto" || level === "login" || level === "profile");
  if (!couldStart) return "none";
  if (await isSignedOut(visit)) return "signed_out";
  if (level !== "auto") return "none";
  if (unavailable) return "paused"; // a login would need the same D1
  return breakerSeconds(visit) > 0 || (await hasPausedMarker(visit)) ? "paused" : "none";
}

async function hasPausedMarker(visit: Visit): Promise<boolean> {
  const attempts = await readAttempts(visit);
  return attempts.some(({ value }) => value?.kind === "paused");
}
