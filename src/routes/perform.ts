import type { Level } from "../config/config.ts";
import type { Action } from "../gate/decide.ts";
import { safeReturnPath } from "../gate/return-path.ts";
import { log } from "../log.ts";
import { isTriedOut, readAttempts } from "../login/attempt.ts";
import { renewLater } from "../login/fail.ts";
import { startLogin } from "../login/start.ts";
import { visitFacts } from "../report.ts";
import { failureAnswer } from "../respond.ts";
import type { CurrentSession } from "../session/current.ts";
import type { Session } from "../session/session.ts";
import type { Visit } from "../visit.ts";
import { actionOf } from "./action.ts";
import { forward } from "./forward.ts";
import { profilePage } from "./login.ts";
import { loginRequired } from "./login-required.ts";
import { outsideAnswer } from "./outside.ts";
import { answerPreflight } from "./preflight.ts";
import { signedOutPage } from "./signed-out-page.ts";
import { storageUnavailable } from "./storage-unavailable.ts";

export type Decided = { action: Action; level: Level; current: CurrentSession };

/** The rest is only noted in observe mode. */
const DONE_WHILE_OBSERVING: ReadonlySet<Action> = new Set(["forward_signed_in", "forward_anonymous", "denied"]);

/** Carries a decision out. */
export function perform(visit: Visit, { action, level, current }: Decided): Promise<Response> | Response {
  const { session, cookies } = current;
  if (visit.site.mode === "observe" && !DONE_WHILE_OBSERVING.has(action)) {
    log(visit.runtime.version, { event: "would", would: action, ...visitFacts(visit) });
    // A foreign page's socket and a preflight never get somebody's identity, not even in observe mode.
    const observed = action === "foreign_socket" || action === "answer_preflight" ? null : session;
    return forward(visit, { session: observed, level: "optional", cookies });
  }
  // The session is too long unchecked and D1 is silent: neither somebody nor, against what the visitor sees, nobody.
  if (current.unavailable && visit.site.mode !== "observe") {
    return storageUnavailable(visit);
  }
  switch (action) {
    case "forward_signed_in":
      return forward(visit, { session, level, cookies });
    case "forward_anonymous":
      return forward(visit, { session: null, level, cookies });
    case "start_login":
      return startLogin(visit, {
        to: returnPath(visit),
        purpose: level === "auto" ? "auto" : "login",
        cookies,
      });
    case "renew":
      return session === null ? forward(visit, { session, level, cookies }) : renew(visit, session, { level, current });
    case "ask_profile":
      return profilePage(visit, returnPath(visit), cookies, { failed: false });
    case "signed_out_page":
      return signedOutPage(visit, returnPath(visit), cookies);
    case "outside_page":
      return outsideAnswer(visit, returnPath(visit), cookies);
    case "login_required":
      return loginRequired(visit, level === "profile" ? "profile" : "login", cookies);
    case "answer_preflight":
      return answerPreflight(visit);
    case "foreign_socket":
      return failureAnswer(visit, "foreign_request");
    case "denied":
      return failureAnswer(visit, "denied", { kind: "denied" }, { cookies });
  }
}

/**
 * An odd path on a site that refuses them. `null` in observe mode: there it is noted, and judged as with `strictest`,
 * so that a denied path stays denied in every spelling and a foreign page's socket is still recognised.
 */
export function refuseOdd(visit: Visit): Promise<Response> | null {
  if (visit.site.mode !== "observe") return failureAnswer(visit, "path_odd");
  log(visit.runtime.version, { event: "would", would: "path_odd", ...visitFacts(visit) });
  return null;
}

/** Where a login that starts here comes back to. */
function returnPath(visit: Visit): string {
  return safeReturnPath(visit.path + visit.search);
}

/**
 * Silently through WeChat again. The session cookie notes it first: whoever comes back from a WeChat that does not
 * answer goes on with the session that lives, and is asked again in ten minutes.
 */
async function renew(visit: Visit, session: Session, { level, current }: Omit<Decided, "action">): Promise<Response> {
  // Renewed a moment ago, again and again: this browser keeps the old cookie, or `renew` is very short. Then the table
  // decides as for a session that is not old.
  if (isTriedOut(await readAttempts(visit))) {
    return perform(visit, { action: actionOf(visit, level, session.level), level, current });
  }
  const cookies = [await renewLater(visit, session)];
  return startLogin(visit, { to: returnPath(visit), purpose: "renewal", cookies });
}
