import type { FailureCode } from "./errors.ts";

/** The words of `docs/errors.md`. Not imported by the Worker: a code's facts are in `errors.ts`. */

type FailureWords = {
  /** What happened, for operators and developers. */
  meaning: string;
  /** What the visitor sees. */
  visitor: string;
  /** What the operator does. */
  operator: string;
};

export const FAILURE_WORDS: Readonly<Record<FailureCode, FailureWords>> = {
  config_invalid: {
    meaning: "The configuration has mistakes; nothing is forwarded.",
    visitor: "A page with a reference.",
    operator: "Run `npm run doctor`; the log line carries the same text. Correct and deploy.",
  },
  unknown_host: {
    meaning: "No site is configured for the request's host.",
    visitor: "A page with a reference.",
    operator: "Add the host to SITES, or remove it from the Worker's routes.",
  },
  https_required: {
    meaning: "Plain http, and the method cannot be redirected.",
    visitor: "A page with a reference.",
    operator: "Use https; GET and HEAD are redirected.",
  },
  path_refused: {
    meaning:
      "The path can be read in two ways (dot segments, backslash, control bytes, bad encoding, a disguised /_wx/).",
    visitor: "A page with a reference.",
    operator: "Nothing, unless your own pages link there: write the path plainly.",
  },
  path_odd: {
    meaning: 'The path has `//`, `%2F`, `;` or double encoding, and the site has odd_paths = "refuse".',
    visitor: "A page with a reference.",
    operator: 'If your site uses such paths, set odd_paths = "strictest".',
  },
  method_refused: {
    meaning: "The method is not served here.",
    visitor: "A page with a reference.",
    operator: "See the Allow header.",
  },
  not_found: {
    meaning: "No such endpoint under /_wx/.",
    visitor: "A page with a reference.",
    operator: "See the endpoints in README.md.",
  },
  login_required: {
    meaning: "The path needs a signed-in visitor, and the request is no navigation that could be redirected.",
    visitor: "JSON with login_url, or the signed-out page.",
    operator: "In page code, send the visitor to login_url on this answer.",
  },
  outside_wechat: {
    meaning: "The path needs a sign-in, and the visitor's browser is not WeChat.",
    visitor:
      'A page with a QR code of the address, to open in WeChat; with outside = "deny", a page that only says to open it in WeChat.',
    operator: "Nothing; or give the path a weaker level.",
  },
  denied: {
    meaning: "The rule for this path is `deny`.",
    visitor: "A page that says the address is not open.",
    operator: "Nothing, or change the rule.",
  },
  blocked: {
    meaning: "This user is blocked on this site.",
    visitor: "A page that says so and points to the site.",
    operator: "Unblock the user through the management API if it was a mistake.",
  },
  foreign_request: {
    meaning: "A POST, WebSocket or preflight from another site's page, or without a sign of its origin.",
    visitor: "A page with a reference.",
    operator: "If the other site is yours, add it to allowed_origins (WebSocket and preflights only).",
  },
  form_malformed: {
    meaning: "The form of a POST to /_wx/login or /_wx/logout is longer than 16 KB, or broke off.",
    visitor: "A page with a reference.",
    operator: "Nothing, unless a page of yours posts there: send no more than `to`.",
  },
  callback_malformed: {
    meaning: "The callback's parameters are not what WeChat sends.",
    visitor: "A page with a button that starts anew.",
    operator: "Nothing: usually a scanner or a cut link.",
  },
  consent_refused: {
    meaning: "WeChat came back without a code: the visitor refused or closed.",
    visitor: "A page with a button that starts anew.",
    operator: "Nothing: the visitor decides.",
  },
  snapshot_visitor: {
    meaning: "WeChat shows the page in snapshot mode (快照页) with a virtual identity; nothing was stored.",
    visitor: "A page that explains 使用完整服务.",
    operator: "Nothing; if it is frequent, see the profile page's rules: userinfo only after a tap.",
  },
  cookies_blocked: {
    meaning: "The browser did not keep the login's cookies through three tries.",
    visitor: "A page on cookies, with a button that starts anew.",
    operator: "Check that nothing before the gateway strips Set-Cookie, and that the site is opened on one host.",
  },
  login_expired: {
    meaning: "WeChat called the code spent or invalid (40029, 40163, 42003), through three tries.",
    visitor: "A page with a button that starts anew.",
    operator: "If every login ends so, AppID and AppSecret do not belong together.",
  },
  wechat_busy: {
    meaning: "WeChat answered that it is busy (-1), through three tries.",
    visitor: "A page with a button that starts anew.",
    operator: "Wait; see WeChat's status.",
  },
  wechat_unreachable: {
    meaning: "WeChat did not answer in time, or not at all.",
    visitor: "A page with a button that starts anew.",
    operator: "Wait; see WeChat's status.",
  },
  wechat_rubbish: {
    meaning: "WeChat's answer was not what its documents say (HTML, cut JSON, missing openid).",
    visitor: "A page with a button that starts anew.",
    operator: "Wait; if it stays, compare WECHAT_API_URL.",
  },
  wechat_config: {
    meaning: "WeChat refused AppID, AppSecret, address or permission; the errcode is in the log line.",
    visitor: "A page with a reference.",
    operator: "Look the errcode up in WeChat's documents: AppSecret, IP list, account state.",
  },
  profile_unavailable: {
    meaning: "The login succeeded, but sns/userinfo did not bring the profile; the visitor has a `login` session.",
    visitor: "The profile page, with a note that one may try again.",
    operator: "Nothing; if it is frequent, see the errcode and WeChat's status.",
  },
  token_store_unavailable: {
    meaning: "KV did not take WeChat's tokens; the login itself succeeded.",
    visitor: "Nothing.",
    operator: "See Cloudflare's status; the profile is asked for again when it is too old.",
  },
  wechat_limited: {
    meaning: "WeChat's rate limit (45009, 45011) is reached; login calls pause.",
    visitor: "A page that asks to wait.",
    operator: "Wait; 45009 can be cleared ten times a month with clear_quota.",
  },
  wechat_refused_user: {
    meaning: "WeChat will not sign this account in (40226, 50001, 50002).",
    visitor: "A page that says that WeChat restricts this account.",
    operator: "Nothing: WeChat restricts the account.",
  },
  too_many_callbacks: {
    meaning: "More callbacks from one login or one address than people make.",
    visitor: "A page that asks to wait.",
    operator: "Nothing; in an attack, add a WAF rule.",
  },
  storage_unavailable: {
    meaning: "D1 did not answer or refused.",
    visitor: "A page with a reference.",
    operator: "See Cloudflare's status and the database's migrations (`npm run deploy` applies them).",
  },
  origin_unreachable: {
    meaning: "The site's origin did not answer, or with a status that is no HTTP (above 599).",
    visitor: "A page that says the site does not answer.",
    operator: "See whether the origin is up and reachable under the configured `origin`.",
  },
  internal_error: {
    meaning: "A bug in wxgate; the exception is in the log.",
    visitor: "A page with a reference.",
    operator: "Report it with the log line of this request id.",
  },
};
