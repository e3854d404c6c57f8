/** API_KEYS: who may call the management API. The secret holds digests, so that reading it opens nothing. */
import { type Complaint, complain } from "./complaint.ts";
import { API_SCOPES, type ApiKey, type ApiScope } from "./config.ts";
import type { Mistakes } from "./mistakes.ts";
import { suggest } from "./nearest.ts";
import { joinKey } from "./show.ts";
import { isTable } from "./table.ts";
import { readHostPattern } from "./values/host.ts";

const NEW_KEY = "Make keys with `npm run keys -- --api NAME`.";
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/i;

type Report = (path: readonly (string | number)[], value: unknown, complaint: Complaint) => void;

/** Reads one field of a key; reports, and answers `null`, when it is wrong. */
const FIELDS = {
  name: (value: unknown, report: Report): string | null => {
    if (typeof value === "string" && NAME.test(value)) return value;
    const remedy = "Write 1 to 64 letters, digits, dots, hyphens and underscores: it stands in the event log.";
    report(["name"], value, complain("is no name of a key", remedy));
    return null;
  },
  sha256: (value: unknown, report: Report): Uint8Array<ArrayBuffer> | null => {
    if (typeof value === "string" && SHA256_HEX.test(value)) {
      return Uint8Array.from(value.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
    }
    report(["sha256"], value, complain("is no SHA-256 in 64 hex digits", NEW_KEY));
    return null;
  },
  scopes: (value: unknown, report: Report): ReadonlySet<ApiScope> =>
    new Set(
      readList("scopes", value, report, (scope) =>
        API_SCOPES.some((known) => known === scope)
          ? { value: scope as ApiScope }
          : complain("is not one of the known scopes", suggest(scope, API_SCOPES)),
      ),
    ),
  hosts: (value: unknown, report: Report): string[] => readList("hosts", value, report, readHostPattern),
} as const;

function readList<T>(
  field: string,
  value: unknown,
  report: Report,
  read: (text: string) => { value: T } | Complaint,
): T[] {
  if (!Array.isArray(value) || value.length === 0) {
    report([field], value, complain("is no list with something in it", NEW_KEY));
    return [];
  }
  return value.flatMap((item: unknown, index): T[] => {
    const result = typeof item === "string" ? read(item) : complain("is no text", NEW_KEY);
    if ("value" in result) return [result.value];
    report([field, index], item, result);
    return [];
  });
}

function readKey(entry: unknown, report: Report): ApiKey | null {
  if (!isTable(entry)) {
    report([], entry, complain("is no key", NEW_KEY));
    return null;
  }
  for (const [field, value] of Object.entries(entry)) {
    if (!Object.hasOwn(FIELDS, field)) {
      report([field], value, complain("is no known field", suggest(field, Object.keys(FIELDS))));
    }
  }
  const name = FIELDS.name(entry.name, report);
  const digest = FIELDS.sha256(entry.sha256, report);
  const scopes = FIELDS.scopes(entry.scopes, report);
  const hosts = FIELDS.hosts(entry.hosts, report);
  return name === null || digest === null ? null : { name, digest, scopes, hosts };
}

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
    mistakes.addSecret("API_KEYS", String(secret), complain("is no JSON list", NEW_KEY));
    return [];
  }
  const keys: ApiKey[] = [];
  for (const [index, entry] of entries.entries()) {
    const report: Report = (path, value, complaint) =>
      mistakes.add(joinKey("API_KEYS", [index, ...path]), value, complaint);
    const key = readKey(entry, report);
    if (key === null) continue;
    if (keys.some(({ name }) => name === key.name)) {
      report(["name"], key.name, complain("is the name of an earlier key", "Name every key differently."));
    }
    if (keys.some(({ digest }) => digest.join() === key.digest.join())) {
      report(["sha256"], "…", complain("is the digest of an earlier key", "Make a token for every key."));
    }
    keys.push(key);
  }
  return keys;
}
