import { existsSync, readFileSync } from "node:fs";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { toJsonSchema } from "@valibot/to-json-schema";
import type { GenericSchema } from "valibot";
import { NAMED } from "../../src/api/answers.ts";
import { API_BASE, CONTRACT, type Contract, type EndpointName, scopeOf } from "../../src/api/contract.ts";
import type { Field } from "../../src/api/fields.ts";
import type { Fields } from "../../src/api/input.ts";
import { FIELD_WORDS, OPERATIONS, type OperationWords } from "../../src/api/openapi-reference.ts";
import { PROBLEMS, type ProblemCode } from "../../src/api/problems.ts";

/** The OpenAPI document, from the schemas that the endpoints read their input by and the tests check the answers by. */

type Json = Record<string, unknown>;

const EVERYWHERE: readonly ProblemCode[] = ["key_missing", "key_unknown", "key_wrong_host", "key_lacks_scope"];
const OF_INPUT: readonly ProblemCode[] = ["input_invalid"];
const OF_BODY: readonly ProblemCode[] = ["json_malformed", "content_type_refused", "body_too_large"];

const definitions = {
  definitions: NAMED,
  overrideRef: ({ referenceId }: { referenceId: string }) => refTo(referenceId),
};
const refTo = (name: string) => `#/components/schemas/${name}`;

/** Of an answer: as it leaves the gateway. */
function schemaOf(schema: GenericSchema, definition?: string): Json {
  const others = Object.fromEntries(Object.entries(NAMED).filter(([name]) => name !== definition));
  const { $schema, $defs, ...json } = toJsonSchema(schema, { ...definitions, definitions: others });
  return json;
}

/** Of an input: as the caller writes it. */
function fieldOf(name: string, field: Field): { required: boolean; description: string; schema: Json } {
  const description = FIELD_WORDS[name];
  if (description === undefined) throw new Error(`src/api/openapi-reference.ts has no words for ${name}`);
  const schema = field.absent === undefined ? field.schema : { ...field.schema, default: field.absent };
  return { required: !("absent" in field), description, schema };
}

const parameters = (fields: Fields, place: "path" | "query") =>
  Object.entries(fields).map(([name, field]) => ({ name, in: place, ...fieldOf(name, field) }));

function bodyOf(fields: Fields): Json {
  const entries = Object.entries(fields).map(([name, field]) => ({ name, ...fieldOf(name, field) }));
  const schema = {
    type: "object",
    properties: Object.fromEntries(
      entries.map(({ name, description, schema: json }) => [name, { ...json, description }]),
    ),
    required: entries.filter(({ required }) => required).map(({ name }) => name),
    additionalProperties: false,
  };
  return { required: entries.some(({ required }) => required), content: { "application/json": { schema } } };
}

function responsesOf({ query, params, body }: Contract, { answer, problems = [] }: OperationWords): Json {
  const hasInput = query !== undefined || params !== undefined || body !== undefined;
  const codes = [
    ...OF_INPUT,
    ...(body === undefined ? [] : OF_BODY),
    ...EVERYWHERE,
    ...problems,
    ...(hasInput ? (["storage_unavailable"] as const) : []),
  ];
  const statuses = [...new Set(codes.map((code) => PROBLEMS[code][0]))].sort();
  const schema = answer?.schema ? schemaOf(answer.schema) : { type: "object" };
  return {
    ...(answer === null
      ? { 204: { description: "It is gone, or never was." } }
      : { 200: { description: answer.words, content: { "application/json": { schema } } } }),
    ...Object.fromEntries(
      statuses.map((status) => {
        const description = codes.filter((code) => PROBLEMS[code][0] === status).join(", ");
        return [
          status,
          { description, content: { "application/problem+json": { schema: { $ref: refTo("Problem") } } } },
        ];
      }),
    ),
  };
}

function operationOf(name: EndpointName, contract: Contract): Json {
  const words = OPERATIONS[name];
  return {
    operationId: name,
    summary: words.summary,
    security: [{ key: [scopeOf(contract)] }],
    parameters: [...parameters(contract.params ?? {}, "path"), ...parameters(contract.query ?? {}, "query")],
    ...(contract.body !== undefined && { requestBody: bodyOf(contract.body) }),
    responses: responsesOf(contract, words),
  };
}

function openapiDocument(): Json {
  const { version, license } = JSON.parse(readFileSync("package.json", "utf8"));
  const paths: Record<string, Json> = {};
  for (const [name, contract] of Object.entries<Contract>(CONTRACT)) {
    const path = contract.path.replace(/:(\w+)/g, "{$1}");
    const operation = operationOf(name as EndpointName, contract);
    paths[path] = { ...paths[path], [contract.method.toLowerCase()]: operation };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "wxgate management API",
      version,
      license: { name: license, identifier: license },
      description: "For the server side of the site on whose host it is called. Times are Unix seconds.",
    },
    servers: [{ url: API_BASE }],
    security: [{ key: [] }],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(NAMED).map(([name, schema]) => [name, schemaOf(schema, name)])),
      securitySchemes: { key: { type: "http", scheme: "bearer", description: "A key of API_KEYS." } },
    },
  };
}

/** `docs/openapi.json`: the document for people. */
export const openapiPage = () => `${JSON.stringify(openapiDocument(), null, 2)}\n`;

const MODULE = "src/api/openapi-document.ts";

/** The Worker's copy. What counts is what it inflates to: zlib packs a little differently on every machine. */
export function openapiModule(): string {
  const document = JSON.stringify(openapiDocument());
  const old = existsSync(MODULE) ? readFileSync(MODULE, "utf8") : "";
  const packed = /"([\w-]+)"/.exec(old)?.[1];
  if (packed !== undefined && inflate(packed) === document) return old;
  const fresh = deflateRawSync(document, { level: 9 }).toString("base64url");
  return `/** docs/openapi.json, deflated. Generated by \`npm run docs\`. */\nexport const OPENAPI_DEFLATED =\n  "${fresh}";\n`;
}

function inflate(packed: string): string {
  try {
    return inflateRawSync(Buffer.from(packed, "base64url")).toString();
  } catch {
    return "";
  }
}
