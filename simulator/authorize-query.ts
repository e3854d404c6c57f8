/** WeChat matches the authorize link by a strict pattern, in this order; anything else is "该链接无法访问". */

import type { AuthorizeProblemId } from "./authorize-problems.ts";

const STATE_MAX_BYTES = 128;

export type AuthorizeRequest = {
  appid: string;
  redirectUri: string;
  scope: "snsapi_base" | "snsapi_userinfo";
  state: string;
  forcePopup: boolean;
  forceSnapShot: boolean;
};

type CheckedAuthorize = { ok: true; request: AuthorizeRequest } | { ok: false; problem: AuthorizeProblemId };

const QUERY =
  /^appid=([^&]*)&redirect_uri=([^&]*)&response_type=code&scope=([^&]*)(?:&state=([^&]*))?((?:&(?:connect_redirect=1|forcePopup=(?:true|false)|forceSnapShot=(?:true|false)))*)$/;
const SCOPES = new Set(["snsapi_base", "snsapi_userinfo"]);

const refuse = (problem: AuthorizeProblemId): CheckedAuthorize => ({ ok: false, problem });

/** Judges the raw query, byte for byte, as it came in. */
export function checkAuthorizeQuery(rawQuery: string): CheckedAuthorize {
  const match = QUERY.exec(rawQuery);
  if (match === null) return refuse("link");
  const [, appid = "", encodedRedirect = "", scope = "", encodedState = "", tail = ""] = match;
  if (appid === "") return refuse(10012);
  if (encodedRedirect === "") return refuse(10011);
  if (scope === "") return refuse(10010);
  if (encodedState === "") return refuse(10013);
  if (!isScope(scope)) return refuse("link");

  const redirectUri = decode(encodedRedirect);
  const state = decode(encodedState);
  const extras = tail.split("&").slice(1);
  const names = extras.map((extra) => extra.split("=", 1)[0]);
  if (redirectUri === null || state === null || new Set(names).size < names.length) return refuse("link");
  if (new TextEncoder().encode(state).length > STATE_MAX_BYTES) return refuse("state-long");
  if (!/^[A-Za-z0-9]+$/.test(state)) return refuse("state-charset");
  // No scheme, no host: WeChat calls both a domain mismatch.
  if (!/^https?:\/\//i.test(redirectUri) || !URL.canParse(redirectUri)) return refuse(10003);

  const forcePopup = extras.includes("forcePopup=true");
  const forceSnapShot = extras.includes("forceSnapShot=true");
  return { ok: true, request: { appid, redirectUri, scope, state, forcePopup, forceSnapShot } };
}

function isScope(scope: string): scope is AuthorizeRequest["scope"] {
  return SCOPES.has(scope);
}

function decode(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
