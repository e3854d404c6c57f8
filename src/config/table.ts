/** Tables of options: reads each option by its own schema, so that one bad value hides no other. */
import * as v from "valibot";
import { type Complaint, complain, packed, unpacked } from "./complaint.ts";
import { suggest } from "./nearest.ts";

/** One option: its schema; what the reference says about it is in `reference-words.ts`. */
export type Option = {
  schema: v.GenericSchema;
  required?: true;
  /** As one would write it; read by the schema, so it is checked and shown from one place. */
  default?: unknown;
  /** TOML, without the option's name. */
  example: string;
};
export type Options = Readonly<Record<string, Option>>;

/** What was written and is right. */
export type Values<O extends Options> = { [K in keyof O]?: v.InferOutput<O[K]["schema"]> };

/** With defaults; `null` where there is none. */
export type Complete<O extends Options> = {
  [K in keyof O]:
    | v.InferOutput<O[K]["schema"]>
    | (O[K] extends { required: true } | { default: unknown } ? never : null);
};

export type TableIssue = Complaint & { path: (string | number)[]; value: unknown };
export type TableRead<O extends Options> = {
  values: Values<O>;
  /** Names that were written, right or wrong. */
  given: ReadonlySet<string>;
  issues: TableIssue[];
};

/** A better complaint about a key that this table does not know; `null` = nothing better. */
export type Hint = (key: string) => Complaint | null;

/** An object that is neither a list nor of a class. */
export function isTable(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function unknownKey(key: string, options: Options, hint: Hint | undefined): Complaint {
  return hint?.(key) ?? complain("is no known option", suggest(key, Object.keys(options)));
}

/** Reads what is written; says nothing about what is not. */
export function readTable<O extends Options>(options: O, raw: Record<string, unknown>, hint?: Hint): TableRead<O> {
  const values: Record<string, unknown> = {};
  const issues: TableIssue[] = [];
  const given = new Set(Object.keys(raw));
  for (const [key, value] of Object.entries(raw)) {
    const option = Object.hasOwn(options, key) ? options[key] : undefined;
    if (option === undefined) {
      issues.push({ path: [key], value, ...unknownKey(key, options, hint) });
      continue;
    }
    const result = v.safeParse(option.schema, value);
    if (result.success) values[key] = result.output;
    for (const issue of result.issues ?? []) {
      const path = (issue.path ?? []).map((item) => (typeof item.key === "number" ? item.key : String(item.key)));
      issues.push({ path: [key, ...path], value: issue.input, ...unpacked(issue.message) });
    }
  }
  return { values: values as Values<O>, given, issues };
}

/** Adds the defaults, and `null` for what has none; required options must be there. */
export function complete<O extends Options>(options: O, values: Values<O>): Complete<O> {
  const result: Record<string, unknown> = {};
  for (const [key, option] of Object.entries(options)) {
    const value = values[key];
    if (value !== undefined) result[key] = value;
    else result[key] = option.default === undefined ? null : v.parse(option.schema, option.default);
  }
  return result as Complete<O>;
}

/** Complaints about required options that nobody wrote. */
export function missing(options: Options, given: ReadonlySet<string>): TableIssue[] {
  return Object.entries(options)
    .filter(([key, option]) => option.required && !given.has(key))
    .map(([key, option]) => ({
      path: [key],
      value: undefined,
      ...complain("is missing", `Write ${key} = ${option.example}.`),
    }));
}

/** A schema for a table within a value; `read` gives its output and its issues. */
export function tableSchema<T>(
  shape: string,
  read: (raw: Record<string, unknown>) => { output: T; issues: TableIssue[] },
) {
  return v.pipe(
    v.custom<Record<string, unknown>>(isTable, packed(complain("must be a table", `Write it as ${shape}.`))),
    v.rawTransform<Record<string, unknown>, T>(({ dataset, addIssue }) => {
      const { output, issues } = read(dataset.value);
      for (const { path, value, ...complaint } of issues) {
        const items = path.map((key) => ({ type: "unknown", origin: "value", input: value, key, value }) as const);
        const [first, ...rest] = items;
        addIssue({ message: packed(complaint), input: value, ...(first ? { path: [first, ...rest] } : {}) });
      }
      return output;
    }),
  );
}
