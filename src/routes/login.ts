import { safeReturnPath } from "../gate/return-path.ts";
import { isPartOfPage } from "../gate/visitor.ts";
import { startLogin } from "../login/start.ts";
import { pickLanguage } from "../pages/language.ts";
import { reportFailure } from "../report.ts";
import { pageAnswer, redirectAnswer } from "../respond.ts";
import { currentSession } from "../session/current.ts";
import { rememberNotNow } from "../storage/profiles.ts";
import type { Visit } from "../visit.ts";
import { loginRequired } from "./login-required.ts";
import { outsideAnswer, siteClient } from "./outside.ts";
import { ownForm } from "./own-request.ts";
import { canSkipProfile } from "./return-level.ts";
import { storageUnavailable } from "./storage-unavailable.ts";

/** How long a visitor who said not now at the first visit is not asked again. */
const NOT_NOW_SECONDS = 30 * 24 * 60 * 60;

/** `GET /_wx/login?to=/path[&scope=profile]`: straight there when signed in far enough, else WeChat or our own page. */
export async function loginPage(visit: Visit): Promise<Response> {
  const parameters = new URLSearchParams(visit.search);
  const to = safeReturnPath(parameters.get("to"));
  const wantsProfile = parameters.get("scope") === "profile";
  const { session, unavailable, cookies } = await currentSession(visit);
  if (unavailable) {
    return storageUnavailable(visit);
  }
  const isEnough = session !== null && (!wantsProfile || session.level === "profile");
  if (isEnough) return redirectAnswer(visit, 302, to, { cookies });
  // A page's script, image, frame or prefetch: it could not show the sign-in, and must not end the pause of a sign-out.
  if (isPartOfPage(visit.request.headers)) return loginRequired(visit, wantsProfile ? "profile" : "login", cookies);
  if (siteClient(visit) === "outside") return outsideAnswer(visit, to, cookies);
  // The cookie of an ended session is left alone: this may be a twin's way, and the winner's answer come in between.
  if (wantsProfile)
    return profilePage(visit, to, session === null ? [] : cookies, { failed: parameters.get("failed") === "1" });
  return startLogin(visit, { to, purpose: "login", cookies });
}

/** Our own page, on which the visitor's tap starts the consented login: it never starts by itself. */
export function profilePage(
  visit: Visit,
  to: string,
  cookies: readonly string[],
  { failed }: { failed: boolean },
): Promise<Response> {
  const language = pickLanguage(visit.request.headers.get("accept-language"));
  const consentText = visit.site.consentText?.[language] ?? null;
  const canSkip = canSkipProfile(visit, to);
  return pageAnswer(visit, 401, { kind: "profile", to, consentText, failed, canSkip }, { cookies });
}

/**
 * `POST /_wx/login`, fields `to` and `scope`: the button of our own pages. Without a scope it is the profile page's and
 * starts `snsapi_userinfo`; with `scope=base` it starts a silent login anew; `skip=1` is its 暂不授权.
 */
export async function loginButton(visit: Visit): Promise<Response> {
  const form = await ownForm(visit);
  if (form instanceof Response) return form;
  const to = safeReturnPath(form.get("to"));
  if (form.get("skip") === "1") return notNow(visit, to);
  if (siteClient(visit) === "outside") return outsideAnswer(visit, to);
  const scope = form.get("scope") === "base" ? "base" : "userinfo";
  return startLogin(visit, { to, scope, purpose: "login", tries: "anew" });
}

/** 暂不授权: remembered in the binding, and on to the page that was wanted. */
async function notNow(visit: Visit, to: string): Promise<Response> {
  const { session, cookies } = await currentSession(visit);
  if (session !== null) {
    const key = { appId: visit.site.account.appId, openid: session.openid };
    const remembered = await rememberNotNow(visit.runtime.env.DB, key, visit.now + NOT_NOW_SECONDS);
    // The visitor goes on all the same: the worst is to be asked again.
    if (!remembered.ok) reportFailure(visit, "storage_unavailable", { detail: remembered.detail });
  }
  return redirectAnswer(visit, 303, to, { cookies });
}
