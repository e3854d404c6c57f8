/**
 * One canonical string is judged and forwarded (design 6). Whatever a server behind could read differently is
 * refused, so that a rule speaks about the path that the origin will see.
 */

type JudgedPath =
  /** Under `/_wx/`, spelled exactly so. */
  | { kind: "own"; path: string }
  | { kind: "plain"; path: string }
  /** Legal, but read differently by different servers: `//`, `%2F`, `;`, double encoding. */
  | { kind: "odd"; path: string }
  | { kind: "refused" };

/** Decoding rounds after which a path that still changes is refused: nobody encodes honestly that often. */
const MAX_DECODING_ROUNDS = 5;

/** Nothing to canonicalise: no `%`, no segment that begins with a dot, no `//`, `;`, or byte outside RFC 3986. */
const PLAIN_PATH = /^\/(?:[\w~!$&'()*+,=:@|[\]-][\w.~!$&'()*+,=:@|[\]-]*(?:\/(?!\/)|$))*$/;
const OWN_PREFIX = /^\/_wx(?:\/|$)/;

/** Judges the raw path of a request (from its first `/` up to the query). */
export function judgePath(rawPath: string): JudgedPath {
  if (PLAIN_PATH.test(rawPath) && !rawPath.slice(0, 4).toLowerCase().startsWith("/_wx")) {
    return { kind: "plain", path: rawPath };
  }
  const path = canonicalise(rawPath);
  if (path === null) return { kind: "refused" };
  const reading = readLikeALenientServer(path);
  if (reading === null) return { kind: "refused" };
  if (reading.own)
    return path === rawPath && OWN_PREFIX.test(path) && !reading.odd ? { kind: "own", path } : { kind: "refused" };
  return { kind: reading.odd ? "odd" : "plain", path };
}

/** {@link withCanonicalEscapes}; `null` = refused. */
function canonicalise(rawPath: string): string | null {
  // A `%` without two hex digits, a backslash, a query or fragment, control bytes, U+FFFD (bytes that were no UTF-8).
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is refused here
  if (!rawPath.startsWith("/") || /%(?![0-9a-f]{2})|[\\?#\u0000-\u0020\u007f\ufffd]/i.test(rawPath)) return null;
  try {
    return withCanonicalEscapes(rawPath);
  } catch {
    return null; // a lone surrogate
  }
}

/**
 * RFC 3986 §6.2.2: upper-case hex, unreserved characters decoded, raw ones that URL parsers encode encoded. The patterns of
 * rules are written so too. Throws on a lone surrogate.
 */
export function withCanonicalEscapes(path: string): string {
  return path
    .replace(/%[0-9a-f]{2}/gi, (encoded) => {
      const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
      return /[\w.~-]/.test(character) ? character : encoded.toUpperCase();
    })
    .replace(/["<>^`{}]|[\u0080-\u{10ffff}]+/gu, encodeURIComponent);
}

type Reading = { own: boolean; odd: boolean };

/** What servers that decode twice, fold slashes and case, or cut `;params` could make of it; `null` = refuse. */
function readLikeALenientServer(path: string): Reading | null {
  let reading: string;
  try {
    reading = decodeURIComponent(path); // throws on invalid and overlong UTF-8
  } catch {
    return null;
  }
  const decodedOnce = reading;
  for (let round = 1; ; round++) {
    if (isTreacherous(reading)) return null;
    const next = decodeAgain(reading);
    if (next === reading) break;
    if (next === null || round === MAX_DECODING_ROUNDS) return null;
    reading = next;
  }
  const folded = foldSegments(reading);
  return {
    own: OWN_PREFIX.test(folded) || OWN_PREFIX.test(foldSegments(decodedOnce)),
    odd: path.includes("//") || /%2F|;|%3B/.test(path) || reading !== decodedOnce,
  };
}

/** Slashes, and what best-fit conversions of Windows code pages take for one: division and fraction slashes, set minus. */
const SLASH_LIKE = /[/\u2044\u2215\u2216\u29f5\u29f8]/;

/** Compatibility forms (full-width dots and slashes) count as what some servers fold them to. */
function isTreacherous(reading: string): boolean {
  const folded = reading.normalize("NFKC");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is refused here
  if (/[\\\u0000-\u001f\u007f]/.test(folded)) return true;
  return folded.split(SLASH_LIKE).some((segment) => /^\s*\.\.?\s*(?:[;?#].*)?$/s.test(segment));
}

/** Decodes escapes that the first decoding left; `null` when their bytes are no UTF-8. */
function decodeAgain(reading: string): string | null {
  try {
    return reading.replace(/(?:%[0-9a-f]{2})+/gi, decodeURIComponent);
  } catch {
    return null;
  }
}

/** Segment by segment, because one expression over the whole would take quadratic time on a run of spaces. */
function foldSegments(reading: string): string {
  return reading
    .normalize("NFKC")
    .toLowerCase()
    .split("/")
    .map((segment) => segment.split(/[;?#]/, 1)[0]?.trim() ?? "")
    .join("/")
    .replace(/\/+/g, "/");
}
