import { utf8Bytes } from "../encoding.ts";
import { cutQuery } from "./host.ts";
import { judgePath } from "./path.ts";

/** Longer return paths fall back to `/`: they live in a cookie (design 7.1). */
const RETURN_PATH_MAX_BYTES = 1_024;

/**
 * Makes any input a path with query on this host that is not one of ours; `/` for whatever is not one already.
 * What is good is kept byte for byte; what no URL has (spaces, quotes, angle brackets, other than ASCII) is encoded.
 *
 * The result begins with exactly one `/`, has no backslash before its `?`, and no control character, space or fragment,
 * so that no browser reads another host in it and no header can be split with it.
 */
export function safeReturnPath(input: string | null | undefined): string {
  if (typeof input !== "string" || input.length > RETURN_PATH_MAX_BYTES) return "/";
  const withoutFragment = (input.split("#", 1)[0] ?? "").replaceAll(" ", "%20");
  if (!/^\/(?![/\\])/.test(withoutFragment)) return "/";
  const judged = judgePath(cutQuery(withoutFragment).base);
  if (judged.kind !== "plain" && judged.kind !== "odd") return "/";
  const encoded = encodeForHeader(withoutFragment);
  return encoded !== null && utf8Bytes(encoded).length <= RETURN_PATH_MAX_BYTES ? encoded : "/";
}

function encodeForHeader(text: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control bytes are what is refused here
  if (/[\u0000-\u001f\u007f]/.test(text)) return null;
  try {
    return text.replace(/[\s"<>]|[\u0080-\u{10ffff}]+/gu, encodeURIComponent);
  } catch {
    return null; // a lone surrogate
  }
}
