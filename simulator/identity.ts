/** openid and unionid: derived, so that they stay the same over restarts and can be computed by a test. */

/** WeChat's shape: 28 characters of `[A-Za-z0-9_-]`, the first an `o`. */
async function derive(...parts: string[]): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(parts.join("\0")));
  const base64 = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return `o${base64.replaceAll("+", "-").replaceAll("/", "_").slice(0, 27)}`;
}

/** One person's openid at one AppID; a snapshot visitor's is virtual and belongs to nobody. */
export function openidOf(appid: string, personId: string, virtual = false): Promise<string> {
  return derive(virtual ? "virtual-openid" : "openid", appid, personId);
}

/** The same for every AppID of one open platform group. */
export function unionidOf(group: string, personId: string, virtual = false): Promise<string> {
  return derive(virtual ? "virtual-unionid" : "unionid", group, personId);
}

/** The avatar's address: thirdwx.qlogo.cn, size 132. Nothing is there. */
export async function avatarOf(personId: string): Promise<string> {
  return `https://thirdwx.qlogo.cn/mmopen/vi_32/${await derive("avatar", personId)}/132`;
}
