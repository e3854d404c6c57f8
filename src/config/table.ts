/** Tables of options: reads each option by its own schema, so that one bad value hides no other. */
import { complain, type Issue, Wrong } from "./complaint.ts";
import { suggest } from "./nearest.ts";
import { type Output, outcome, type Schema } from "./schema.ts";

/** One option: its schema; what the reference says about it is in `reference-words.ts`. */
export type Option = {
  schema: Schema<unknown>;
  /** As one would write it; read by the schema, so it is checked and shown from one place. */
  default?: unknown;
  /** Only of an option that must be written: an example, in TOML. The complaint that it is missing shows it. */
  required?: string;
};
export type Options = Readonly<Record<string, Option>>;

/** What was written and is right. */
export type Values<O extends Options> = { [K in keyof O]?: Output<O[K]["schema"]> };

/** With defaults; `null` where there is none. */
export type Complete<O extends Options> = {
  [K in keyof O]: Output<O[K]["schema"]> | (O[K] extends { required: string } | { default: unknown } ? never : null);
};

type TableRead<O extends Options> = { values: Values<O>; issues: Issue[] };

/** A better complaint about a key that this table does not know; `null` = nothing better. */
export type Hint = (key: string) => Wrong | null;

/** An object that is neither a list nor of a class. */
export function isTable(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** What a record has under a name: nothing that every object inherits. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** Reads what is written; says nothing about what is not. */
export function readTable<O extends Options>(options: O, raw: Record<string, unknown>, hint?: Hint): TableRead<O> {
  const values: Record<string, unknown> = {};
  const issues: Issue[] = [];
  for (const [key, value] of Object.entries(raw)) {
    const option = own(options, key);
    const result = option
      ? option.schema(value)
      : (hint?.(key) ?? complain("is no known option", suggest(key, Object.keys(options))));
    if (result instanceof Wrong) issues.push(...result.within(key));
    else values[key] = result;
  }
  return { values: values as Values<O>, issues };
}

/** Adds the defaults (a test reads each), and `null` for what has none; required options must be there. */
export function complete<O extends Options>(options: O, values: Values<O>): Complete<O> {
  const result: Record<string, unknown> = {};
  for (const [key, { schema, default: written }] of Object.entries(options)) {
    result[key] = values[key] ?? (written === undefined ? null : schema(written));
  }
  return result as Complete<O>;
}

/** Issues of required options that nobody wrote, right or wrong. */
export function missing(options: Options, raw: Record<string, unknown>): Issue[] {
  return Object.entries(options).flatMap(([key, { required }]) =>
    required === undefined || key in raw ? [] : complain("is missing", `Write ${key} = ${required}.`).within(key),
  );
}

/** A schema for a table within a value. */
export function tableSchema<T>(shape: string, read: Schema<T, Record<string, unknown>>): Schema<T> {
  return (value) => (isTable(value) ? read(value) : complain("must be a table", `Write it as ${shape}.`));
}

/** A schema for a table that says everything itself. */
export function wholeTable<O extends Options>(shape: string, options: O, hint?: Hint): Schema<Complete<O>> {
  return tableSchema(shape, (raw) => {
    const { values, issues } = readTable(options, raw, hint);
    return outcome(complete(options, values), [...issues, ...missing(options, raw)]);
  });
}
