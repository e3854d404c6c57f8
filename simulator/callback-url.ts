/** The address that WeChat sends the visitor back to. */

/** `code` and `state` go in the query, before a fragment; what the redirect_uri holds already stays as it is. */
export function callbackUrl(redirectUri: string, params: { code?: string; state: string }): string {
  const [base = "", ...fragment] = redirectUri.split("#");
  const query = Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join("&");
  const separator = !base.includes("?") ? "?" : /[?&]$/.test(base) ? "" : "&";
  const url = `${base}${separator}${query}${fragment.length > 0 ? `#${fragment.join("#")}` : ""}`;
  // A Location header holds visible ASCII only.
  return url.replace(/[^\x21-\x7e]/gu, (character) => encodeURIComponent(character));
}
