import type { ProblemCode } from "./problems.ts";

/** The words of the table in docs/api.md: what a code means to the caller, and what to do. Not imported by the Worker. */
export const PROBLEM_WORDS: Readonly<Record<ProblemCode, string>> = {
  key_missing: "No `Authorization: Bearer …`.",
  key_unknown: "Not a key of `API_KEYS`. Was the secret set, and the Worker deployed since?",
  key_wrong_host: "The key is good, but `hosts` does not name this host.",
  key_lacks_scope: "A `read` key on a write, or the other way round.",
  not_found: "No such path under `/_wx/api/v1/`.",
  method_refused: "`Allow` names the methods.",
  content_type_refused: "A body without `Content-Type: application/json`.",
  body_too_large: "Over 64 KB; `POST /import` takes 1 MB.",
  json_malformed: "The body is no JSON, or not UTF-8.",
  input_invalid: "`errors` lists every mistake: `parameter` of path or query, or `pointer` (RFC 6901) into the body.",
  user_unknown: "No such user, or one whom the site does not know: no openid of its AppID, and no id of its own.",
  site_user_taken: "Another user of the site has this id: find it with `GET /users?site_user=…`, unbind it first.",
  storage_unavailable: "D1 or KV failed. Nothing is half done: repeat the request.",
};
