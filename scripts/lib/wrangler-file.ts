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

/** What a named environment does not take over from the top level, as wrangler's own validation of the file has it. */
const NOT_INHERITED = `agent_memory ai ai_search ai_search_namespaces analytics analytics_engine_datasets artifacts
  browser cloudchamber connect containers d1_databases define dispatch_namespaces durable_objects flagship hyperdrive
  images k2 kv_namespaces media mtls_certificates pipelines queues r2_buckets ratelimits secrets secrets_store_secrets
  send_email services stream streaming_tail_consumers tail_consumers unsafe unsafe_hello_world vars vectorize
  version_metadata vpc_networks vpc_services worker_loaders workflows`.split(/\s+/);

export type Environment = {
  /** Its own settings, and those that it inherits. */
  settings: Table;
  /** Settings of the top level that it neither has nor inherits. */
  without: string[];
};

/** `[env.NAME]` as wrangler deploys it. */
export function environmentOf(wrangler: Table, name: string): Environment {
  const { env, ...top } = wrangler;
  const own = isTable(env) ? env[name] : undefined;
  if (!isTable(own)) {
    const known = Object.keys(isTable(env) ? env : {}).join(", ");
    throw new Error(`there is no [env.${name}] in the wrangler file (${known === "" ? "and no other" : known})`);
  }
  const inherited = Object.entries(top).filter(([key]) => !NOT_INHERITED.includes(key));
  return {
    settings: { ...Object.fromEntries(inherited), ...own },
    without: NOT_INHERITED.filter((key) => top[key] !== undefined && own[key] === undefined),
  };
}

/** Names that the wrangler file binds to something with `fetch`. */
export function fetcherNames(wrangler: Table): Set<string> {
  const bindings = FETCHERS.flatMap((list) => tablesAt(wrangler, list)).map(({ binding }) => binding);
  bindings.push(tableAt(wrangler, "assets").binding);
  return new Set(bindings.filter((name) => typeof name === "string"));
}

export type LocalSecrets = {
  /** The file read; `null` = there is none. */
  file: string | null;
  values: Readonly<Record<string, string>>;
  /** Must it hold every secret? Of others Cloudflare may have the rest. */
  isWhole: boolean;
};

/** The secrets beside the wrangler file; wrangler reads one file only, that of the environment if it is there. */
export function readLocalSecrets(wranglerPath: string, environment: string | null = null): LocalSecrets {
  const ofEnvironment = environment === null ? [] : [`.dev.vars.${environment}`];
  for (const file of [...ofEnvironment, ".dev.vars", ".dev.vars.example"]) {
    const path = join(dirname(wranglerPath), file);
    if (existsSync(path)) return { file, values: readSecrets(path), isWhole: file === ".dev.vars" };
  }
  return { file: null, values: {}, isWhole: false };
}

/** The secrets of a file as `wrangler secret bulk` takes it: JSON, or lines like those of `.dev.vars`. */
export function readSecrets(path: string): Readonly<Record<string, string>> {
  if (!existsSync(path)) throw new Error(`${path} is not there`);
  const text = readText(path);
  const values = Object.entries(text.trimStart().startsWith("{") ? parseJson(path, text) : parseEnv(text));
  if (values.length === 0 && text.trim() !== "")
    throw new Error(`${path}: names no secret; write NAME=value in each line`);
  return Object.fromEntries(values.map(([name, value]) => [name, String(value ?? "")]));
}

function parseJson(path: string, text: string): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${path}: begins with { and is no JSON`); // the parser's words would quote a secret
  }
}
