/** Tables of options: reads each option by its own schema, so that one bad value hides no other. */
import { complain, type Issue, Wrong } from "./complaint.ts";
import { suggest } from "./nearest.ts";
import type { Output, Schema } from "./schema.ts";

/** One option: its schema; what the reference says about it is in `reference-words.ts`. */
export type Option = {
  schema: Schema<unknown>;
  /** As one would write it; read by the schema, so it is checked and shown from one place. */
  default?: unknown;
} & (
  | { required?: never }
  | {
      required: true;
      /** TOML, without the option's name; the complaint that it is missing shows it. */
      example: string;
    }
);
export type Options = Readonly<Record<string, Option>>;

/** What was written and is right. */
export type Values<O extends Options> = { [K in keyof O]?: Output<O[K]["schema"]> };

/** With defaults; `null` where there is none. */
export type Complete<O extends Options> = {
  [K in keyof O]: Output<O[K]["schema"]> | (O[K] extends { required: true } | { default: unknown } ? never : null);
};

type TableRead<O extends Options> = {
  values: Values<O>;
  /** Names that were written, right or wrong. */
  given: ReadonlySet<string>;
  issues: Issue[];
};

/** A better complaint about a key that this table does not know; `null` = nothing better. */
export type Hint = (key: string) => Wrong | null;

/** An object that is neither a list nor of a class. */
export function isTable(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unknownKey(key: string, options: Options, hint: Hint | undefined): Wrong {
  return hint?.(key) ?? complain("is no known option", suggest(key, Object.keys(options)));
}

/** Reads what is written; says nothing about what is not. */
export function readTable<O extends Options>(options: O, raw: Record<string, unknown>, hint?: Hint): TableRead<O> {
  const values: Record<string, unknown> = {};
  const issues: Issue[] = [];
  const given = new Set(Object.keys(raw));
  for (const [key, value] of Object.entries(raw)) {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    if (option === undefined) {
      issues.push(...unknownKey(key, options, hint).within(key));
      continue;
    }
    const result = option.schema(value);
    if (result instanceof Wrong) issues.push(...result.within(key));
    else values[key] = result;
  }
  return { values: values as Values<O>, given, issues };
}

function readDefault({ schema, default: written }: Option): unknown {
  if (written === undefined) return null;
  const result = schema(written);
  if (result instanceof Wrong)
    throw new Error(`the default ${JSON.stringify(written)} is not what its own schema takes`);
  return result;
}

/** Adds the defaults, and `null` for what has none; required options must be there. */
export function complete<O extends Options>(options: O, values: Values<O>): Complete<O> {
  const result: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    result[key] = values[key] ?? readDefault(option);
  }
  return result as Complete<O>;
}

/** Complaints about required options that nobody wrote. */
export function missing(options: Options, given: ReadonlySet<string>): Issue[] {
  return Object.entries(options).flatMap(([key, option]) => {
    if (!option.required || given.has(key)) return [];
    return complain("is missing", `Write ${key} = ${option.example}.`).within(key);
  });
}

/** A schema for a table within a value. */
export function tableSchema<T>(shape: string, read: Schema<T, Record<string, unknown>>): Schema<T> {
  return (value) => (isTable(value) ? read(value) : complain("must be a table", `Write it as ${shape}.`));
}
