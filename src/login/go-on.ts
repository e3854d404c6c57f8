import { redirectAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** On to the page that was wanted. A bare `#` keeps `#wechat_redirect` from being inherited by it. */
export function goOn(visit: Visit, to: string, cookies: readonly string[]): Response {
  return redirectAnswer(visit, 302, `${to}#`, { cookies });
}
