/** One of a few words. */
import { complain, type Read } from "../complaint.ts";
import { suggest } from "../nearest.ts";
import { type Schema, text } from "../schema.ts";
import { own } from "../table.ts";

/** A schema for one of `known`; `later` holds words that are planned, with what to say. */
export function choice<const T extends string>(
  known: readonly T[],
  later: Readonly<Record<string, string>> = {},
): Schema<T> {
  return text((word): Read<T> => {
    const match = known.find((candidate) => candidate === word);
    if (match !== undefined) return match;
    const planned = own(later, word);
    if (planned !== undefined) return complain(planned, `Until then: ${known.join(", ")}.`);
    return complain("is not one of the known words", suggest(word, known));
  });
}
