import { utf8Text } from "../encoding.ts";
import { readBounded } from "../read-bounded.ts";
import type { Field } from "./fields.ts";
import type { InputMistake, ProblemCode } from "./problems.ts";

/** Input read field by field, so that one mistake hides no other. */

export type Fields = Readonly<Record<string, Field>>;
export type Values<F extends Fields> = { [Name in keyof F]: F[Name] extends Field<infer T> ? T : never };

/** Reads all fields; what is wrong goes to `wrong`, and only without any is the result complete. */
function readFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  wrong: (field: string, detail: string) => void,
): Values<F> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    wrong(name, `is unknown; known: ${Object.keys(fields).join(", ") || "none"}`);
  }
  for (const [name, field] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, name);
    values[name] = isGiven ? field.read(given[name]) : field.absent;
    if (values[name] === null) wrong(name, field.mistake);
    else if (!isGiven && !("absent" in field)) wrong(name, "is missing");
  }
  return values as Values<F>;
}

/** Numbers and truth values are text in a URL. */
function fromText(text: string, field: Field | undefined): unknown {
  const type = field?.schema.type;
  if (type === "integer" && /^\d{1,15}$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** Path and query parameters. */
export function readParameters<F extends Fields>(
  fields: F,
  given: Iterable<readonly [string, string]>,
  mistakes: InputMistake[],
): Values<F> {
  const wrong = (parameter: string, detail: string) => mistakes.push({ parameter, detail });
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, text] of given) {
    if (name in values) wrong(name, "is given twice");
    values[name] = fromText(text, Object.hasOwn(fields, name) ? fields[name] : undefined);
  }
  return readFields(fields, values, wrong);
}

/** The fields of a body that is a JSON object; places in it are JSON pointers (RFC 6901). */
export function readObject<F extends Fields>(fields: F, json: unknown, mistakes: InputMistake[]): Values<F> {
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  if (!isObject) mistakes.push({ pointer: "", detail: "must be an object" });
  return readFields(fields, isObject ? (json as Record<string, unknown>) : {}, (field, detail) => {
    if (isObject) mistakes.push({ pointer: `/${field.replaceAll("~", "~0").replaceAll("/", "~1")}`, detail });
  });
}

/** The body as JSON, an empty one as `{}`; or the code of the problem. Never holds more than `maxBytes`. */
export async function readJson(request: Request, maxBytes: number): Promise<{ json: unknown } | { code: ProblemCode }> {
  try {
    const bytes = await readBounded(request, maxBytes);
    if (bytes === null) return { code: "body_too_large" };
    if (bytes.length === 0) return { json: {} };
    const text = utf8Text(bytes);
    const type = request.headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
    return type === "application/json" ? { json: JSON.parse(text) } : { code: "content_type_refused" };
  } catch {
    return { code: "json_malformed" };
  }
}
