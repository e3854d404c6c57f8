import { safeReturnPath } from "../gate/return-path.ts";
import { reportFailure } from "../login/report.ts";
import { startLogin } from "../login/start.ts";
import { failureAnswer, pageAnswer, redirectAnswer } from "../respond.ts";
import { currentSession } from "../session/current.ts";
import type { Visit } from "../visit.ts";
import { outsideAnswer, siteClient } from "./outside.ts";
import { isOwnRequest, readForm } from "./own-request.ts";

/** `GET /_wx/login?to=/path[&scope=profile]`: straight there when signed in far enough, else WeChat or our own page. */
export async function loginPage(visit: Visit): Promise<Response> {
  const parameters = new URLSearchParams(visit.search);
  const to = safeReturnPath(parameters.get("to"));
  const wantsProfile = parameters.get("scope") === "profile";
  const { session, unavailable, cookies } = await currentSession(visit);
  if (unavailable) {
    reportFailure(visit, "storage_unavailable");
    return failureAnswer(visit, "storage_unavailable");
  }
  const isEnough = session !== null && (!wantsProfile || session.level === "profile");
  if (isEnough) return redirectAnswer(visit, 302, to, { cookies });
  if (siteClient(visit) === "outside") return outsideAnswer(visit, to, cookies);
  if (wantsProfile) return profilePage(visit, to, parameters.get("failed") === "1", cookies);
  return startLogin(visit, { to, scope: "base", purpose: "login", cookies });
}

/** Our own page, on which the visitor's tap starts the consented login: it never starts by itself. */
export function profilePage(visit: Visit, to: string, failed: boolean, cookies: readonly string[]): Promise<Response> {
  const page = { kind: "profile", to, consentText: null, failed, canSkip: false } as const;
  return pageAnswer(visit, 401, page, { cookies });
}

/**
 * `POST /_wx/login`, fields `to` and `scope`: the button of our own pages. Without a scope it is the profile page's and
 * starts `snsapi_userinfo`; with `scope=base` it starts a silent login anew.
 */
export async function loginButton(visit: Visit): Promise<Response> {
  const form = isOwnRequest(visit) ? await readForm(visit.request) : null;
  if (form === null) {
    reportFailure(visit, "foreign_request");
    return failureAnswer(visit, "foreign_request");
  }
  const to = safeReturnPath(form.get("to"));
  if (siteClient(visit) === "outside") return outsideAnswer(visit, to);
  const scope = form.get("scope") === "base" ? "base" : "userinfo";
  return startLogin(visit, { to, scope, purpose: "login", tries: "anew" });
}
