import type { ApiScope } from "../config/config.ts";
import { log } from "../log.ts";
import { jsonAnswer } from "../respond.ts";
import type { Visit } from "../visit.ts";

/**
 * Everything that the management API answers when it does not do what was asked (RFC 9457). Codes are stable. What to
 * do about each is in `problems-reference.ts`, out of the bundle.
 */
type ProblemFacts = { status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 503; detail: string };

export const PROBLEMS = {
  key_missing: { status: 401, detail: "Send a key of API_KEYS: Authorization: Bearer wxk_…" },
  key_unknown: { status: 401, detail: "This key is none of API_KEYS." },
  key_wrong_host: { status: 403, detail: "This key is not for this host." },
  key_lacks_scope: { status: 403, detail: "This key lacks the scope that the request needs." },
  not_found: { status: 404, detail: "There is no such endpoint." },
  method_refused: { status: 405, detail: "The endpoint has no such method; see Allow." },
  content_type_refused: { status: 415, detail: "Send Content-Type: application/json." },
  body_too_large: { status: 413, detail: "The body is too large." },
  json_malformed: { status: 400, detail: "The body is no JSON in UTF-8." },
  input_invalid: { status: 400, detail: "See errors." },
  user_unknown: { status: 404, detail: "The site has no such user." },
  site_user_taken: { status: 409, detail: "Another user of the site has this site_user." },
  storage_unavailable: { status: 503, detail: "Storage did not answer. Nothing is half done; repeat the request." },
} as const satisfies Record<string, ProblemFacts>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one part of an input: a parameter by name, or a place in the body by JSON pointer. */
export type InputMistake = { detail: string } & ({ parameter: string } | { pointer: string });

export type ProblemOptions = { errors?: readonly InputMistake[]; headers?: Record<string, string> };

export function problem(visit: Visit, code: ProblemCode, { errors, headers = {} }: ProblemOptions = {}): Response {
  const { status, detail } = PROBLEMS[code];
  const title = code[0]?.toUpperCase() + code.slice(1).replaceAll("_", " ");
  const body = { type: `urn:wxgate:problem:${code}`, title, status, detail, code, request_id: visit.requestId };
  return jsonAnswer(visit, status, errors === undefined ? body : { ...body, errors }, {
    headers: { ...headers, "Content-Type": "application/problem+json" },
  });
}

export function reportProblem(visit: Visit, code: ProblemCode, detail?: string): void {
  log(visit.runtime.version, {
    event: "failure",
    level: code === "storage_unavailable" ? "error" : "warn",
    code,
    site: visit.site.id,
    request_id: visit.requestId,
    duration_ms: Date.now() - visit.receivedAt,
    ...(detail !== undefined && { detail }),
  });
}

/** D1 or KV failed. Every write is one transaction, and safe to repeat. */
export function storageProblem(visit: Visit, detail: string): Response {
  reportProblem(visit, "storage_unavailable", detail);
  return problem(visit, "storage_unavailable");
}

/** Who is refused, and why, as RFC 6750 has it. */
export function keyProblem(visit: Visit, code: ProblemCode, scope?: ApiScope): Response {
  reportProblem(visit, code);
  const challenge = scope === undefined ? "Bearer" : `Bearer error="insufficient_scope", scope="${scope}"`;
  return problem(visit, code, { headers: { "WWW-Authenticate": challenge } });
}
