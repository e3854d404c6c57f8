/** Path patterns of rules, in the one spelling in which requests are judged (design 6). */
import { withCanonicalEscapes } from "../../gate/path.ts";
import { complain, type Faults, faultOf, type Read } from "../complaint.ts";

/** In its canonical spelling each of these would be a rule that no request ever meets. */
const AS_WRITTEN: Faults = [
  [/[{}]|[,，]\s*\//, "are several paths", "Write one rule for each; { itself is %7B."],
  [/[＊／]/, "has a full-width ＊ or ／", "Write the ASCII one, or percent-encode it."],
  [/^(?!\/)/, "does not begin with /", 'Write the path from the root: "/account/*".'],
  [/^.{1025}/s, "is too long", "Use 1024 characters or less."],
  [/[?#]/, "has a query or a fragment", "A rule sees the path only: end before it."],
  [/\\/, "has a backslash", "Write / between segments."],
  [/%(?![0-9a-f]{2})/i, "has a % that encodes nothing", "Write %25 for a percent sign."],
];

const CANONICAL: Faults = [
  [/\/\.\.?(\/|$)/, "has dot segments", "Write the path that they lead to: requests with them are refused."],
  [
    // Refused, or odd and so judged without regard to the rules.
    /%2F|%5C|%[01][0-9A-F]|%7F|%25[0-9A-Fa-f]{2}|%3B|;/,
    "has ; or %2F, %5C, a control or doubly encoded character: no rule decides about it",
    "Such requests are refused (see odd_paths): end before it with a wildcard.",
  ],
  [/[^/]\*\*|\*\*[^/]/, "has ** within a segment", "Write ** between slashes only: /a/**; within a segment, *."],
  [/^\/_wx(\/|$)/i, "is under /_wx", "Remove the rule: wxgate answers there itself and forwards nothing."],
];

/** As requests are judged; spaces and control characters, which they are refused for, encoded too, and no `//`. */
function canonicalSpelling(pattern: string): string {
  return withCanonicalEscapes(pattern)
    .replace(/[^\x21-\x7e]/g, encodeURIComponent)
    .replace(/\/{2,}/g, "/");
}

function isUtf8(pattern: string): boolean {
  try {
    decodeURIComponent(pattern);
    return pattern.isWellFormed();
  } catch {
    return false;
  }
}

/** Reads a pattern; where another spelling is meant, the complaint says which. */
export function readPathPattern(pattern: string): Read<string> {
  const asWritten = faultOf(pattern, AS_WRITTEN);
  if (asWritten !== null) return asWritten;
  if (!isUtf8(pattern)) return complain("is not UTF-8", "Encode it as UTF-8: requests in anything else are refused.");
  const canonical = canonicalSpelling(pattern);
  const fault = faultOf(canonical, CANONICAL);
  if (fault !== null || canonical === pattern) return fault ?? pattern;
  return complain("is not in the spelling in which requests are judged", `Write "${canonical}".`);
}
