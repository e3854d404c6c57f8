/** Keys of the management API: the token is for whoever calls, its digest for the gateway. */
import { createHash, randomBytes } from "node:crypto";
import { readApiKeys } from "../../src/config/api-keys.ts";
import { API_SCOPES } from "../../src/config/config.ts";
import { formatMistakes, Mistakes } from "../../src/config/mistakes.ts";
import { readSiteTables } from "../../src/config/vars.ts";
import { type Table, tableAt } from "./wrangler-file.ts";

/** Workers' limit for a secret. */
const SECRET_MAX_BYTES = 5_120;
const TOKEN_BYTES = 32;

export type ApiKeyEntry = { name: string; sha256: string; scopes: string[]; hosts: string[] };

const list = (text: string) => text.split(",").flatMap((item) => item.trim() || []);

/** Hosts of the sites in a wrangler file. */
export function configuredHosts(wrangler: Table): string[] {
  const tables = readSiteTables(tableAt(wrangler, "vars"), new Mistakes());
  return tables.flatMap(({ raw }) => (typeof raw.host === "string" ? [raw.host] : []));
}

/** A fresh token and its entry; `wxk_` lets secret scanners find a token that was committed. */
export function newApiKey(
  name: string,
  scopes: string | undefined,
  hosts: readonly string[],
): { token: string; entry: ApiKeyEntry } {
  const token = `wxk_${randomBytes(TOKEN_BYTES).toString("base64url")}`;
  const sha256 = createHash("sha256").update(token).digest("hex");
  return {
    token,
    entry: { name, sha256, scopes: scopes === undefined ? [...API_SCOPES] : list(scopes), hosts: [...hosts] },
  };
}

export const hostList = list;

/** The value of API_KEYS with one entry more, checked by the Worker's own reader. */
export function withApiKey(old: string, entry: ApiKeyEntry): string {
  let entries: unknown;
  try {
    entries = old === "" ? [] : JSON.parse(old);
  } catch {
    throw new Error("API_KEYS is no JSON; npm run doctor says more");
  }
  if (!Array.isArray(entries)) throw new Error("API_KEYS is no list; npm run doctor says more");
  const value = JSON.stringify([...entries, entry]);
  const mistakes = new Mistakes();
  readApiKeys(value, mistakes);
  if (mistakes.list.length > 0) throw new Error(formatMistakes(mistakes.list));
  if (Buffer.byteLength(value) > SECRET_MAX_BYTES)
    throw new Error("API_KEYS would be over Workers' 5 KB: remove a key");
  return value;
}
