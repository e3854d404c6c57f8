/** What the doctor needs of a wrangler file. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { parseEnv } from "node:util";
import { parse } from "smol-toml";
import { isTable } from "../../src/config/table.ts";
import { readText } from "./text-file.ts";

export type Table = Record<string, unknown>;

/** Lists of bindings that have `fetch` in the Worker. */
const FETCHERS = ["services", "vpc_services", "vpc_networks", "mtls_certificates"];

/** A table within a table; empty where there is none. */
export function tableAt(table: Table, key: string): Table {
  const value = table[key];
  return isTable(value) ? value : {};
}

/** The tables of a list; others are left out. */
export function tablesAt(table: Table, key: string): Table[] {
  const value = table[key];
  return Array.isArray(value) ? value.filter(isTable) : [];
}

/** Reads TOML; the message of what fails names the file. */
export function readWranglerFile(path: string): Table {
  if (!existsSync(path)) throw new Error(`${path} is not there; name another with --config`);
  if (!path.endsWith(".toml")) throw new Error(`${path}: only wrangler.toml is read, not JSON`);
  const text = readText(path);
  try {
    // JSON turns TOML's own dates and null prototypes into what the Worker gets.
    return JSON.parse(JSON.stringify(parse(text))) as Table;
  } catch (error) {
    throw new Error(`${path}: ${error instanceof Error ? error.message : error}`);
  }
}

/** Names that the wrangler file binds to something with `fetch`. */
export function fetcherNames(wrangler: Table): Set<string> {
  const bindings = FETCHERS.flatMap((list) => tablesAt(wrangler, list)).map(({ binding }) => binding);
  bindings.push(tableAt(wrangler, "assets").binding);
  return new Set(bindings.filter((name) => typeof name === "string"));
}

export type LocalSecrets = {
  /** The file read; `null` = there is none. */
  file: ".dev.vars" | ".dev.vars.example" | null;
  values: Readonly<Record<string, string>>;
};

/** The secrets beside the wrangler file. */
export function readLocalSecrets(wranglerPath: string): LocalSecrets {
  for (const file of [".dev.vars", ".dev.vars.example"] as const) {
    const path = join(dirname(wranglerPath), file);
    if (!existsSync(path)) continue;
    const values: Record<string, string> = {};
    for (const [name, value] of Object.entries(parseEnv(readText(path)))) values[name] = value ?? "";
    return { file, values };
  }
  return { file: null, values: {} };
}
