/** The methods of a rule. */
import { complain, type Read } from "../complaint.ts";
import { andThen, list, text } from "../schema.ts";
import { TOKEN } from "./token.ts";

const NEVER_SERVED = new Set(["CONNECT", "TRACE"]);

/** Reads one method, in upper case; methods that nobody has heard of may exist (PROPFIND). */
function readMethod(word: string): Read<string> {
  const method = word.toUpperCase();
  if (method === "*" || method === "ALL" || method === "ANY") {
    return complain("is no method", "Leave methods out: a rule without them is for every method.");
  }
  if (!TOKEN.test(method)) return complain("is no method", 'Write methods = ["GET", "POST"].');
  if (NEVER_SERVED.has(method)) return complain("is never served", "Leave it out: wxgate refuses it on every path.");
  return method;
}

/** A schema for the list. */
export const METHODS = andThen(
  list(text(readMethod)),
  (methods): Read<ReadonlySet<string>> =>
    methods.length > 0
      ? new Set(methods)
      : complain("is empty, so the rule would match nothing", "Leave methods out for every method."),
);
