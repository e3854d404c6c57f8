import { log } from "../log.ts";
import { pseudonym, refusalFacts, reportFailure, visitFacts } from "../report.ts";
import { redirectAnswer } from "../respond.ts";
import { sessionCookie } from "../session/current.ts";
import { expireOriginCookies, noteEnded } from "../session/end.ts";
import { sessionFromRow } from "../session/from-row.ts";
import type { Session } from "../session/session.ts";
import { forgetSignedOut } from "../session/signed-out.ts";
import { putTokens, REFRESH_TOKEN_LIFETIME_SECONDS } from "../storage/tokens.ts";
import type { Visit } from "../visit.ts";
import { type Attempt, markerCookie } from "./attempt.ts";
import { openBreaker } from "./breaker.ts";
import type { LoginOutcome } from "./complete.ts";
import { profilePageUrl } from "./fail.ts";
import { goOn } from "./go-on.ts";

const FIRST_VISIT_SECONDS = 60;

type SignedIn = Extract<LoginOutcome, { kind: "signed_in" }>;

/** The answer to a login that succeeded: session cookie, marker, and back to where the visitor wanted to go. */
export async function finishLogin(
  visit: Visit,
  attempt: Attempt,
  outcome: SignedIn,
  previous: Session | null,
): Promise<Response> {
  const isSamePerson = previous?.openid === outcome.row.openid;
  const held = outcome.profile ?? (isSamePerson && previous?.level === "profile" ? previous : null);
  const session = sessionFromRow(outcome.row, visit.now, visit.site, held);
  const anotherUser = previous !== null && previous.user !== session.user;
  // D1 does not hold the profile: this session would write over the winner's, which has the only copy. Our profile page
  // passes on who has that by now, and asks whom the winner's answer never reached. Nobody stays somebody else for it.
  const isPoorTwin =
    outcome.twin && attempt.scope === "userinfo" && !visit.site.storeProfile && (previous === null || isSamePerson);
  const isReplaced = previous !== null && previous.sid !== session.sid && !isPoorTwin;
  if (isReplaced) noteEnded(visit, previous.sid);
  const cookies = [
    ...(isPoorTwin ? [] : [await sessionCookie(visit, session)]),
    await markerCookie(visit, attempt, "done"),
    ...forgetSignedOut(visit),
    ...(anotherUser ? expireOriginCookies(visit) : []),
  ];
  keepTokens(visit, outcome);
  if (outcome.failedProfile !== null) {
    const { kind } = outcome.failedProfile;
    if (kind === "limited") openBreaker(visit);
    const isAlarm = kind === "limited" || kind === "config";
    const facts = { ...refusalFacts(outcome.failedProfile), ...(isAlarm ? { level: "error" as const } : {}) };
    reportFailure(visit, "profile_unavailable", facts);
  }
  log(visit.runtime.version, {
    event: attempt.purpose === "renewal" ? "renewal" : "login",
    ...visitFacts(visit),
    who: await pseudonym(visit, session.openid),
    amr: session.amr,
    new_user: outcome.newUser,
    twin: outcome.twin,
  });
  const detour = isPoorTwin ? profilePageUrl(attempt.to, "failed") : profileDetour(visit, attempt, outcome, session);
  return detour === null ? goOn(visit, attempt.to, cookies) : redirectAnswer(visit, 302, detour, { cookies });
}

/** The profile page, where it failed or where a first visit meets it; `null` = on to the page that was wanted. */
function profileDetour(
  visit: Visit,
  attempt: Attempt,
  { row, failedProfile }: SignedIn,
  session: Session,
): string | null {
  if (failedProfile !== null) return profilePageUrl(attempt.to, "failed");
  // The twin of a first callback may come a moment later: it belongs to the same first visit.
  const isNew = visit.now - row.bound_at < FIRST_VISIT_SECONDS;
  const isFirstVisit = row.not_now_until === null ? isNew : row.not_now_until <= visit.now;
  const asks = visit.site.firstVisit === "profile" && attempt.purpose === "login" && session.level === "login";
  return asks && isFirstVisit && attempt.scope === "base" ? profilePageUrl(attempt.to) : null;
}

/** One KV put behind the answer, only for tokens that can fetch a profile again, where it is renewed at all. */
function keepTokens(visit: Visit, { tokens, row }: SignedIn): void {
  if (tokens === null || tokens.refreshToken === null || !visit.site.storeProfile) return;
  const { env, sealingKeys } = visit.runtime;
  const set = {
    accessToken: tokens.accessToken,
    accessExpiresAt: visit.now + tokens.expiresInSeconds,
    refreshToken: tokens.refreshToken,
    refreshExpiresAt: visit.now + REFRESH_TOKEN_LIFETIME_SECONDS,
  };
  const put = putTokens(env.TOKENS, sealingKeys, row.app_id, row.openid, set, visit.now);
  visit.waitUntil(put.catch(() => reportFailure(visit, "token_store_unavailable")));
}
