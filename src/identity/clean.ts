import { utf8Bytes } from "../encoding.ts";

/** What the origin's headers may carry of a profile that people write themselves. */

const NICKNAME_MAX_BYTES = 256;
const AVATAR_MAX_BYTES = 512;

/** Made when first needed, by a nickname over the limit: it loads ICU's break data, which would delay every start. */
let graphemes: Intl.Segmenter | null = null;

/**
 * A nickname fit for a header: lone surrogates and control, bidi-override and private-use characters removed, at most
 * 256 bytes of UTF-8, cut between characters as people see them. `null` when nothing is left.
 */
export function cleanNickname(nickname: string | null): string | null {
  if (nickname === null) return null;
  const cleaned = nickname
    .toWellFormed()
    .replace(/[\p{Cc}\p{Co}\p{Cs}\p{Cn}\ufffd\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, "")
    .trim();
  if (cleaned === "") return null;
  if (utf8Bytes(cleaned).length <= NICKNAME_MAX_BYTES) return cleaned;
  let kept = "";
  let bytes = 0;
  // Bounded work: no grapheme after the 256th UTF-16 unit can begin within 256 bytes.
  graphemes ??= new Intl.Segmenter("und", { granularity: "grapheme" });
  for (const { segment } of graphemes.segment(cleaned.slice(0, NICKNAME_MAX_BYTES).toWellFormed())) {
    bytes += utf8Bytes(segment).length;
    if (bytes > NICKNAME_MAX_BYTES) break;
    kept += segment;
  }
  return kept === "" ? null : kept;
}

/** An avatar address fit for a header: https, ASCII, at most 512 bytes; else `null`. WeChat still gives http here and there. */
export function cleanAvatar(avatar: string | null): string | null {
  if (avatar === null || avatar === "") return null;
  const secure = avatar.replace(/^http:\/\//i, "https://");
  if (secure.length > AVATAR_MAX_BYTES || !/^https:\/\/[\w.-]+(?::\d+)?\/[\x21-\x7e]*$/.test(secure)) return null;
  return secure;
}
