import { identityHeaders } from "../identity/headers.ts";
import { emptyAnswer } from "../respond.ts";
import { currentSession } from "../session/current.ts";
import type { Visit } from "../visit.ts";
import { loginRequired } from "./login-required.ts";
import { storageUnavailable } from "./storage-unavailable.ts";

/**
 * `GET /_wx/check[?level=profile]`: for nginx `auth_request` and alike. Judges no rule. Unknown headers are sent empty,
 * so that a proxy that copies them overwrites what a client sent.
 */
export async function check(visit: Visit): Promise<Response> {
  const { session, unavailable, cookies } = await currentSession(visit);
  if (unavailable) {
    return storageUnavailable(visit);
  }
  // A misspelt level must not let more people through.
  const asked = new URLSearchParams(visit.search).getAll("level");
  const level = asked.every((one) => one === "login") ? "login" : "profile";
  if (session === null || (level === "profile" && session.level !== "profile"))
    return loginRequired(visit, level, cookies);
  const headers = Object.fromEntries(
    identityHeaders(session, visit.site.account.appId).map(([name, value]) => [name, value ?? ""]),
  );
  return emptyAnswer(visit, { headers, cookies });
}
