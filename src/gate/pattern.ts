/**
 * Path patterns, matched segment by segment in linear time. Not regular expressions: the visitor picks the path, and a
 * backtracking `[^/]*` for each star would let anybody keep the isolate busy for seconds.
 */

export type PathPattern = readonly Segment[];

type Segment =
  /** `**`, or a final `*`: any number of segments, none included. */
  | "deep"
  /** The literals between the stars of one segment; a single one = no star. */
  | readonly string[];

/** @param read turns a pattern's literal into the form of the paths that it will meet (decoded, folded) */
export function compilePattern(pattern: string, read: (literal: string) => string): PathPattern {
  const segments = pattern.slice(1).split("/");
  const last = segments.length - 1;
  return segments.map((segment, index) => {
    if (segment === "**" || (segment === "*" && index === last)) return "deep";
    return segment.split("*").map(read);
  });
}

/** The segments of a path that begins with `/`. */
export function segmentsOf(path: string): string[] {
  return path.slice(1).split("/");
}

/**
 * Does the pattern cover the path? Only the last `**` is ever tried again: what an earlier one could take more, the
 * later one could have taken too.
 */
export function matchesPattern(pattern: PathPattern, segments: readonly string[]): boolean {
  let at = 0;
  let here = 0;
  let deepAt = -1;
  let deepFrom = 0;
  while (at < segments.length) {
    const expected = pattern[here];
    if (expected === "deep") {
      deepAt = here++;
      deepFrom = at;
    } else if (expected !== undefined && matchesSegment(expected, segments[at] ?? "")) {
      at++;
      here++;
    } else if (deepAt >= 0) {
      here = deepAt + 1;
      at = ++deepFrom;
    } else {
      return false;
    }
  }
  while (pattern[here] === "deep") here++;
  return here === pattern.length;
}

/** First literal at the start, last at the end, the others in their order between: the leftmost place always does. */
function matchesSegment(literals: readonly string[], segment: string): boolean {
  const [first = "", ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return segment === first;
  if (!segment.startsWith(first)) return false;
  let from = first.length;
  for (const literal of rest) {
    const found = segment.indexOf(literal, from);
    if (found < 0) return false;
    from = found + literal.length;
  }
  return segment.length - last.length >= from && segment.endsWith(last);
}
