/** The methods of a rule. */
import { complain, type Faults, faultOf, type Read } from "../complaint.ts";
import { andThen, list, text } from "../schema.ts";
import { TOKEN } from "./token.ts";

const NEVER_IN_RULES: Faults = [
  [/^(\*|ALL|ANY)$/, "is no method", "Leave methods out: a rule without them is for every method."],
  [/^(CONNECT|TRACE)$/, "is never served", "Leave it out: wxgate refuses it on every path."],
];

/** Reads one method, in upper case; methods that nobody has heard of may exist (PROPFIND). */
function readMethod(word: string): Read<string> {
  const method = word.toUpperCase();
  if (!TOKEN.test(method)) return complain("is no method", 'Write methods = ["GET", "POST"].');
  return faultOf(method, NEVER_IN_RULES) ?? method;
}

/** A schema for the list. */
export const METHODS = andThen(
  list(text(readMethod)),
  (methods): Read<ReadonlySet<string>> =>
    methods.length > 0
      ? new Set(methods)
      : complain("is empty, so the rule would match nothing", "Leave methods out for every method."),
);
