/** UTF-8, base64url without padding, both ways, and random tokens. */

const utf8Encoder = new TextEncoder();
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return utf8Encoder.encode(text) as Uint8Array<ArrayBuffer>;
}

/** Throws on invalid UTF-8. */
export function utf8Text(bytes: Uint8Array): string {
  return utf8Decoder.decode(bytes);
}

export function isAscii(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
  return !/[^\u0000-\u007f]/.test(text);
}

export function toBase64Url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

/**
 * `null` for whatever is not base64url without padding. Strict about the unused bits of the last character: one value
 * has one spelling, so a changed cookie is another cookie at every position.
 */
export function fromBase64Url(text: string): Uint8Array<ArrayBuffer> | null {
  if (!/^[A-Za-z0-9_-]*$/.test(text)) return null;
  const padding = "=".repeat(-text.length & 3);
  try {
    return Uint8Array.fromBase64(text + padding, { alphabet: "base64url", lastChunkHandling: "strict" });
  } catch {
    return null;
  }
}

const BASE32 = "abcdefghijklmnopqrstuvwxyz234567";

/** Lower-case base32 of random bytes: 5 bits a character. */
export function randomBase32(characters: number): string {
  let text = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(characters))) text += BASE32[byte & 31];
  return text;
}

const ALPHANUMERICS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** Random `[A-Za-z0-9]`, unbiased: bytes that would favour some characters are thrown away. */
export function randomAlphanumerics(characters: number): string {
  let text = "";
  while (text.length < characters) {
    for (const byte of crypto.getRandomValues(new Uint8Array(characters))) {
      if (byte < 248 && text.length < characters) text += ALPHANUMERICS[byte % 62];
    }
  }
  return text;
}
