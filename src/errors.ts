/**
 * Every way a request can fail for an expected reason, with a stable code: messages may change, codes may not.
 * What each means, what the visitor sees and what the operator does is in `errors-reference.ts`, out of the bundle.
 */

type Status = 400 | 401 | 403 | 404 | 405 | 421 | 429 | 502 | 503;

/** Code → HTTP status of the answer. */
export const FAILURES = {
  config_invalid: 503,
  unknown_host: 421,
  https_required: 403,
  path_refused: 400,
  path_odd: 400,
  method_refused: 405,
  not_found: 404,
  login_required: 401,
  outside_wechat: 403,
  denied: 403,
  blocked: 403,
  foreign_request: 403,
  form_malformed: 400,
  callback_malformed: 400,
  consent_refused: 403,
  snapshot_visitor: 403,
  cookies_blocked: 401,
  login_expired: 503,
  wechat_busy: 503,
  wechat_unreachable: 503,
  wechat_rubbish: 503,
  wechat_config: 503,
  profile_unavailable: 503,
  token_store_unavailable: 503,
  wechat_limited: 503,
  wechat_refused_user: 403,
  too_many_callbacks: 429,
  storage_unavailable: 503,
  origin_unreachable: 502,
  internal_error: 503,
} as const satisfies Record<string, Status>;

export type FailureCode = keyof typeof FAILURES;

/** Worth waking somebody: the log line is of level `error`. */
export const ALARMS: ReadonlySet<FailureCode> = new Set([
  "config_invalid",
  "wechat_config",
  "wechat_limited",
  "storage_unavailable",
  "internal_error",
]);
