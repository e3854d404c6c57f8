import { clearCookie } from "../cookies.ts";
import { safeReturnPath } from "../gate/return-path.ts";
import { log } from "../log.ts";
import { readAttempts } from "../login/attempt.ts";
import { pseudonym, visitFacts } from "../report.ts";
import { emptyAnswer, pageAnswer, redirectAnswer, wantsPage } from "../respond.ts";
import { peekSession } from "../session/current.ts";
import { forgetPerson, noteEnded } from "../session/end.ts";
import { signedOutCookie } from "../session/signed-out.ts";
import { endSession } from "../storage/d1.ts";
import type { Visit } from "../visit.ts";
import { ownForm } from "./own-request.ts";
import { storageUnavailable } from "./storage-unavailable.ts";

/** `GET /_wx/logout`: asks first; a link alone signs nobody out. */
export function confirmLogout(visit: Visit): Promise<Response> {
  const to = safeReturnPath(new URLSearchParams(visit.search).get("to"));
  return pageAnswer(visit, 200, { kind: "confirm_sign_out", to });
}

/**
 * `POST /_wx/logout`: ends the session in D1 too, expires the origin's cookies, and pauses silent sign-in on this
 * browser. If D1 does not answer, nothing is changed and the visitor can try again: half a sign-out would be a lie.
 */
export async function logout(visit: Visit): Promise<Response> {
  const form = await ownForm(visit);
  if (form instanceof Response) return form;
  const session = await peekSession(visit);
  const cookies: string[] = [];
  if (session !== null) {
    const ended = await endSession(visit.runtime.env.DB, session.sid, visit.now);
    if (!ended.ok) return storageUnavailable(visit, { detail: ended.detail });
    noteEnded(visit, session.sid);
    log(visit.runtime.version, {
      event: "sign_out",
      ...visitFacts(visit),
      who: await pseudonym(visit, session.openid),
    });
    // Its cookie stuck: the next sign-ins are no vain tries.
    for (const { name, value } of await readAttempts(visit)) {
      if (value?.kind === "done") cookies.push(clearCookie(visit.scheme, name));
    }
  }
  cookies.push(...forgetPerson(visit), await signedOutCookie(visit));
  const to = form.get("to");
  if (!wantsPage(visit.request)) return emptyAnswer(visit, { cookies });
  if (to !== null && to !== "") return redirectAnswer(visit, 303, safeReturnPath(to), { cookies });
  return pageAnswer(visit, 200, { kind: "signed_out", to: "/" }, { cookies });
}
