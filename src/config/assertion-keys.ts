/** ASSERTION_KEYS: the private keys that sign assertions. */
import { utf8Bytes } from "../encoding.ts";
import { complain, type Read, Wrong } from "./complaint.ts";
import type { AssertionKey } from "./config.ts";
import { NEW_KEYS } from "./gateway-keys.ts";
import type { Mistakes } from "./mistakes.ts";
import { isTable } from "./table.ts";
import { base64UrlOf } from "./values/base64url.ts";

const MAX_KID_LENGTH = 128;

/** What WebCrypto calls ES256: to import keys, and to sign with them. */
export const ECDSA = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** RFC 7638: the hash of the required members in lexical order. */
export async function thumbprint({ x, y }: { x: string; y: string }): Promise<string> {
  const canonical = JSON.stringify({ crv: "P-256", kty: "EC", x, y });
  return base64UrlOf(new Uint8Array(await crypto.subtle.digest("SHA-256", utf8Bytes(canonical))));
}

/** Signs and verifies once: with a public half that is not the private one's, every origin would refuse. */
async function isKeyPair({ d, ...jwk }: Omit<AssertionKey, "kid">): Promise<boolean> {
  const sample = new Uint8Array(1);
  try {
    const privateKey = await crypto.subtle.importKey("jwk", { ...jwk, d }, ECDSA, false, ["sign"]);
    const publicKey = await crypto.subtle.importKey("jwk", jwk, ECDSA, false, ["verify"]);
    return await crypto.subtle.verify(ECDSA, publicKey, await crypto.subtle.sign(ECDSA, privateKey, sample), sample);
  } catch {
    return false;
  }
}

/** 32 bytes of base64url. */
const isCoordinate = (value: unknown): value is string => typeof value === "string" && /^[\w-]{43}$/.test(value);

async function readKey(jwk: unknown): Promise<Read<AssertionKey>> {
  if (!isTable(jwk)) return complain("is no JWK", NEW_KEYS);
  const { kty, crv, x, y, d, kid } = jwk;
  if (kty !== "EC" || crv !== "P-256") return complain("is no P-256 key (kty EC, crv P-256)", NEW_KEYS);
  if (d === undefined) return complain("is a public key", `The gateway needs the private one. ${NEW_KEYS}`);
  if (!isCoordinate(x) || !isCoordinate(y) || !isCoordinate(d)) {
    return complain("has an x, y or d that is not 32 bytes of base64url", NEW_KEYS);
  }
  for (const [name, only] of Object.entries({ alg: "ES256", use: "sig" })) {
    if (jwk[name] !== undefined && jwk[name] !== only) {
      return complain(`has another ${name} than ${only}`, `Write "${name}": "${only}".`);
    }
  }
  if (kid !== undefined && (typeof kid !== "string" || kid === "" || kid.length > MAX_KID_LENGTH)) {
    return complain("has a kid that is no short text", "Leave kid out: the key's thumbprint is used then.");
  }
  const key = { kty, crv, x, y, d } as const;
  if (!(await isKeyPair(key))) return complain("has a d that does not belong to its x and y", NEW_KEYS);
  return { ...key, kid: kid ?? (await thumbprint(key)) };
}

function keyList(json: string): Read<unknown[]> {
  let set: unknown;
  try {
    set = JSON.parse(json);
  } catch {
    // told below: the parser's own words would quote the key
  }
  if (!isTable(set) || !Array.isArray(set.keys)) {
    return complain("is no JWK Set in JSON", `Wrap a key as {"keys":[…]}, or: ${NEW_KEYS}`);
  }
  return set.keys.length > 0 ? set.keys : complain("has no key", NEW_KEYS);
}

/** Reads the set; the first key signs, all are published. */
export async function readAssertionKeys(json: string, mistakes: Mistakes): Promise<AssertionKey[]> {
  const entries = keyList(json);
  if (entries instanceof Wrong) {
    mistakes.addSecret("ASSERTION_KEYS", json, entries);
    return [];
  }
  const keys: AssertionKey[] = [];
  for (const [index, entry] of entries.entries()) {
    const key = `ASSERTION_KEYS.keys[${index}]`;
    const read = await readKey(entry);
    if (read instanceof Wrong) mistakes.addSecret(key, JSON.stringify(entry), read);
    else if (keys.some(({ kid }) => kid === read.kid)) {
      mistakes.addSecret(key, JSON.stringify(entry), complain("has the kid of an earlier key", "Remove one of them."));
    } else keys.push(read);
  }
  return keys;
}
