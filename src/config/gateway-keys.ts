/** GATEWAY_SECRET: the ring of keys that seal cookies and tokens. */
import { complain, type Read, Wrong } from "./complaint.ts";
import type { Mistakes } from "./mistakes.ts";
import { bytesOf } from "./values/base64url.ts";

const KEY_BYTES = 32;
/** Of this ring, and of ASSERTION_KEYS. */
export const NEW_KEYS = "Run `npm run keys` for new ones.";

/** Reads one key of the ring. */
function readGatewayKey(text: string): Read<Uint8Array<ArrayBuffer>> {
  if (text === "") return complain("is empty", "Remove the spare comma.");
  if (/[+/=]/.test(text)) return complain("is base64, not unpadded base64url", "Write - for +, _ for /, no =.");
  const bytes = bytesOf(text);
  if (bytes === null) return complain("is no base64url", NEW_KEYS);
  if (bytes.length !== KEY_BYTES) return complain(`has ${bytes.length} bytes instead of ${KEY_BYTES}`, NEW_KEYS);
  if (bytes.every((byte) => byte === bytes[0]))
    return complain("is one byte repeated, which anybody can guess", NEW_KEYS);
  return bytes;
}

/** Reads the ring; the first key seals, every one opens. */
export function readGatewayKeys(ring: string, mistakes: Mistakes): Uint8Array<ArrayBuffer>[] {
  const keys = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const [index, part] of ring.split(",").entries()) {
    const key = `GATEWAY_SECRET[${index}]`;
    const text = part.trim();
    const result = readGatewayKey(text);
    if (result instanceof Wrong) {
      mistakes.addSecret(key, text, result);
      continue;
    }
    const id = result.join();
    if (keys.has(id)) mistakes.addSecret(key, text, complain("is in the ring twice", "Remove one of them."));
    keys.set(id, result);
  }
  return [...keys.values()];
}
