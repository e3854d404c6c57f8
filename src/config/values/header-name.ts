/** Names of extra headers to the origin. */
import { complain, type Read } from "../complaint.ts";
import { TOKEN } from "./token.ts";

const FORBIDDEN = new Set([
  "host",
  "cookie",
  "set-cookie",
  "authorization",
  "connection",
  "transfer-encoding",
  "upgrade",
  "te",
  "trailer",
  "keep-alive",
  "x-request-id",
  "forwarded",
  "x-real-ip",
]);
const FORBIDDEN_PREFIXES = ["content-", "proxy-", "sec-", "cf-", "x-wx-", "x-forwarded-"];

/** Servers differ in what they fold together (`X_A`, `X.A`, `x-a`), so everything but letters and digits is one. */
export function foldHeaderName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "-");
}

/** Reads a header name that wxgate or HTTP itself has no use for. */
export function readHeaderName(name: string): Read<string> {
  if (!TOKEN.test(name)) return complain("is no header name", 'Use letters, digits and -: "Remote-User".');
  const folded = foldHeaderName(name);
  const taken = FORBIDDEN.has(folded) || FORBIDDEN_PREFIXES.some((prefix) => folded.startsWith(prefix));
  if (!taken) return { value: name };
  return complain(
    "is a header that HTTP or wxgate itself sets",
    "Choose another name; X-WX-…, X-Request-Id and X-Forwarded-… are sent anyway.",
  );
}
