import { ECDSA } from "../config/assertion-keys.ts";
import type { AssertionKey } from "../config/config.ts";
import { toBase64Url, utf8Bytes } from "../encoding.ts";
import { originOf } from "../gate/host.ts";
import type { Identity } from "./identity.ts";

/** Contract: at most 5 minutes. */
export const ASSERTION_LIFETIME_SECONDS = 300;
export type Signer = { kid: string; key: CryptoKey };

export async function importSigner({ kid, ...jwk }: AssertionKey): Promise<Signer> {
  return { kid, key: await crypto.subtle.importKey("jwk", jwk, ECDSA, false, ["sign"]) };
}

/** JWS compact serialization, ES256 (RFC 7515 §3.1, RFC 7518 §3.4): WebCrypto gives r and s side by side, as JWS wants them. */
async function signJwt({ kid, key }: Signer, claims: Record<string, unknown>): Promise<string> {
  const header = { alg: "ES256", typ: "wxgate+jwt", kid };
  const signed = [header, claims].map((part) => toBase64Url(utf8Bytes(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign(ECDSA, key, utf8Bytes(signed));
  return `${signed}.${toBase64Url(new Uint8Array(signature))}`;
}

/** The public halves, as `/_wx/jwks.json` serves them. Built field by field, so that `d` cannot slip through. */
export function publicKeySet(keys: readonly AssertionKey[]) {
  return {
    keys: keys.map(({ kty, crv, x, y, kid }) => ({
      kty,
      crv,
      x,
      y,
      kid,
      alg: "ES256",
      use: "sig",
      key_ops: ["verify"],
    })),
  };
}

/** The signed assertion for the origin (design 5): ES256, `typ: wxgate+jwt`, valid for 5 minutes from `now`. */
export function signAssertion(
  signer: Signer,
  identity: Identity,
  site: { scheme: "https" | "http"; host: string; appId: string },
  now: number,
): Promise<string> {
  return signJwt(signer, {
    iss: originOf(site),
    aud: site.host,
    sub: identity.user,
    openid: identity.openid,
    appid: site.appId,
    ...(identity.unionid === null ? {} : { unionid: identity.unionid }),
    ...(identity.siteUser === null ? {} : { site_user: identity.siteUser }),
    level: identity.level,
    sid: identity.sid,
    amr: [identity.amr],
    iat: now,
    exp: now + ASSERTION_LIFETIME_SECONDS,
  });
}
