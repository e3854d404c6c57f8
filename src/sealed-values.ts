/**
 * Checks what wxgate itself has sealed: an older version may have, or a newer one. There is nobody to tell what is
 * wrong with it, so these predicates say only yes or no; every visit of a new browser runs them.
 */

export type Check<Value> = (value: unknown) => value is Value;
type Checked<Checks extends readonly Check<unknown>[]> = {
  [Index in keyof Checks]: Checks[Index] extends Check<infer Value> ? Value : never;
};

export const isString: Check<string> = (value) => typeof value === "string";
/** Unix seconds. */
export const isTime: Check<number> = (value): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

/** Of 1 to `maxLength` UTF-16 units. */
export const textWithin = (maxLength: number): Check<string> => {
  return (value): value is string => typeof value === "string" && value.length > 0 && value.length <= maxLength;
};
export const textLike = (pattern: RegExp): Check<string> => {
  return (value): value is string => typeof value === "string" && pattern.test(value);
};
export const oneOf = <const Value extends string | number>(...values: readonly Value[]): Check<Value> => {
  return (value): value is Value => values.includes(value as Value);
};
export const orNull = <Value>(check: Check<Value>): Check<Value | null> => {
  return (value): value is Value | null => value === null || check(value);
};

/** JSON, or `undefined` for text that is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Is it a list of exactly these? */
export function isTuple<const Checks extends readonly Check<unknown>[]>(
  value: unknown,
  checks: Checks,
): value is Checked<Checks> {
  return Array.isArray(value) && value.length === checks.length && checks.every((check, index) => check(value[index]));
}
