import * as v from "valibot";
import { utf8Text } from "../encoding.ts";
import { readBounded } from "../read-bounded.ts";
import type { InputMistake, ProblemCode } from "./problems.ts";

/** Input read field by field, each by its own schema, so that one mistake hides no other. */

/** Functions that make the schemas. */
export type Fields = Readonly<Record<string, () => v.GenericSchema>>;
export type Values<F extends Fields> = { [Name in keyof F]: v.InferOutput<ReturnType<F[Name]>> };

/** Says where in the input a mistake is: the field, and the way down into its value. */
type Place = (field: string, way: readonly string[]) => { parameter: string } | { pointer: string };

const inParameters: Place = (parameter) => ({ parameter });
/** RFC 6901. */
const inBody: Place = (field, way) => ({
  pointer: [field, ...way].map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
});

/** Reads all fields; what is wrong goes to `mistakes`, and only without any is the result complete. */
function readFields<F extends Fields>(
  fields: F,
  given: Readonly<Record<string, unknown>>,
  place: Place,
  mistakes: InputMistake[],
): Values<F> {
  const values: Record<string, unknown> = {};
  for (const name of Object.keys(given)) {
    if (Object.hasOwn(fields, name)) continue;
    mistakes.push({ ...place(name, []), detail: `is unknown; known: ${Object.keys(fields).join(", ") || "none"}` });
  }
  for (const [name, schema] of Object.entries(fields)) {
    const isGiven = Object.hasOwn(given, name);
    const result = v.safeParse(schema(), isGiven ? given[name] : undefined);
    values[name] = result.output;
    if (!result.success && !isGiven) mistakes.push({ ...place(name, []), detail: "is missing" });
    else {
      for (const { path = [], message } of result.issues ?? []) {
        const way = (path as { key: unknown }[]).map(({ key }) => String(key));
        mistakes.push({ ...place(name, way), detail: message });
      }
    }
  }
  return values as Values<F>;
}

/** Numbers and truth values are text in a URL. */
function fromText(text: string, schema: v.GenericSchema | undefined): unknown {
  const { type } = schema !== undefined && "wrapped" in schema ? (schema.wrapped as v.GenericSchema) : (schema ?? {});
  if (type === "number" && /^\d{1,15}$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** Path and query parameters. */
export function readParameters<F extends Fields>(
  fields: F,
  given: Iterable<readonly [string, string]>,
  mistakes: InputMistake[],
): Values<F> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, text] of given) {
    if (name in values) mistakes.push({ parameter: name, detail: "is given twice" });
    values[name] = fromText(text, Object.hasOwn(fields, name) ? fields[name]?.() : undefined);
  }
  return readFields(fields, values, inParameters, mistakes);
}

/** The fields of a body that is a JSON object. */
export function readObject<F extends Fields>(fields: F, json: unknown, mistakes: InputMistake[]): Values<F> {
  const isObject = typeof json === "object" && json !== null && !Array.isArray(json);
  if (!isObject) mistakes.push({ pointer: "", detail: "must be an object" });
  return readFields(fields, isObject ? (json as Record<string, unknown>) : {}, inBody, isObject ? mistakes : []);
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
