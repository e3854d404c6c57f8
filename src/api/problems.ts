/**
 * Everything that the management API answers when it does not do what was asked (RFC 9457). Codes are stable. What to
 * do about each is in `problems-reference.ts`, out of the bundle.
 */
type ProblemFacts = readonly [status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 415 | 503, detail: string];

export const PROBLEMS = {
  key_missing: [401, "Send a key of API_KEYS: Authorization: Bearer wxk_…"],
  key_unknown: [401, "This key is none of API_KEYS."],
  key_wrong_host: [403, "This key is not for this host."],
  key_lacks_scope: [403, "This key lacks the scope that the request needs."],
  not_found: [404, "There is no such endpoint."],
  method_refused: [405, "The endpoint has no such method; see Allow."],
  content_type_refused: [415, "Send Content-Type: application/json."],
  body_too_large: [413, "The body is too large."],
  json_malformed: [400, "The body is no JSON in UTF-8."],
  input_invalid: [400, "See errors."],
  user_unknown: [404, "The site has no such user."],
  site_user_taken: [409, "Another user of the site has this site_user."],
  storage_unavailable: [503, "Storage did not answer. Nothing is half done; repeat the request."],
} as const satisfies Record<string, ProblemFacts>;

export type ProblemCode = keyof typeof PROBLEMS;

/** What is wrong with one part of an input: a parameter by name, or a place in the body by JSON pointer. */
export type InputMistake = { detail: string } & ({ parameter: string } | { pointer: string });
