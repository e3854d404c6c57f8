/** API_KEYS: who may call the management API. The secret holds digests, so that reading it opens nothing. */
import { complain, type Read, Wrong } from "./complaint.ts";
import { API_SCOPES, type ApiKey } from "./config.ts";
import type { Mistakes } from "./mistakes.ts";
import { andThen, list, type Schema, text } from "./schema.ts";
import { type Options, wholeTable } from "./table.ts";
import { choice } from "./values/choice.ts";
import { readHostPattern } from "./values/host.ts";

const NEW_KEY = "Make keys with `npm run keys -- --api NAME`.";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;

function readName(name: string): Read<string> {
  if (NAME.test(name)) return name;
  const remedy = "Write 1 to 64 of A-Z a-z 0-9 . _ -, the first a letter or digit.";
  return complain("is no name of a key", remedy);
}

function readDigest(hex: string): Read<Uint8Array<ArrayBuffer>> {
  if (!SHA256_HEX.test(hex)) return complain("is no SHA-256 in 64 hex digits", NEW_KEY);
  return Uint8Array.from(hex.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}

function filled<T>(items: Schema<T[]>): Schema<T[]> {
  return andThen(items, (values) => (values.length > 0 ? values : complain("is empty", NEW_KEY)));
}

const KEY_OPTIONS = {
  name: { schema: text(readName), required: '"shop"' },
  sha256: { schema: text(readDigest), required: '"…"' },
  scopes: { schema: filled(list(choice(API_SCOPES))), required: '["read"]' },
  hosts: { schema: filled(list(text(readHostPattern))), required: '["www.example.com"]' },
} as const satisfies Options;

const KEY = andThen(
  wholeTable('{ "name": "shop", … }', KEY_OPTIONS),
  ({ name, sha256, scopes, hosts }): ApiKey => ({ name, digest: sha256, scopes: new Set(scopes), hosts }),
);

/** Reads the list; every mistake is reported. Without the secret there is no key, and the API refuses everybody. */
export function readApiKeys(secret: unknown, mistakes: Mistakes): ApiKey[] {
  if (secret === undefined || secret === "") return [];
  let entries: unknown = null;
  try {
    entries = typeof secret === "string" ? JSON.parse(secret) : null;
  } catch {
    // reported below: the parser's own words would quote the secret
  }
  if (!Array.isArray(entries)) {
    mistakes.addSecret("API_KEYS", secret, complain("is no JSON list", NEW_KEY));
    return [];
  }
  const keys: ApiKey[] = [];
  for (const [index, entry] of entries.entries()) {
    const key = KEY(entry);
    const place = `API_KEYS[${index}]`;
    if (key instanceof Wrong) {
      mistakes.add(place, entry, key);
      continue;
    }
    if (keys.some(({ name }) => name === key.name)) {
      mistakes.add(`${place}.name`, key.name, complain("is the name of an earlier key", "Name each differently."));
    }
    if (keys.some(({ digest }) => digest.join() === key.digest.join())) {
      mistakes.add(`${place}.sha256`, "…", complain("is the digest of an earlier key", "Make a token for each."));
    }
    keys.push(key);
  }
  return keys;
}
