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
