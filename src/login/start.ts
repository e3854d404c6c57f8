import type { Scope } from "../accounts/account.ts";
import { authorizeUrl } from "../accounts/official.ts";
import { toBase64Url, utf8Bytes } from "../encoding.ts";
import { reportFailure } from "../report.ts";
import { failureAnswer, redirectAnswer } from "../respond.ts";
import { forgetSignedOut } from "../session/signed-out.ts";
import type { Visit } from "../visit.ts";
import { type Attempt, attemptCookies, LAST_TRY, newState, readAttempts, triesSoFar } from "./attempt.ts";
import { breakerAnswer } from "./breaker.ts";

/** Longer return paths are not repeated in the redirect_uri: WeChat is said to cut long parameters. */
const RETURN_HINT_MAX_BYTES = 256;

export type LoginStart = {
  /** A safe return path. */
  to: string;
  scope: Scope;
  purpose: Attempt["purpose"];
  /** Given when this start follows a failure; otherwise the browser's markers tell. `anew` = the visitor tapped. */
  tries?: number | "anew";
  cookies?: readonly string[];
};

/** Sends the visitor to WeChat's authorize page, or to a page when it was tried often enough. */
export async function startLogin(visit: Visit, start: LoginStart): Promise<Response> {
  const limited = await breakerAnswer(visit, start.cookies);
  if (limited !== null) return limited;
  const present = await readAttempts(visit);
  const tries = start.tries === "anew" ? 0 : (start.tries ?? triesSoFar(present));
  if (tries > LAST_TRY) {
    reportFailure(visit, "cookies_blocked");
    const page = { kind: "cookies_blocked", code: "cookies_blocked", to: start.to } as const;
    return failureAnswer(visit, "cookies_blocked", page, { cookies: start.cookies ?? [] });
  }
  const attempt: Attempt = {
    kind: "open",
    state: newState(tries),
    to: start.to,
    scope: start.scope,
    tries,
    startedAt: visit.now,
    purpose: start.purpose,
  };
  const location = authorizeUrl(visit.runtime.config, {
    appId: visit.site.account.appId,
    redirectUri: redirectUri(visit, start.to),
    scope: start.scope,
    state: attempt.state,
  });
  const cookies = [
    ...(start.cookies ?? []),
    ...(await attemptCookies(visit, attempt, present)),
    ...forgetSignedOut(visit),
  ];
  return redirectAnswer(visit, 302, location, { cookies });
}

/** `https://CALLBACK_HOST/_wx/callback`, with `site` when that is another host, and the return path as a hint. */
export function redirectUri(visit: Visit, to: string): string {
  const callbackHost = visit.site.callbackHost ?? visit.host;
  const parameters: string[] = [];
  if (callbackHost !== visit.host) parameters.push(`site=${encodeURIComponent(visit.host)}`);
  const path = utf8Bytes(to);
  if (path.length <= RETURN_HINT_MAX_BYTES) parameters.push(`r=${toBase64Url(path)}`);
  const query = parameters.length === 0 ? "" : `?${parameters.join("&")}`;
  return `${visit.scheme}://${callbackHost}/_wx/callback${query}`;
}
