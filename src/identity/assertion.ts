import type { AssertionKey } from "../config/config.ts";
import { toBase64Url, utf8Bytes } from "../encoding.ts";
import type { Identity } from "./identity.ts";

/** Contract: at most 5 minutes. */
const ASSERTION_LIFETIME_SECONDS = 300;
/** A remembered assertion is used again while it is at least this long valid: a slow origin may check late. */
const ASSERTION_MIN_REMAINING_SECONDS = 180;

export type Signer = { kid: string; key: CryptoKey };

type Remembered = { host: string; jwt: string; expiresAt: number };
/** Keyed by the session object itself: it goes when the opened cookie is forgotten. */
export type AssertionMemo = WeakMap<Identity, Remembered>;

export async function importSigner({ kid, ...jwk }: AssertionKey): Promise<Signer> {
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  return { kid, key: await crypto.subtle.importKey("jwk", jwk, curve, false, ["sign"]) };
}

/** JWS compact serialization, ES256 (RFC 7515 §3.1, RFC 7518 §3.4): WebCrypto gives r and s side by side, as JWS wants them. */
async function signJwt({ kid, key }: Signer, claims: Record<string, unknown>): Promise<string> {
  const header = { alg: "ES256", typ: "wxgate+jwt", kid };
  const signed = [header, claims].map((part) => toBase64Url(utf8Bytes(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, utf8Bytes(signed));
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

/**
 * The signed assertion for the origin (design 5): ES256, `typ: wxgate+jwt`. Signed once per session and two minutes,
 * checked for its remaining life at every use.
 */
export async function assertionFor(
  signer: Signer,
  memo: AssertionMemo,
  identity: Identity,
  site: { scheme: "https" | "http"; host: string; appId: string },
  now: number,
): Promise<string> {
  const remembered = memo.get(identity);
  if (remembered?.host === site.host && remembered.expiresAt - now >= ASSERTION_MIN_REMAINING_SECONDS)
    return remembered.jwt;
  const expiresAt = now + ASSERTION_LIFETIME_SECONDS;
  const jwt = await signJwt(signer, {
    iss: `${site.scheme}://${site.host}`,
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
    exp: expiresAt,
  });
  memo.set(identity, { host: site.host, jwt, expiresAt });
  return jwt;
}
