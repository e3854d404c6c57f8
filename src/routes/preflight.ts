import { emptyAnswer, failureAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";
import { isAllowedOrigin } from "./allowed-origin.ts";

const PREFLIGHT_MAX_AGE_SECONDS = 600;

/**
 * A preflight on a gated path carries no cookie, so it cannot be let through as anybody: it is answered here, from
 * `allowed_origins`, or refused.
 */
export async function answerPreflight(visit: Visit): Promise<Response> {
  const { headers } = visit.request;
  const origin = headers.get("origin");
  const method = headers.get("access-control-request-method") ?? "";
  const names = headers.get("access-control-request-headers") ?? "";
  const isToken = /^[!#$%&'*+.^_`|~\w-]+$/.test(method) && /^[!#$%&'*+.^_`|~\w, -]*$/.test(names);
  if (!isToken || !isAllowedOrigin(visit, origin)) return failureAnswer(visit, "foreign_request");
  return emptyAnswer(visit, {
    headers: {
      "Access-Control-Allow-Origin": origin,
      "Access-Control-Allow-Credentials": "true",
      "Access-Control-Allow-Methods": method,
      ...(names === "" ? {} : { "Access-Control-Allow-Headers": names }),
      "Access-Control-Max-Age": String(PREFLIGHT_MAX_AGE_SECONDS),
      Vary: "Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
    },
  });
}
