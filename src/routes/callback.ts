import { findSite } from "../config/find-site.ts";
import { isPartOfPage } from "../gate/visitor.ts";
import { type Attempt, dropAttempt, findAttempt, mostTries, readAttempts } from "../login/attempt.ts";
import { breakerSeconds } from "../login/breaker.ts";
import { parseCallback } from "../login/callback-parameters.ts";
import { completeLogin } from "../login/complete.ts";
import { failLogin } from "../login/fail.ts";
import { finishLogin } from "../login/finish.ts";
import { isFlooding } from "../login/flood.ts";
import { goOn } from "../login/go-on.ts";
import { type CallbackStep, judgeCallback } from "../login/judge-callback.ts";
import { startLogin } from "../login/start.ts";
import { refuse } from "../refuse.ts";
import { redirectAnswer } from "../respond.ts";
import { currentSession, peekSession } from "../session/current.ts";
import { isAlive, type Session } from "../session/session.ts";
import { isSignedOut } from "../session/signed-out.ts";
import type { Visit } from "../visit.ts";
import { loginRequired } from "./login-required.ts";
import { outsideAnswer, siteClient } from "./outside.ts";
import { canSkipProfile, levelAt } from "./return-level.ts";
import { signedOutPage } from "./signed-out-page.ts";
import { storageUnavailable } from "./storage-unavailable.ts";

/** `GET /_wx/callback`: WeChat's redirect_uri. The order of its cases is design 7.3. */
export async function callback(visit: Visit): Promise<Response> {
  const parameters = parseCallback(visit.search, visit.scheme);
  const attempt = parameters === null ? null : await findAttempt(visit, parameters.state);
  const facts = { parameters, site: callbackSite(visit, parameters?.site ?? null), attempt };
  const step = judgeCallback({ ...facts, hasLiveSession: false, triesHeld: 0 });
  if (step.kind !== "restart") return answer(visit, step, []);
  // Only now may D1 be asked: an exchange must not wait for it.
  const { session, unavailable, cookies } = await currentSession(visit);
  if (unavailable) {
    return storageUnavailable(visit);
  }
  const triesHeld = mostTries(await readAttempts(visit));
  return answer(visit, judgeCallback({ ...facts, hasLiveSession: session !== null, triesHeld }), cookies);
}

async function answer(visit: Visit, step: CallbackStep, cookies: readonly string[]): Promise<Response> {
  switch (step.kind) {
    case "malformed":
      return refuse(visit, "callback_malformed", { kind: "try_again", code: "callback_malformed", to: "/" });
    case "relay":
      return redirectAnswer(visit, 302, `${visit.scheme}://${step.host}/_wx/callback${withoutSite(visit.search)}`);
    case "refused": {
      const scope = step.scope === "userinfo" ? "profile" : "base";
      const canSkip = scope === "profile" && canSkipProfile(visit, step.to);
      return refuse(visit, "consent_refused", { kind: "refused", to: step.to, scope, canSkip });
    }
    case "exchange": {
      // Signed out since this login began: a tap on sign in would have taken the marker away.
      if (await isSignedOut(visit)) {
        return signedOutPage(visit, step.attempt.to, [dropAttempt(visit, step.attempt)]);
      }
      if (await isFlooding(visit, step.attempt.state)) return floodAnswer(visit);
      const previous = await peekSession(visit);
      const attempt = attemptOf(visit, step.attempt, previous);
      const outcome = await completeLogin(visit, attempt, step.code, previous?.sid ?? null);
      return outcome.kind === "signed_in"
        ? finishLogin(visit, attempt, outcome, previous)
        : failLogin(visit, attempt, outcome, previous);
    }
    case "go_on":
      return goOn(visit, step.to, cookies);
    case "restart":
      // As at the sign-in itself: whatever cannot show a login starts none.
      if (isPartOfPage(visit.request.headers)) return loginRequired(visit, "login", cookies);
      if (siteClient(visit) === "outside") return outsideAnswer(visit, step.to);
      if (await isSignedOut(visit)) return signedOutPage(visit, step.to, []);
      return restart(visit, step);
  }
}

function restart(visit: Visit, { to, tries }: { to: string; tries: number }): Promise<Response> | Response {
  const purpose = purposeAt(visit, to);
  // Not without any cookie: nothing of ours would stop its way round between an isolate that knows of the limit and one that
  // does not. With others' cookies alone the limit's minute ends it, or the browser.
  if (purpose === "auto" && visit.cookies.header !== null && breakerSeconds(visit) > 0) return goOn(visit, to, []);
  return startLogin(visit, { to, purpose, tries });
}

/** A renewal whose session is over has nothing to renew. */
function attemptOf(visit: Visit, attempt: Attempt, previous: Session | null): Attempt {
  const isOver = previous === null || !isAlive(previous, visit.site.session, visit.now);
  return attempt.purpose === "renewal" && isOver ? { ...attempt, purpose: purposeAt(visit, attempt.to) } : attempt;
}

/** A login whose cookie is lost, or its session, fails as softly as the page asks that it returns to. */
function purposeAt(visit: Visit, to: string): "auto" | "login" {
  return levelAt(visit, to) === "auto" ? "auto" : "login";
}

/** A `site` must be configured with this callback's own AppID; anything else is no login of ours. */
function callbackSite(visit: Visit, site: string | null): "own" | "another" | "unknown" {
  if (site === null || site === visit.host) return "own";
  const target = findSite(visit.runtime.config, site);
  // A site serves every port of its host, but a code goes only where the configuration names the port.
  if (site.includes(":") && target?.id !== site) return "unknown";
  return target?.account.appId === visit.site.account.appId ? "another" : "unknown";
}

/** The other host gets the code and state as they came; it is its own `site`. */
function withoutSite(search: string): string {
  const parameters = new URLSearchParams(search);
  parameters.delete("site");
  return `?${parameters}`;
}

function floodAnswer(visit: Visit): Promise<Response> {
  const page = { kind: "too_many", code: "too_many_callbacks", retryAfterSeconds: 60 } as const;
  return refuse(visit, "too_many_callbacks", page, { headers: { "Retry-After": "60" } });
}
