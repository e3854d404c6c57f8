/**
 * Every way a request can fail for an expected reason, with a stable code: messages may change, codes may not.
 * What each means, what the visitor sees and what the operator does is in `errors-reference.ts`, out of the bundle.
 */

type FailureFacts = {
  /** HTTP status of the answer. */
  status: 400 | 401 | 403 | 404 | 405 | 421 | 429 | 502 | 503;
  /** Worth waking somebody: the log line is of level `error`. */
  alarm?: true;
};

export const FAILURES = {
  config_invalid: { status: 503, alarm: true },
  unknown_host: { status: 421 },
  https_required: { status: 403 },
  path_refused: { status: 400 },
  path_odd: { status: 400 },
  method_refused: { status: 405 },
  not_found: { status: 404 },
  login_required: { status: 401 },
  outside_wechat: { status: 403 },
  denied: { status: 403 },
  blocked: { status: 403 },
  foreign_request: { status: 403 },
  callback_malformed: { status: 400 },
  consent_refused: { status: 403 },
  snapshot_visitor: { status: 403 },
  cookies_blocked: { status: 401 },
  login_expired: { status: 503 },
  wechat_busy: { status: 503 },
  wechat_unreachable: { status: 503 },
  wechat_rubbish: { status: 503 },
  wechat_config: { status: 503, alarm: true },
  profile_unavailable: { status: 503 },
  token_store_unavailable: { status: 503 },
  wechat_limited: { status: 503, alarm: true },
  wechat_refused_user: { status: 403 },
  too_many_callbacks: { status: 429 },
  storage_unavailable: { status: 503, alarm: true },
  origin_unreachable: { status: 502 },
  internal_error: { status: 503, alarm: true },
} as const satisfies Record<string, FailureFacts>;

export type FailureCode = keyof typeof FAILURES;

/** The facts behind a code, typed alike for all codes. */
export function failureFacts(code: FailureCode): FailureFacts {
  return FAILURES[code];
}
