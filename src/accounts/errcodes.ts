import type { RefusalKind } from "./account.ts";

/**
 * WeChat's errcodes on `sns/*` and how each is treated (protocol sheet §2.2). One that is not listed is treated as
 * `config`: it never redirects, and an operator sees it.
 */
export const ERRCODES: Readonly<Record<number, RefusalKind>> = {
  [-1]: "busy",
  40001: "config", // secret wrong, or token invalid
  40002: "config", // grant_type
  40003: "spent", // openid
  40013: "config", // appid
  40014: "spent", // access_token
  40029: "spent", // code: expired, reused, wrong, or another AppID's
  40030: "spent", // refresh_token
  40066: "config", // url
  40125: "config", // secret
  40163: "used", // code been used
  40164: "config", // address not in the IP list
  40226: "user", // high-risk user
  40243: "config", // secret frozen
  41001: "config",
  41002: "config",
  41003: "config",
  41004: "config",
  41008: "config",
  41009: "config",
  42001: "spent", // access_token expired
  42002: "spent", // refresh_token expired
  42003: "spent", // code expired
  42007: "spent", // the user changed the password
  43001: "config",
  43002: "config",
  43003: "config",
  45009: "limited", // daily quota
  45011: "limited", // a minute's quota
  48001: "unauthorised",
  48004: "config", // API banned
  50001: "user",
  50002: "user",
  61004: "config", // address not in the IP list, newer wording
  89503: "config", // address waits for the administrator
};

export function refusalKind(errcode: number): RefusalKind {
  return ERRCODES[errcode] ?? "config";
}
