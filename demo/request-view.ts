/** What the origin received, in the two shapes it is shown: JSON for programs, a table for people. */

/** Headers worth a line on the page: identity, forwarding, the request's id, and what a template may set. */
const SHOWN = /^(x-wx-|x-forwarded-|x-request-id$|remote-|x-webauth-|x-origin-key$|forwarded$)/;

export type Identity = { openid: string; user: string; nickname: string; level: string };

/** Every header, in the order the server gives them. */
export function headersOf(request: Request): Record<string, string> {
  return Object.fromEntries(request.headers);
}

/** The headers that wxgate has to do with. */
export function shownHeaders(request: Request): [name: string, value: string][] {
  return [...request.headers].filter(([name]) => SHOWN.test(name));
}

/** Who is signed in, if anybody: an origin needs no more code than this. */
export function identityOf(request: Request): Identity | null {
  const openid = request.headers.get("x-wx-openid");
  if (!openid) return null;
  return {
    openid,
    user: request.headers.get("x-wx-user") ?? "",
    nickname: decodePercent(request.headers.get("x-wx-nickname") ?? ""),
    level: request.headers.get("x-wx-level") ?? "",
  };
}

function decodePercent(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
