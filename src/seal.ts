import { fromBase64Url, toBase64Url, utf8Bytes, utf8Text } from "./encoding.ts";

/**
 * AES-256-GCM sealing with a key ring. What a value was sealed for (purpose, host, AppID, key name…) is
 * additional data: a value of one purpose never opens as another.
 *
 * Layout, base64url: format (1 byte) · key id (4) · nonce (12) · ciphertext and tag.
 */

export type SealingKey = { id: Uint8Array<ArrayBuffer>; key: CryptoKey };

export type Opened =
  | { ok: true; text: string }
  /**
   * `malformed`: nothing we ever wrote. `unknown_key`: perhaps ours, of a key that has left the ring. `unopenable`: other
   * purpose or host, or tampered with.
   */
  | { ok: false; reason: "malformed" | "unknown_key" | "unopenable" };

const FORMAT = 1;
const KEY_ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + KEY_ID_BYTES + NONCE_BYTES;

/** Derives a purpose's own key from a ring key, so that sealing and pseudonyms never share one. */
async function deriveBits(secret: Uint8Array<ArrayBuffer>, info: string): Promise<ArrayBuffer> {
  const base = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
  const parameters = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: utf8Bytes(`wxgate ${info}`) };
  return crypto.subtle.deriveBits(parameters, base, 256);
}

/** A key for pseudonyms, of the ring's first: after a rotation the same person is called otherwise. */
export async function importPseudonymKey([secret]: readonly Uint8Array<ArrayBuffer>[]): Promise<CryptoKey> {
  if (secret === undefined) throw new Error("the key ring is empty");
  const hmac = { name: "HMAC", hash: "SHA-256" };
  return crypto.subtle.importKey("raw", await deriveBits(secret, "who"), hmac, false, ["sign"]);
}

/** Imports the ring in its order: the first seals, every one opens. */
export async function importSealingKeys(secrets: readonly Uint8Array<ArrayBuffer>[]): Promise<SealingKey[]> {
  return Promise.all(
    secrets.map(async (secret) => ({
      id: new Uint8Array(await deriveBits(secret, "key id")).slice(0, KEY_ID_BYTES),
      key: await crypto.subtle.importKey("raw", await deriveBits(secret, "seal"), "AES-GCM", false, [
        "encrypt",
        "decrypt",
      ]),
    })),
  );
}

function aesGcm(nonce: Uint8Array<ArrayBuffer>, context: readonly string[]) {
  return { name: "AES-GCM", iv: nonce, additionalData: utf8Bytes(JSON.stringify(context)) };
}

/** Seals `text` for `context`, an unambiguous list of what the value is for. */
export async function seal(keys: readonly SealingKey[], context: readonly string[], text: string): Promise<string> {
  const [current] = keys;
  if (current === undefined) throw new Error("the key ring is empty");
  const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const encrypted = await crypto.subtle.encrypt(aesGcm(nonce, context), current.key, utf8Bytes(text));
  const ciphertext = new Uint8Array(encrypted);
  const sealed = new Uint8Array(HEADER_BYTES + ciphertext.length);
  sealed[0] = FORMAT;
  sealed.set(current.id, 1);
  sealed.set(nonce, 1 + KEY_ID_BYTES);
  sealed.set(ciphertext, HEADER_BYTES);
  return toBase64Url(sealed);
}

/** Opens what `seal` made for the same context; never throws. */
export async function open(keys: readonly SealingKey[], context: readonly string[], sealed: string): Promise<Opened> {
  const bytes = fromBase64Url(sealed);
  if (bytes === null || bytes.length < HEADER_BYTES + TAG_BYTES || bytes[0] !== FORMAT) {
    return { ok: false, reason: "malformed" };
  }
  const ring = keys.find((key) => key.id.every((byte, index) => byte === bytes[1 + index]));
  if (ring === undefined) return { ok: false, reason: "unknown_key" };
  const nonce = bytes.subarray(1 + KEY_ID_BYTES, HEADER_BYTES);
  try {
    const decrypted = await crypto.subtle.decrypt(aesGcm(nonce, context), ring.key, bytes.subarray(HEADER_BYTES));
    return { ok: true, text: utf8Text(new Uint8Array(decrypted)) };
  } catch {
    return { ok: false, reason: "unopenable" };
  }
}
