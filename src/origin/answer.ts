import { setsOwnCookie } from "../cookies.ts";
import { type OriginRequest, publicLocation } from "./forward.ts";

/** What must change in an origin's answer before the visitor gets it; a copy is made only if something does. */

export type Audience =
  /** `open`: as the origin says. */
  | "everyone"
  /** Anonymous on `optional` or `auto`: another answer than the signed-in get, so caches must tell them apart. */
  | "anonymous"
  | "signed_in";

/**
 * Headers by which an origin tells shared caches more than Cache-Control does: targeted ones (RFC 9213: any name that
 * ends so), and those of nginx and Akamai.
 */
const SHARED_CACHE_HEADER = /^(?:.+-cache-control|surrogate-control|edge-control|x-accel-expires)$/;

const sharedCacheHeaders = (headers: Headers) => [...headers.keys()].filter((name) => SHARED_CACHE_HEADER.test(name));

export function adaptAnswer(
  call: OriginRequest,
  response: Response,
  audience: Audience,
  cookies: readonly string[],
): Response {
  if (response.status === 101) return adaptUpgrade(call, response);
  const changes: Array<(headers: Headers) => void> = [];

  const location = publicLocation(call, response.headers.get("location"));
  if (location !== null) changes.push((headers) => headers.set("Location", location));

  const originCookies = response.headers.has("set-cookie") ? response.headers.getSetCookie() : [];
  const kept = originCookies.filter((line) => !setsOwnCookie(call.scheme, line));
  if (kept.length !== originCookies.length) {
    changes.push((headers) => {
      headers.delete("Set-Cookie");
      for (const line of kept) headers.append("Set-Cookie", line);
    });
  }

  if ((audience === "signed_in" || cookies.length > 0) && !isPrivate(response.headers)) changes.push(makePrivate);
  if (audience === "anonymous" && !variesByCookie(response.headers))
    changes.push((headers) => headers.append("Vary", "Cookie"));
  if (cookies.length > 0) {
    changes.push((headers) => {
      for (const cookie of cookies) headers.append("Set-Cookie", cookie);
    });
  }

  if (changes.length === 0) return response;
  const copy = new Response(response.body, response);
  for (const change of changes) change(copy.headers);
  return copy;
}

/** Only a foreign hand on our cookies is worth a copy, and that must carry the WebSocket itself. */
function adaptUpgrade(call: OriginRequest, response: Response): Response {
  const originCookies = response.headers.getSetCookie();
  const kept = originCookies.filter((line) => !setsOwnCookie(call.scheme, line));
  if (kept.length === originCookies.length) return response;
  const headers = new Headers(response.headers);
  headers.delete("Set-Cookie");
  for (const line of kept) headers.append("Set-Cookie", line);
  return new Response(null, { status: 101, webSocket: response.webSocket, headers });
}

/** Does the origin itself keep shared caches away, with nothing beside that says otherwise? */
function isPrivate(headers: Headers): boolean {
  const control = (headers.get("cache-control") ?? "").toLowerCase();
  const isClosed = /(?:^|,)\s*(?:private|no-store)\s*(?:,|$)/.test(control);
  return isClosed && !/\b(?:public|s-maxage)\b/.test(control) && sharedCacheHeaders(headers).length === 0;
}

/** `no-cache` beside `private`: the browser asks again, so a page does not outlive the sign-out or the account. */
function makePrivate(headers: Headers): void {
  headers.set("Cache-Control", "private, no-cache");
  for (const name of sharedCacheHeaders(headers)) headers.delete(name);
  headers.delete("Expires");
}

function variesByCookie(headers: Headers): boolean {
  const vary = (headers.get("vary") ?? "").toLowerCase();
  const control = (headers.get("cache-control") ?? "").toLowerCase();
  return /(?:^|,)\s*(?:cookie|\*)\s*(?:,|$)/.test(vary) || /(?:^|,)\s*no-store\s*(?:,|$)/.test(control);
}
