/** Schemas: each takes what was written, of whatever type, and answers with a value or with all that is wrong. */
import { type Complaint, complain, type Read } from "./complaint.ts";

/** A complaint, where inside the value it belongs, and what stands there. */
export type Issue = Complaint & { path: (string | number)[]; value: unknown };
export type Outcome<T> = { value: T } | { issues: Issue[] };
export type Schema<T, Input = unknown> = (value: Input) => Outcome<T>;

/** What a schema gives where nothing is wrong. */
export type Output<S extends Schema<unknown>> = S extends Schema<infer T> ? T : never;

/** The answer about a value of several parts: all issues, or else the value. */
export function outcome<T>(value: T, issues: Issue[]): Outcome<T> {
  return issues.length > 0 ? { issues } : { value };
}

/** A part's issues as issues of the whole. */
export function within(key: string | number, issues: readonly Issue[]): Issue[] {
  return issues.map((issue) => ({ ...issue, path: [key, ...issue.path] }));
}

/** A schema from a reader. */
export function reading<T, Input = unknown>(read: (value: Input) => Read<T>): Schema<T, Input> {
  return (value) => {
    const result = read(value);
    return "value" in result ? result : { issues: [{ path: [], value, ...result }] };
  };
}

/** A schema from a reader of text. */
export function text<T>(
  read: (text: string) => Read<T>,
  notText = complain("must be text", 'Write it in quotes: "…".'),
): Schema<T> {
  return reading((value) => (typeof value === "string" ? read(value) : notText));
}

/** A schema for `true` or `false`. */
export function flag(): Schema<boolean> {
  return reading((value) =>
    typeof value === "boolean" ? { value } : complain("must be true or false", "Write true or false without quotes."),
  );
}

/** A schema for a list; each item's mistakes are reported, and with them those that `together` finds in the good ones. */
export function list<T>(
  item: Schema<T>,
  together: (values: readonly T[]) => Issue[] = () => [],
  shape = '"…", "…"',
): Schema<T[]> {
  const anyList = reading(
    (value): Read<unknown[]> =>
      Array.isArray(value) ? { value } : complain("must be a list", `Write it in square brackets: [${shape}].`),
  );
  return andThen(anyList, (items) => {
    const values: T[] = [];
    const issues: Issue[] = [];
    for (const [index, written] of items.entries()) {
      const result = item(written);
      if ("value" in result) values.push(result.value);
      else issues.push(...within(index, result.issues));
    }
    return outcome(values, [...issues, ...together(values)]);
  });
}

/** One schema after another: the second looks only at what is right for the first. */
export function andThen<T, U>(first: Schema<T>, second: Schema<U, T>): Schema<U> {
  return (value) => {
    const result = first(value);
    return "value" in result ? second(result.value) : result;
  };
}
