/**
 * Checks what wxgate itself has sealed: an older version may have, or a newer one. There is nobody to tell what is
 * wrong with it, so these predicates say only yes or no; every visit of a new browser runs them.
 */

export type Check<Value> = (value: unknown) => value is Value;

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

/** How facts are sealed: their values alone, in the order of their checks; names would only lengthen the cookie. */
export type Sealed<Facts> = {
  write: (facts: Facts) => string;
  /** `null` for whatever is not a list of exactly these. */
  read: (json: unknown) => Facts | null;
};

export function sealedAs<Facts extends object>(checks: { [Name in keyof Facts]-?: Check<Facts[Name]> }): Sealed<Facts> {
  const named = Object.entries<Check<unknown>>(checks);
  return {
    write: (facts) => JSON.stringify(named.map(([name]) => facts[name as keyof Facts])),
    read(json) {
      if (!Array.isArray(json) || json.length !== named.length) return null;
      const facts: Record<string, unknown> = {};
      let index = 0;
      for (const [name, check] of named) {
        const value = json[index++];
        if (!check(value)) return null;
        facts[name] = value;
      }
      return facts as Facts;
    },
  };
}
