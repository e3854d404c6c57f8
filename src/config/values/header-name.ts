/** Names of extra headers to the origin. */
import { complain, type Read } from "../complaint.ts";
import { isMisleadingHeader } from "./misleading-header.ts";
import { TOKEN } from "./token.ts";

/** Folded. */
const TAKEN = /^(host|(set-)?cookie|authorization|transfer-encoding|upgrade|te|trailer)$|^(content|sec|cf)-/;

/** Servers differ in what they fold together (`X_A`, `X.A`, `x-a`), so everything but letters and digits is one. */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "-");
}

/** Reads a header name that wxgate or HTTP itself has no use for. */
export function readHeaderName(name: string): Read<string> {
  if (!TOKEN.test(name))
    return complain("is no header name", 'Use letters, digits and -: "Remote-User".', { shown: name });
  const folded = foldHeaderName(name);
  if (!TAKEN.test(folded) && !isMisleadingHeader(folded)) return name;
  return complain(
    "is a header that HTTP or wxgate itself sets, or that an origin may take for another path, method or client",
    "Choose another name; X-WX-…, X-Request-Id and X-Forwarded-… are sent anyway.",
    { shown: name },
  );
}
