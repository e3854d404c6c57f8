/**
 * wxgate's own cookies: names, strict reading, writing. Reading never trims more than RFC 6265 allows (SP and HTAB):
 * a name with any other character before it is another name (CVE-2026-39410).
 */

export type Scheme = "https" | "http";

const SESSION = "wx";
const SIGNED_OUT = "wx_out";
const ATTEMPT_PREFIX = "wx_a_";

/** `__Host-` binds a cookie to host, path and https; browsers refuse it on plain http, so there it goes without. */
const prefixOf = (scheme: Scheme) => (scheme === "https" ? "__Host-" : "");

export const sessionCookieName = (scheme: Scheme) => prefixOf(scheme) + SESSION;
export const signedOutCookieName = (scheme: Scheme) => prefixOf(scheme) + SIGNED_OUT;
export const attemptCookieName = (scheme: Scheme, state: string) =>
  prefixOf(scheme) + ATTEMPT_PREFIX + state.slice(0, 8);

export type CookiePair = { name: string; value: string; raw: string };

/** The pairs of a Cookie header in their order; parts without `=` are kept as a raw part with an empty name. */
export function parseCookies(header: string | null): CookiePair[] {
  if (header === null || header === "") return [];
  return header.split(";").map((part) => {
    const raw = trimBlanks(part);
    const cut = raw.indexOf("=");
    if (cut < 0) return { name: "", value: raw, raw };
    return { name: trimBlanks(raw.slice(0, cut)), value: trimBlanks(raw.slice(cut + 1)), raw };
  });
}

/** Candidates of one name that are tried: tossed or doubled cookies before the right one lock nobody out. */
const CANDIDATES_MAX = 32;

/** One Cookie header: read when first asked for, and only once. */
export class Cookies {
  readonly scheme: Scheme;
  readonly header: string | null;
  #pairs: readonly CookiePair[] | null = null;
  #forOrigin: string | null | undefined;

  /** @param forOrigin where it is known already */
  constructor(scheme: Scheme, header: string | null, forOrigin?: string | null) {
    this.scheme = scheme;
    this.header = header;
    this.#forOrigin = forOrigin;
  }

  get pairs(): readonly CookiePair[] {
    this.#pairs ??= parseCookies(this.header);
    return this.#pairs;
  }

  /** The values under a name in their order; usually one. Of very many the first, so that a forged header costs little. */
  valuesOf(name: string): string[] {
    const values: string[] = [];
    for (const pair of this.pairs) {
      if (pair.name === name && values.push(pair.value) === CANDIDATES_MAX) break;
    }
    return values;
  }

  /** {@link cookiesForOrigin} */
  get forOrigin(): string | null {
    if (this.#forOrigin === undefined) this.#forOrigin = cookiesForOrigin(this.scheme, this.header, this.pairs);
    return this.#forOrigin;
  }
}

/** SP and HTAB only. Not by a regular expression: `[ \t]+$` takes quadratic time on a long run of blanks. */
function trimBlanks(text: string): string {
  const isBlank = (index: number) => text[index] === " " || text[index] === "\t";
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(start)) start++;
  while (end > start && isBlank(end - 1)) end--;
  return text.slice(start, end);
}

/** Is this one of the cookies that wxgate reads on this scheme? */
export function isOwnCookie(scheme: Scheme, name: string): boolean {
  const prefix = prefixOf(scheme);
  return name.startsWith(prefix) && /^wx(?:$|_out$|_a_)/.test(name.slice(prefix.length));
}

export function isAttemptCookie(scheme: Scheme, name: string): boolean {
  return name.startsWith(prefixOf(scheme) + ATTEMPT_PREFIX);
}

/**
 * Would this name, set by the origin or sent to it, be taken for one of ours by anybody? Wider than what we read:
 * any case, both schemes' spellings where the prefix alone makes it ours.
 */
export function looksLikeOwnCookie(scheme: Scheme, name: string): boolean {
  const folded = name.trim().toLowerCase();
  return isOwnCookie(scheme, folded) || isOwnCookie("https", folded.replace(/^__host-/, "__Host-"));
}

/**
 * Would a browser that keeps this `name=value` send it back as one of ours? A cookie without a name (`=__Host-wx=x`, or
 * no `=` at all) is sent as its value alone, so there the value is looked at.
 */
export function setsOwnCookie(scheme: Scheme, line: string): boolean {
  const pair = line.split(";", 1)[0]?.replace(/^[\s=]+/, "") ?? "";
  return looksLikeOwnCookie(scheme, pair.split("=", 1)[0] ?? "");
}

/**
 * The Cookie header for the origin: everything but ours, as it came; `null` when nothing is left. Of what was no UTF-8,
 * the bytes are lost once something is taken out: the runtime has told us no others.
 * @param pairs the header's, for whoever has them
 */
export function cookiesForOrigin(
  scheme: Scheme,
  header: string | null,
  pairs: readonly CookiePair[] = parseCookies(header),
): string | null {
  const raws = pairs.map(({ raw }) => raw);
  const kept = raws.flatMap((raw) => withoutOwn(scheme, raw) ?? []).join("; ");
  return (kept === raws.join("; ") ? header : kept) || null;
}

/**
 * A part of a Cookie header, up to what is ours in it; `null` = nothing of it. Several Cookie lines in one request
 * arrive joined by commas, so ours may stand behind one; there it is removed, but never read.
 */
function withoutOwn(scheme: Scheme, raw: string): string | null {
  if (!/wx/i.test(raw)) return raw;
  const lines = raw.split(",");
  const own = lines.findIndex((line) => setsOwnCookie(scheme, line));
  if (own < 0) return raw;
  return own === 0 ? null : lines.slice(0, own).join(",");
}

const secureOn = (scheme: Scheme) => (scheme === "https" ? "; Secure" : "");

/** A Set-Cookie line for one of ours. `value` is base64url or a fixed word, so it needs no quoting. */
export function setCookie(scheme: Scheme, name: string, value: string, maxAgeSeconds: number): string {
  return `${name}=${value}; Path=/; Max-Age=${Math.floor(maxAgeSeconds)}; HttpOnly; SameSite=Lax${secureOn(scheme)}`;
}

export function clearCookie(scheme: Scheme, name: string): string {
  return setCookie(scheme, name, "", 0);
}

/**
 * Expires a cookie of the origin's on this browser. We do not know how the origin set it, so the host-only spelling
 * and the ones with the usual Domain attributes are all expired. A Path cannot be guessed.
 * @param cookie as configured: a name, or `NAME; Path=…`
 */
export function expireOriginCookie(scheme: Scheme, host: string, cookie: string): string[] {
  const [name, path = "Path=/"] = cookie.split("; ");
  const hostname = host.replace(/:\d+$/, "");
  const labels = hostname.split(".");
  const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  const domains =
    isAddress || labels.length < 2 ? [] : labels.slice(0, -1).map((_, index) => labels.slice(index).join("."));
  const gone = `${name}=; ${path}; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0${secureOn(scheme)}`;
  return [gone, ...domains.map((domain) => `${gone}; Domain=${domain}`)];
}
