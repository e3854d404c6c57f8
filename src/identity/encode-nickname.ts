/** RFC 3986 percent-encoding of UTF-8: `encodeURIComponent`, and the five marks that it leaves. */
export function encodeNickname(nickname: string): string {
  return encodeURIComponent(nickname.toWellFormed()).replace(
    /[!'()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
