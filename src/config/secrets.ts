/** Worker secrets by name. */
import { complain } from "./complaint.ts";
import type { Mistakes } from "./mistakes.ts";
import { nearest } from "./nearest.ts";
import { own } from "./table.ts";

/** The environment as the parser sees it; {@link import("../env.ts").Env} is one. */
export type Vars = Readonly<Record<string, unknown>>;

/** Variables that hold no secret: their values may be shown. API_KEYS holds digests, and hosts that messages must name. */
const PUBLIC = /^(SITES(_\d+)?|DEFAULTS|WECHAT_(OPEN|API)_URL|API_KEYS)$/;

/** Every text of the environment that may be a secret, by name; the parts of those that are lists too. */
export function* secretsOf(env: Vars): Generator<readonly [string, string]> {
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== "string" || PUBLIC.test(name)) continue;
    yield [name, value];
    for (const part of value.split(/[\s,"]+/)) if (part !== value && part !== name) yield [name, part];
  }
}

/** A secret's value, or `null` after reporting what is wrong; `neededBy` = the key of the option that names it; `null`: one of our own. */
export function readSecret(env: Vars, name: string, neededBy: string | null, mistakes: Mistakes): string | null {
  const value = own(env, name);
  if (value === undefined || value === "") {
    const near = nearest(
      name,
      Object.keys(env).filter((other) => typeof env[other] === "string" && other !== name && !PUBLIC.test(other)),
    );
    const meant = near === null ? "" : ` There is a secret named ${near}: if that is meant, use its name.`;
    const needed = neededBy === null ? "" : `, and ${neededBy} names it`;
    const how = `Set it: npx wrangler secret put ${name} (locally: a line in .dev.vars).${meant}`;
    mistakes.addMissingSecret(name, complain(`is ${value === "" ? "empty" : "not set"}${needed}`, how));
    return null;
  }
  if (typeof value !== "string") {
    mistakes.addSecret(
      name,
      value,
      complain("is no text", "A Worker secret is text: set it with wrangler secret put."),
    );
    return null;
  }
  // Our own keys are printed as lines of .dev.vars, and whole lines are easily pasted.
  if (neededBy === null && (/^["'“‘]/.test(value) || value.includes(name))) {
    const remedy = "Set it again, without the quotes and the NAME= around it.";
    mistakes.addSecret(name, value, complain("is more than the value", remedy));
    return null;
  }
  return value;
}

/** A secret without white space: AppSecrets are often pasted with some. */
export function checkTidySecret(env: Vars, name: string, neededBy: string, mistakes: Mistakes): void {
  const value = readSecret(env, name, neededBy, mistakes);
  if (value === null || !/\s/.test(value)) return;
  mistakes.addSecret(name, value, complain("has white space in it", "Set it again, without spaces and line ends."));
}

/** A secret that a header can carry. */
export function checkHeaderSecret(env: Vars, name: string, neededBy: string, mistakes: Mistakes): void {
  const value = readSecret(env, name, neededBy, mistakes);
  if (value === null || (/^[\x20-\x7e]+$/.test(value) && value.trim() === value)) return;
  const remedy = "Set it again: printable ASCII, without spaces around it.";
  mistakes.addSecret(name, value, complain(`cannot be sent in a header (${neededBy})`, remedy));
}
