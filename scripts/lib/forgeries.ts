import { createHmac } from "node:crypto";
import { exportSPKI, generateKeyPair, importJWK, type JWK, SignJWT } from "jose";

/** What an internet visitor can write: headers as they like, and assertions without our key. */

export type Forgery = { name: string; headers: Record<string, string> };

export const FORGED_OPENID = "oForgedBySelftest0000000000";
const FORGED_USER = "wxu_forgedforgedforgedforgedfo";

const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Headers under every spelling that some server folds into ours. */
export function forgedHeaders(): Forgery[] {
  const names = ["X-WX-OPENID", "x-wx-openid", "X_WX_OPENID", "X-Wx_OpenId"];
  const plain = names.map((name) => ({ name: `header ${name}`, headers: { [name]: FORGED_OPENID } }));
  const whole = {
    "X-WX-OPENID": FORGED_OPENID,
    "X-WX-SOURCE": "wxgate",
    "X-WX-USER": FORGED_USER,
    "X-WX-LEVEL": "profile",
    "X-WX-APPID": "wx0123456789abcdef",
  };
  return [...plain, { name: "all identity headers", headers: whole }];
}

/** Assertions of every bad kind, as the site's origin would get them beside matching headers. */
export async function forgedAssertions(site: string, publicKeys: readonly JWK[]): Promise<Forgery[]> {
  const now = Math.floor(Date.now() / 1_000);
  const stranger = await generateKeyPair("ES256");
  const kid = publicKeys[0]?.kid ?? "none";
  const claims = {
    iss: site,
    aud: new URL(site).host,
    sub: FORGED_USER,
    openid: FORGED_OPENID,
    level: "profile",
    amr: ["consent"],
    iat: now,
    exp: now + 300,
  };
  const payload = base64url(claims);
  const signed = (header: Record<string, unknown>, changed = {}) =>
    new SignJWT({ ...claims, ...changed })
      .setProtectedHeader({ alg: "ES256", typ: "wxgate+jwt", kid, ...header })
      .sign(stranger.privateKey);
  const none = `${base64url({ alg: "none", typ: "wxgate+jwt", kid })}.${payload}.`;
  const kinds: Record<string, string> = {
    "alg none": none,
    "alg None, in another spelling": `${base64url({ alg: "nOnE", typ: "wxgate+jwt", kid })}.${payload}.`,
    "no signature under ES256": `${base64url({ alg: "ES256", typ: "wxgate+jwt", kid })}.${payload}.`,
    "a signature of zeros": `${base64url({ alg: "ES256", typ: "wxgate+jwt", kid })}.${payload}.${Buffer.alloc(64).toString("base64url")}`,
    "a stranger's key under our kid": await signed({}),
    "a stranger's key under its own kid": await signed({ kid: "stranger" }),
    "a stranger's key without a kid": await signed({ kid: undefined }),
    "a stranger's key brought along in the header": await signed({ jwk: { kty: "EC" } }),
    "expired a year ago": await signed({}, { iat: now - 31_536_000, exp: now - 31_535_700 }),
    "for another audience": await signed({}, { aud: "www.other.example" }),
    "not a JWT": "x.y.z",
  };
  for (const jwk of publicKeys) {
    const input = `${base64url({ alg: "HS256", typ: "wxgate+jwt", kid: jwk.kid })}.${payload}`;
    const key = await importJWK(jwk, "ES256", { extractable: true });
    if (key instanceof Uint8Array) continue;
    const signature = createHmac("sha256", await exportSPKI(key))
      .update(input)
      .digest("base64url");
    kinds["HS256 with the public key as secret"] = `${input}.${signature}`;
  }
  return Object.entries(kinds).map(([name, assertion]) => ({
    name: `assertion: ${name}`,
    headers: { "X-WX-OPENID": FORGED_OPENID, "X-WX-USER": FORGED_USER, "X-WX-ASSERTION": assertion },
  }));
}
