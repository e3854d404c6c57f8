/** Schemas: each takes what was written, of whatever type, and answers with a value or with all that is wrong. */
import { complain, type Issue, type Read, Wrong } from "./complaint.ts";

export type Schema<T, Input = unknown> = (value: Input) => Read<T>;

/** What a schema gives where nothing is wrong. */
export type Output<S extends Schema<unknown>> = Exclude<ReturnType<S>, Wrong>;

/** The answer about a value of several parts: all issues, or else the value. */
export function outcome<T>(value: T, issues: readonly Issue[]): Read<T> {
  return issues.length > 0 ? new Wrong(issues) : value;
}

/** A schema from a reader of text. */
export function text<T>(
  read: Schema<T, string>,
  notText = complain("must be text", 'Write it in quotes: "…".'),
): Schema<T> {
  return (value) => (typeof value === "string" ? read(value) : notText);
}

/** Reads `true` or `false`. */
export function flag(value: unknown): Read<boolean> {
  return typeof value === "boolean" ? value : complain("must be true or false", "Write it without quotes.");
}

/** A schema for a list; all items' mistakes are reported, and with them what `together` says of the good ones. */
export function list<T, U = T[]>(
  item: Schema<T>,
  together: Schema<U, T[]> = (values) => values as U,
  shape = '"…", "…"',
): Schema<U> {
  return (items) => {
    if (!Array.isArray(items)) return complain("must be a list", `Write it in square brackets: [${shape}].`);
    const values: T[] = [];
    const issues: Issue[] = [];
    for (const [index, written] of items.entries()) {
      const value = item(written);
      if (value instanceof Wrong) issues.push(...value.within(index));
      else values.push(value);
    }
    const all = together(values);
    return all instanceof Wrong ? new Wrong([...issues, ...all.issues]) : outcome(all, issues);
  };
}

/** One schema after another: the second looks only at what is right for the first. */
export function andThen<T, U>(first: Schema<T>, second: Schema<U, T>): Schema<U> {
  return (written) => {
    const value = first(written);
    return value instanceof Wrong ? value : second(value);
  };
}
