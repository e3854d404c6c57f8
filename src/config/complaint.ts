/**
 * Readers answer with a value or with a complaint in words: what is wrong, and what to do about it.
 * valibot's issues carry one message, so a complaint travels through it as two lines.
 */
import * as v from "valibot";

export type Complaint = { problem: string; remedy: string };
export type Read<T> = { value: T } | Complaint;

/** Makes a complaint; both texts are whole sentences or ends of one that begins with the key. */
export function complain(problem: string, remedy: string): Complaint {
  return { problem, remedy };
}

/** A complaint as a valibot message. */
export function packed(complaint: Complaint): string {
  return `${complaint.problem}\n${complaint.remedy}`;
}

/** The complaint in a valibot message; a message of valibot's own is a problem without a remedy. */
export function unpacked(message: string): Complaint {
  const end = message.indexOf("\n");
  if (end < 0) return complain(message, "See the configuration reference in README.md.");
  return complain(message.slice(0, end), message.slice(end + 1));
}

/** A reader as a step of a schema. */
export function reading<Input, Output>(read: (input: Input) => Read<Output>) {
  return v.rawTransform<Input, Output>(({ dataset, addIssue, NEVER }) => {
    const result = read(dataset.value);
    if ("value" in result) return result.value;
    addIssue({ message: packed(result) });
    return NEVER;
  });
}

/** A schema from a reader of text. */
export function text<T>(read: (text: string) => Read<T>) {
  return v.pipe(v.string(packed(complain("must be text", 'Write it in quotes: "…".'))), reading(read));
}

/** A schema for a list; each item's mistakes are reported. */
export function list<S extends v.GenericSchema>(item: S) {
  return v.array(item, packed(complain("must be a list", 'Write it in square brackets: ["…", "…"].')));
}

/** A schema for `true` or `false`. */
export function flag() {
  return v.boolean(packed(complain("must be true or false", "Write true or false without quotes.")));
}
