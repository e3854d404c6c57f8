import { pageAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/** After a sign-out: nobody is signed in again without a tap. */
export function signedOutPage(visit: Visit, to: string, cookies: readonly string[]): Promise<Response> {
  return pageAnswer(visit, 401, { kind: "signed_out", to }, { cookies });
}
