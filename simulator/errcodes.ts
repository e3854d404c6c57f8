/** WeChat's errcodes on `sns/*`, with the errmsg it usually sends. The `rid:` tail is added by the answer. */

type Errcode = { errmsg: string; meaning: string };

export const ERRCODES: Readonly<Record<number, Errcode>> = {
  [-1]: { errmsg: "system error", meaning: "busy; a code may be consumed already" },
  40001: { errmsg: "invalid credential, access_token is invalid or not latest", meaning: "secret or token wrong" },
  40002: { errmsg: "invalid grant_type", meaning: "grant_type wrong" },
  40003: { errmsg: "invalid openid", meaning: "openid wrong" },
  40013: { errmsg: "invalid appid", meaning: "appid wrong" },
  40014: { errmsg: "invalid access_token", meaning: "access token malformed" },
  40029: { errmsg: "invalid code", meaning: "code expired, unknown, or of another appid" },
  40030: { errmsg: "invalid refresh_token", meaning: "refresh token unknown" },
  40066: { errmsg: "invalid url", meaning: "path wrong" },
  40125: { errmsg: "invalid appsecret", meaning: "secret wrong" },
  40163: { errmsg: "code been used", meaning: "code used before" },
  40164: {
    errmsg: "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist",
    meaning: "caller not in the IP whitelist",
  },
  40226: { errmsg: "code blocked", meaning: "high-risk user" },
  40243: { errmsg: "invalid appsecret, appsecret is frozen", meaning: "secret frozen by the administrator" },
  41001: { errmsg: "access_token missing", meaning: "no access_token" },
  41002: { errmsg: "appid missing", meaning: "no appid" },
  41003: { errmsg: "refresh_token missing", meaning: "no refresh_token" },
  41004: { errmsg: "appsecret missing", meaning: "no secret" },
  41008: { errmsg: "missing code", meaning: "no code" },
  41009: { errmsg: "missing openid", meaning: "no openid" },
  42001: { errmsg: "access_token expired", meaning: "access token older than 7200 s" },
  42002: { errmsg: "refresh_token expired", meaning: "refresh token older than 30 days" },
  42003: { errmsg: "code expired", meaning: "code expired (some product lines)" },
  42007: { errmsg: "access_token and refresh_token exception", meaning: "user changed the password" },
  43001: { errmsg: "require GET method", meaning: "wants GET" },
  43002: { errmsg: "require POST method", meaning: "wants POST" },
  43003: { errmsg: "require https", meaning: "wants https" },
  45009: { errmsg: "reach max api daily quota limit", meaning: "daily quota used up" },
  45011: { errmsg: "api minute-quota reach limit, must slower, retry next minute", meaning: "per-minute limit" },
  48001: { errmsg: "api unauthorized", meaning: "scope does not allow it (base or snapshot token)" },
  48004: { errmsg: "api forbidden for irregularities", meaning: "api banned for this account" },
  50001: { errmsg: "user unauthorized", meaning: "user not authorised" },
  50002: { errmsg: "user limited", meaning: "user's account banned or cancelled" },
  61004: { errmsg: "access clientip is not registered", meaning: "IP not in the whitelist (newer wording)" },
  89503: { errmsg: "this ip needs the confirmation of the administrator", meaning: "new IP to be confirmed" },
};

/** The errmsg of any code; a code outside the table gets a plain one, so that unknown codes can be tried too. */
export function errmsgOf(errcode: number): string {
  return ERRCODES[errcode]?.errmsg ?? `errcode ${errcode}`;
}
