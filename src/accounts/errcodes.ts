import type { RefusalKind } from "./account.ts";

/**
 * WeChat's errcodes on `sns/*` and how each is treated (protocol sheet §2.2). Any other is treated as `config`: it never
 * redirects, and an operator sees it. Of those are known 40001 (secret wrong, or token invalid), 40002 (grant_type),
 * 40013 (appid), 40066 (url), 40125 (secret), 40164 and 61004 (address not in the IP list), 40243 (secret frozen),
 * 41001 to 41004, 41008, 41009, 43001 to 43003, 48004 (API banned), 89503 (address waits for the administrator).
 */
const ERRCODES: Readonly<Record<number, RefusalKind>> = {
  [-1]: "busy",
  40003: "spent", // openid
  40014: "spent", // access_token
  40029: "spent", // code: expired, reused, wrong, or another AppID's
  40030: "spent", // refresh_token
  40163: "used", // code been used
  40226: "user", // high-risk user
  42001: "spent", // access_token expired
  42002: "spent", // refresh_token expired
  42003: "spent", // code expired
  42007: "spent", // the user changed the password
  45009: "limited", // daily quota
  45011: "limited", // a minute's quota
  48001: "unauthorised",
  50001: "user",
  50002: "user",
};

export function refusalKind(errcode: number): RefusalKind {
  return ERRCODES[errcode] ?? "config";
}
