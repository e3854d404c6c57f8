import { importJWK, SignJWT } from "jose";
import type { AssertionKey } from "../config/config.ts";
import type { Identity } from "./identity.ts";

/** Contract: at most 5 minutes. */
const ASSERTION_LIFETIME_SECONDS = 300;
/** A remembered assertion is used again while it is at least this long valid: a slow origin may check late. */
const ASSERTION_MIN_REMAINING_SECONDS = 180;

export type Signer = { kid: string; key: CryptoKey };

type Remembered = { host: string; jwt: string; expiresAt: number };
/** Keyed by the session object itself: it goes when the opened cookie is forgotten. */
export type AssertionMemo = WeakMap<Identity, Remembered>;

export async function importSigner(key: AssertionKey): Promise<Signer> {
  const imported = await importJWK(key, "ES256");
  if (imported instanceof Uint8Array) throw new Error("an EC key cannot import as bytes");
  return { kid: key.kid, key: imported };
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
  const claims = {
    openid: identity.openid,
    appid: site.appId,
    ...(identity.unionid === null ? {} : { unionid: identity.unionid }),
    ...(identity.siteUser === null ? {} : { site_user: identity.siteUser }),
    level: identity.level,
    sid: identity.sid,
    amr: [identity.amr],
  };
  const expiresAt = now + ASSERTION_LIFETIME_SECONDS;
  const jwt = await new SignJWT(claims)
    .setProtectedHeader({ alg: "ES256", typ: "wxgate+jwt", kid: signer.kid })
    .setIssuer(`${site.scheme}://${site.host}`)
    .setAudience(site.host)
    .setSubject(identity.user)
    .setIssuedAt(now)
    .setExpirationTime(expiresAt)
    .sign(signer.key);
  memo.set(identity, { host: site.host, jwt, expiresAt });
  return jwt;
}
