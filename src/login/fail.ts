import type { ProviderFailure } from "../accounts/account.ts";
import type { FailureCode } from "../errors.ts";
import type { Page } from "../pages/page.ts";
import { refusalFacts, reportFailure } from "../report.ts";
import { failureAnswer, redirectAnswer } from "../respond.ts";
import { sessionCookie } from "../session/current.ts";
import { forgetPerson, noteEnded } from "../session/end.ts";
import { isAlive, type Session } from "../session/session.ts";
import { endSession } from "../storage/d1.ts";
import type { Visit } from "../visit.ts";
import { type Attempt, dropAttempt, markerCookie } from "./attempt.ts";
import { breakerAnswer, breakerSeconds, openBreaker } from "./breaker.ts";
import { type LoginOutcome, remainingMs } from "./complete.ts";
import { goOn } from "./go-on.ts";
import { isLastTry } from "./judge-callback.ts";
import { startLogin } from "./start.ts";

/** A renewal that failed is tried again after this long. */
const RENEWAL_PAUSE_SECONDS = 600;

/** The session's cookie with the note that it is not renewed before that. */
export function renewLater(visit: Visit, session: Session): Promise<string> {
  return sessionCookie(visit, { ...session, renewNotBefore: visit.now + RENEWAL_PAUSE_SECONDS });
}

type Failed = Exclude<LoginOutcome, { kind: "signed_in" }>;

/** The answer to a login that did not succeed. Never an exception text, never a blank page, never an endless loop. */
export async function failLogin(
  visit: Visit,
  attempt: Attempt,
  outcome: Failed,
  previous: Session | null,
): Promise<Response> {
  const code = CODES[outcome.kind === "provider_failed" ? outcome.failure.kind : outcome.kind];
  reportFailure(visit, code, detailsOf(outcome));
  if (outcome.kind === "provider_failed" && outcome.failure.kind === "limited") openBreaker(visit);

  const dropped = [dropAttempt(visit, attempt)];
  // Another callback with this code, or another tab, has signed the visitor in meanwhile (protocol sheet §2.2).
  if (code === "login_expired" && attempt.scope === "base" && isSignedInSince(visit, attempt, previous))
    return goOn(visit, attempt.to, dropped);

  const soft = await failSoftly(visit, attempt, outcome, previous);
  if (soft !== null) return soft;

  const answer = (page?: Page) => failureAnswer(visit, code, page, { cookies: dropped });
  if (outcome.kind === "snapshot") return answer({ kind: "snapshot" });
  if (outcome.kind === "blocked") {
    // WeChat has just said that the browser is somebody else's.
    const isAnother = previous !== null && outcome.openid !== undefined && previous.openid !== outcome.openid;
    if (isAnother) {
      const ended = await endSession(visit.runtime.env.DB, previous.sid, visit.now, remainingMs(visit));
      // The cookie is gone at least.
      if (!ended.ok) reportFailure(visit, "storage_unavailable", { detail: ended.detail });
      noteEnded(visit, previous.sid);
      dropped.push(...forgetPerson(visit));
    }
    return answer({ kind: "blocked" });
  }
  // Trying again helps little against these, but the last try's page has the button (design 7.3).
  const tryAgain = { kind: "try_again", code, to: attempt.to } as const;
  const lastPage = isLastTry(attempt.tries) ? tryAgain : undefined;
  if (outcome.kind === "storage_failed") return answer(lastPage);

  switch (outcome.failure.kind) {
    case "used":
    case "spent":
    case "busy":
    case "unreachable":
    case "rubbish":
      // Consent is never asked for again by itself: the visitor finds the profile page.
      if (attempt.scope === "userinfo")
        return redirectAnswer(visit, 302, profilePageUrl(attempt.to, "failed"), { cookies: dropped });
      if (mayRetry(outcome) && !isLastTry(attempt.tries)) return tryAfresh(visit, attempt);
      return answer(tryAgain);
    case "limited":
      return (await breakerAnswer(visit, dropped)) ?? answer();
    case "user":
    case "config":
    case "unauthorised":
      return answer(lastPage);
  }
}

function isSignedInSince({ site, now }: Visit, { startedAt }: Attempt, session: Session | null): boolean {
  return session !== null && session.signedInAt >= startedAt && isAlive(session, site.session, now);
}

/** Our profile page: at a first visit, or after a consented login that did not bring the profile; with `#` as in `goOn`. */
export function profilePageUrl(to: string, why?: "failed"): string {
  return `/_wx/login?scope=profile${why ? "&failed=1" : ""}&to=${encodeURIComponent(to)}#`;
}

/**
 * A renewal goes on with the session, which lives, or the callback had made it a login; an `auto` visitor goes on
 * anonymously for ten minutes. A blocked user does neither. `null` = this login has nothing to fall back to.
 */
async function failSoftly(
  visit: Visit,
  attempt: Attempt,
  outcome: Failed,
  previous: Session | null,
): Promise<Response | null> {
  if (outcome.kind === "blocked") return null;
  if (attempt.purpose === "renewal" && previous !== null) {
    return goOn(visit, attempt.to, [await renewLater(visit, previous), dropAttempt(visit, attempt)]);
  }
  if (attempt.purpose === "auto") {
    if (mayRetry(outcome) && !isLastTry(attempt.tries) && breakerSeconds(visit) === 0) return tryAfresh(visit, attempt);
    return goOn(visit, attempt.to, [await markerCookie(visit, attempt, "paused")]);
  }
  return null;
}

function mayRetry(outcome: Failed): boolean {
  return outcome.kind === "provider_failed" && ["used", "spent", "busy"].includes(outcome.failure.kind);
}

function tryAfresh(visit: Visit, attempt: Attempt): Promise<Response> {
  const { to, purpose, tries } = attempt;
  return startLogin(visit, { to, purpose, tries: tries + 1, cookies: [dropAttempt(visit, attempt)] });
}

const CODES: Record<ProviderFailure["kind"] | Exclude<Failed["kind"], "provider_failed">, FailureCode> = {
  used: "login_expired",
  spent: "login_expired",
  busy: "wechat_busy",
  unreachable: "wechat_unreachable",
  rubbish: "wechat_rubbish",
  config: "wechat_config",
  unauthorised: "wechat_config",
  limited: "wechat_limited",
  user: "wechat_refused_user",
  snapshot: "snapshot_visitor",
  blocked: "blocked",
  storage_failed: "storage_unavailable",
};

function detailsOf(outcome: Failed) {
  if (outcome.kind === "provider_failed") return refusalFacts(outcome.failure);
  return outcome.kind === "storage_failed" ? { detail: outcome.detail } : {};
}
