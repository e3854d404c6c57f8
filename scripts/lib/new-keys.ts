/** Fresh keys for the gateway. */
import { thumbprint } from "../../src/config/assertion-keys.ts";
import type { AssertionKey } from "../../src/config/config.ts";
import { base64UrlOf } from "../../src/config/values/base64url.ts";

/** As WebCrypto and jose read it too; `iat` (Unix seconds) tells rotation which key is newer. */
export type NewAssertionKey = AssertionKey & { alg: "ES256"; use: "sig"; iat: number };

const GATEWAY_KEY_BYTES = 32;

/** One key for the ring of GATEWAY_SECRET: 32 random bytes, base64url. */
export function newGatewayKey(): string {
  return base64UrlOf(crypto.getRandomValues(new Uint8Array(GATEWAY_KEY_BYTES)));
}

/** One private key for ASSERTION_KEYS; its kid is the RFC 7638 thumbprint. */
export async function newAssertionKey(): Promise<NewAssertionKey> {
  const pair = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const { x, y, d } = await crypto.subtle.exportKey("jwk", pair.privateKey);
  if (x === undefined || y === undefined || d === undefined) throw new Error("a private key has x, y and d");
  const iat = Math.floor(Date.now() / 1_000);
  return { kty: "EC", crv: "P-256", alg: "ES256", use: "sig", kid: await thumbprint({ x, y }), iat, x, y, d };
}

/** The value of ASSERTION_KEYS. */
export function assertionKeySet(keys: readonly Record<string, unknown>[]): string {
  return JSON.stringify({ keys });
}

/** A line of .dev.vars; single quotes keep JSON as it is. */
export function devVarsLine(name: string, value: string): string {
  return /^[\w-]+$/.test(value) ? `${name}=${value}` : `${name}='${value}'`;
}
