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

/** By `forEach`, because an iterator is one more object of the runtime's for each request to collect. */
function sharedCacheHeaders(headers: Headers): string[] {
  const names: string[] = [];
  headers.forEach((_value, name) => {
    if (SHARED_CACHE_HEADER.test(name)) names.push(name);
  });
  return names;
}

export function adaptAnswer(
  call: OriginRequest,
  response: Response,
  audience: Audience,
  cookies: readonly string[],
): Response {
  if (response.status === 101) return adaptUpgrade(call, response);
  const { headers } = response;
  const location = publicLocation(call, headers);
  const kept = headers.has("set-cookie") ? withoutOwn(call, headers.getSetCookie()) : null;
  const becomesPrivate = (audience === "signed_in" || cookies.length > 0) && !isPrivate(headers);
  const variesNow = audience === "anonymous" && !variesByCookie(headers);
  if (location === null && kept === null && !becomesPrivate && !variesNow && cookies.length === 0) return response;

  const copy = new Response(response.body, response);
  if (location !== null) copy.headers.set("Location", location);
  if (kept !== null) replaceCookies(copy.headers, kept);
  if (becomesPrivate) makePrivate(copy);
  if (variesNow) copy.headers.append("Vary", "Cookie");
  for (const cookie of cookies) copy.headers.append("Set-Cookie", cookie);
  return copy;
}

/** The origin's cookies without any that would be one of ours; `null` = there is none such. */
function withoutOwn(call: OriginRequest, lines: readonly string[]): string[] | null {
  const kept = lines.filter((line) => !setsOwnCookie(call.scheme, line));
  return kept.length === lines.length ? null : kept;
}

function replaceCookies(headers: Headers, lines: readonly string[]): void {
  headers.delete("Set-Cookie");
  for (const line of lines) headers.append("Set-Cookie", line);
}

/** Only a foreign hand on our cookies is worth a copy, and that must carry the WebSocket itself. */
function adaptUpgrade(call: OriginRequest, response: Response): Response {
  const kept = withoutOwn(call, response.headers.getSetCookie());
  if (kept === null) return response;
  const headers = new Headers(response.headers);
  replaceCookies(headers, kept);
  return new Response(null, { status: 101, webSocket: response.webSocket, headers });
}

/**
 * What takes a `private` or `no-store` back: other directives (`must-understand`: RFC 9111 §5.2.2.3), and quotes, in
 * which the word may only be somebody's text.
 */
const OPENS_AGAIN = /\b(?:public|s-maxage|must-understand)\b|"/;

/** Does the origin itself keep shared caches away, by one of these directives and with nothing beside that says otherwise? */
function isClosed(headers: Headers, directives: RegExp): boolean {
  const control = (headers.get("cache-control") ?? "").toLowerCase();
  return directives.test(control) && !OPENS_AGAIN.test(control) && sharedCacheHeaders(headers).length === 0;
}

function isPrivate(headers: Headers): boolean {
  return isClosed(headers, /(?:^|,)[ \t]*(?:private|no-store)[ \t]*(?:,|$)/);
}

/**
 * The browser asks again, so what it keeps does not outlive the sign-out or the account. A page it must not keep at all:
 * the back button shows one that is kept without asking (protocol sheet §9). What has no type, or one of no meaning, is one:
 * browsers find HTML in it (MIME Sniffing §7). Without a body, or as a part, it is none that they would look into.
 */
function makePrivate(copy: Response): void {
  const { headers } = copy;
  // The body last: asking for it makes an object.
  const type = headers.get("content-type") ?? (copy.status === 206 || copy.body === null ? "/" : "");
  const isPage =
    /^(?:text\/html|application\/xhtml|(?:application|unknown)\/unknown|\*\/\*|[^/]*$)|,\s*text\/html/i.test(type);
  headers.set("Cache-Control", `private, ${isPage ? "no-store" : "no-cache"}`);
  for (const name of sharedCacheHeaders(headers)) headers.delete(name);
  headers.delete("Expires");
}

function variesByCookie(headers: Headers): boolean {
  const vary = (headers.get("vary") ?? "").toLowerCase();
  return (
    /(?:^|,)[ \t]*(?:cookie|\*)[ \t]*(?:,|$)/.test(vary) || isClosed(headers, /(?:^|,)[ \t]*no-store[ \t]*(?:,|$)/)
  );
}
