import type { Scope } from "../accounts/account.ts";
import { authorizeUrl } from "../accounts/official.ts";
import { toBase64Url, utf8Bytes } from "../encoding.ts";
import { refuse } from "../refuse.ts";
import { redirectAnswer } from "../respond.ts";
import { forgetSignedOut } from "../session/signed-out.ts";
import type { Visit } from "../visit.ts";
import { type Attempt, attemptCookies, LAST_TRY, newState, readAttempts, triesSoFar } from "./attempt.ts";
import { breakerAnswer } from "./breaker.ts";

/** Longer return paths are not repeated in the redirect_uri: WeChat is said to cut long parameters. */
const RETURN_HINT_MAX_BYTES = 256;

export type LoginStart = {
  /** A safe return path. */
  to: string;
  /** Silent, if nothing else is said. */
  scope?: Scope;
  purpose: Attempt["purpose"];
  /** Given when this start follows a failure; otherwise the browser's markers tell. `anew` = the visitor tapped. */
  tries?: number | "anew";
  cookies?: readonly string[];
};

/** Sends the visitor to WeChat's authorize page, or to a page when it was tried often enough. */
export async function startLogin(visit: Visit, start: LoginStart): Promise<Response> {
  const { to, scope = "base", purpose, cookies = [] } = start;
  const limited = await breakerAnswer(visit, cookies);
  if (limited !== null) return limited;
  const present = await readAttempts(visit);
  const tries = start.tries === "anew" ? 0 : (start.tries ?? triesSoFar(present));
  if (tries > LAST_TRY) {
    const page = { kind: "cookies_blocked", code: "cookies_blocked", to } as const;
    return refuse(visit, "cookies_blocked", page, { cookies });
  }
  const attempt: Attempt = {
    kind: "open",
    state: newState(tries),
    to,
    scope,
    tries,
    startedAt: visit.now,
    purpose,
  };
  const location = authorizeUrl(visit.runtime.config, {
    appId: visit.site.account.appId,
    redirectUri: redirectUri(visit, to),
    scope,
    state: attempt.state,
  });
  const ours = [...cookies, ...(await attemptCookies(visit, attempt, present)), ...forgetSignedOut(visit)];
  return redirectAnswer(visit, 302, location, { cookies: ours });
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
