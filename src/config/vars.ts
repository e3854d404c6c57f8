/** The variables that hold sites and defaults: structured, or JSON text of the same shape. */
import { complain, type Wrong } from "./complaint.ts";
import type { Mistakes } from "./mistakes.ts";
import { nearest, suggest } from "./nearest.ts";
import type { Vars } from "./secrets.ts";
import { isTable, own } from "./table.ts";

const SITE_VARS = ["SITES", ...[2, 3, 4, 5, 6, 7, 8, 9].map((part) => `SITES_${part}`)];

/** A table and the key under which messages speak of it. */
export type RawTable = { key: string; raw: Record<string, unknown> };

function jsonComplaint(error: unknown): Wrong {
  const reason = error instanceof Error ? error.message.replace(/\s+/g, " ") : "";
  return complain(`is text, but not JSON (${reason})`, "Correct it, or write TOML tables: [[vars.SITES]].");
}

/** The variable's value, parsed where it is text; `undefined` = not set, or reported. */
function readVar(env: Vars, name: string, mistakes: Mistakes): unknown {
  const value = own(env, name);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch (error) {
    mistakes.add(name, value, jsonComplaint(error));
    return undefined;
  }
}

/** The tables of SITES, SITES_2 … SITES_9, in order. */
export function readSiteTables(env: Vars, mistakes: Mistakes): RawTable[] {
  const tables: RawTable[] = [];
  for (const name of SITE_VARS) {
    const value = readVar(env, name, mistakes);
    if (value === undefined) continue;
    if (!Array.isArray(value)) {
      mistakes.add(name, value, complain("must be a list of sites", `Write [[vars.${name}]] with double brackets.`));
      continue;
    }
    for (const [index, raw] of value.entries()) {
      const key = `${name}[${index}]`;
      if (isTable(raw)) tables.push({ key, raw });
      else mistakes.add(key, raw, complain("must be a table", `Write [[vars.${name}]].`));
    }
  }
  return tables;
}

/** The table of DEFAULTS; empty when there is none. */
export function readDefaultsTable(env: Vars, mistakes: Mistakes): RawTable {
  const value = readVar(env, "DEFAULTS", mistakes);
  if (isTable(value)) return { key: "DEFAULTS", raw: value };
  if (value !== undefined) {
    mistakes.add("DEFAULTS", value, complain("must be one table", "Write [vars.DEFAULTS] with single brackets."));
  }
  return { key: "DEFAULTS", raw: {} };
}

/** A secret or a binding may well be called SITE; tables and JSON are meant as sites. */
function looksLikeTables(value: unknown): boolean {
  return Array.isArray(value) || isTable(value) || (typeof value === "string" && /^\s*[[{]/.test(value));
}

const MISNAMED = /^(sites?[_-]?\d*|defaults?)$/i;
const SITE_OPTION = /"(?:host|origin|app_id|access|rules)"\s*:/;

/** An operator may have tables of his own, DEFAULT_TAGS: those with a site's options are meant for us. */
function isMeantAsSites(name: string, value: unknown, known: readonly string[]): boolean {
  if (!looksLikeTables(value)) return false;
  if (MISNAMED.test(name)) return true;
  // Distances last: they cost a start more than all the rest.
  return SITE_OPTION.test(typeof value === "string" ? value : JSON.stringify(value)) && nearest(name, known) !== null;
}

/** Reports names that are meant to be SITES, SITES_2 … SITES_9 or DEFAULTS: they would be ignored, and their rules with them. */
export function reportMisnamedVars(env: Vars, mistakes: Mistakes): void {
  const known = [...SITE_VARS, "DEFAULTS"];
  const free = known.filter((name) => !Object.hasOwn(env, name));
  for (const [name, value] of Object.entries(env)) {
    if (known.includes(name) || !isMeantAsSites(name, value, known)) continue;
    mistakes.add(name, value, complain("is no variable of wxgate's", suggest(name, free)));
  }
}
