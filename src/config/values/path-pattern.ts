/** Path patterns of rules, in the one spelling in which requests are judged (design 6). */
import { withCanonicalEscapes } from "../../gate/path.ts";
import { complain, type Read } from "../complaint.ts";

const MAX_LENGTH = 1024;
/** Refused, or odd and so judged without regard to the rules. */
const NEVER_MATCHES = /%2F|%5C|%[01][0-9A-F]|%7F|%25[0-9A-Fa-f]{2}|%3B|;/;

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
  // In its canonical spelling each of these would be a rule that no request ever meets.
  if (/[{}]|[,，]\s*\//.test(pattern))
    return complain("are several paths", "Write one rule for each; { itself is %7B.");
  const [wide] = /[＊／]/.exec(pattern) ?? [];
  if (wide !== undefined)
    return complain(`has the full-width character ${wide}`, "Write the ASCII one, or percent-encode it.");
  if (!pattern.startsWith("/")) return complain("does not begin with /", 'Write the path from the root: "/account/*".');
  if (pattern.length > MAX_LENGTH) return complain("is too long", `Use ${MAX_LENGTH} characters or less.`);
  if (/[?#]/.test(pattern))
    return complain("has a query or a fragment", "A rule sees the path only: end before ? or #.");
  if (pattern.includes("\\")) return complain("has a backslash", "Write / between segments.");
  if (/%(?![0-9a-f]{2})/i.test(pattern))
    return complain("has a % that encodes nothing", "Write %25 for a percent sign.");
  if (!isUtf8(pattern)) return complain("is not UTF-8", "Encode the path as UTF-8: requests in any other are refused.");
  const canonical = canonicalSpelling(pattern);
  const segments = canonical.split("/").slice(1);
  if (segments.some((segment) => segment === "." || segment === "..")) {
    return complain("has dot segments", "Write the path that they lead to; requests with them are refused.");
  }
  if (NEVER_MATCHES.test(canonical)) {
    return complain(
      "has ; or %2F, %5C, a control or doubly encoded character: no rule decides about it",
      "Such requests are refused (see odd_paths); write the part before it and a wildcard.",
    );
  }
  if (segments.some((segment) => segment.includes("**") && segment !== "**")) {
    return complain("has ** within a segment", "** stands alone between slashes: /a/**; within a segment write *.");
  }
  if (segments[0]?.toLowerCase() === "_wx") {
    return complain("is under /_wx", "Remove the rule: wxgate answers there itself and forwards nothing.");
  }
  if (canonical !== pattern) {
    return complain("is not in the spelling in which requests are judged", `Write "${canonical}".`);
  }
  return pattern;
}
