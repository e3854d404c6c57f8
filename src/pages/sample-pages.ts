import type { Page } from "./page.ts";

const TO = "/account/orders?id=42&from=menu";

/** One page of every kind, and of every variant that looks different: for tests and screenshots. */
export const SAMPLE_PAGES: Readonly<Record<string, Page>> = {
  open_in_wechat: { kind: "open_in_wechat", url: "https://www.example.com/goods/1024?color=red&size=L" },
  open_in_wechat_long: {
    kind: "open_in_wechat",
    url: `https://www.example.com/search?q=${"%E6%98%A5%E8%8A%82%E7%A4%BC%E7%9B%92".repeat(15)}&page=2`,
  },
  profile: { kind: "profile", to: TO, consentText: null, failed: false, canSkip: false },
  profile_failed: {
    kind: "profile",
    to: TO,
    consentText: "用于会员中心展示您的头像和昵称，\n不会提供给第三方。",
    failed: true,
    canSkip: true,
  },
  snapshot: { kind: "snapshot" },
  refused_base: { kind: "refused", to: TO, scope: "base", canSkip: false },
  refused_profile: { kind: "refused", to: TO, scope: "profile", canSkip: false },
  refused_profile_skip: { kind: "refused", to: TO, scope: "profile", canSkip: true },
  try_again: { kind: "try_again", code: "wechat_timeout", to: TO },
  cookies_blocked: { kind: "cookies_blocked", code: "cookies_blocked", to: TO },
  blocked: { kind: "blocked" },
  signed_out: { kind: "signed_out", to: TO },
  confirm_sign_out: { kind: "confirm_sign_out", to: TO },
  origin_unreachable: { kind: "origin_unreachable" },
  too_many: { kind: "too_many", code: "too_many_attempts", retryAfterSeconds: 30 },
  denied: { kind: "denied" },
  error_not_found: { kind: "error", code: "endpoint_unknown", status: 404 },
  error_outside: { kind: "error", code: "outside_wechat", status: 403 },
  error_account: { kind: "error", code: "wechat_refused_user", status: 403 },
  error_request: { kind: "error", code: "path_malformed", status: 400 },
  error_server: { kind: "error", code: "storage_unavailable", status: 503 },
};
