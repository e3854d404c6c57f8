import { type Schema, Validator } from "@cfworker/json-schema";
import { expect } from "vitest";
import document from "../../docs/openapi.json";
import { openidOf } from "../../simulator/identity.ts";
import { Browser } from "./browser.ts";
import { rows, setUp, somebody } from "./setting.ts";
import { APP_ID, HOST, type SiteInput, site, type World } from "./world.ts";

/** An origin's server side: it holds keys, calls the management API, and believes what the OpenAPI document says. */

const sha256 = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toHex();

/** As `npm run keys -- --api` makes them. */
const token = (letter: string) => `wxk_${letter.repeat(43)}`;
export const KEYS = { full: token("f"), reader: token("r"), writer: token("w"), foreign: token("o") } as const;
export type KeyName = keyof typeof KEYS;

const keyEntry = async (name: KeyName, scopes: string[], hosts: string[]) => ({
  name,
  sha256: await sha256(KEYS[name]),
  scopes,
  hosts,
});
export const API_KEYS = JSON.stringify([
  await keyEntry("full", ["read", "write"], [HOST, "other.example.com", "*.wild.example.com"]),
  await keyEntry("reader", ["read"], [HOST]),
  await keyEntry("writer", ["write"], [HOST]),
  await keyEntry("foreign", ["read", "write"], ["elsewhere.example.com"]),
]);

/** A world whose gateway has the keys above. */
export function apiWorld(sites: SiteInput[] = [site()], more: Record<string, unknown> = {}): World {
  return setUp(sites, { API_KEYS, ...more });
}

/** Whatever the gateway sends: its form is held against the document. */
type Body = ReturnType<typeof JSON.parse>;
export type Answer = { status: number; body: Body; headers: Headers };
export type CallOptions = {
  key?: KeyName | null;
  json?: unknown;
  body?: string | Uint8Array;
  headers?: Record<string, string>;
  host?: string;
};

/** One call, its answer held against the document. `path` is what follows `/_wx/api/v1`. */
export async function call(
  world: World,
  method: string,
  path: string,
  { key = "full", json, body, headers = {}, host = HOST }: CallOptions = {},
): Promise<Answer> {
  const all = new Headers(headers);
  if (key !== null) all.set("authorization", `Bearer ${KEYS[key]}`);
  if (json !== undefined && !all.has("content-type")) all.set("content-type", "application/json");
  const sent = json === undefined ? body : JSON.stringify(json);
  const request = new Request(`https://${host}/_wx/api/v1${path}`, {
    method,
    headers: all,
    ...(sent !== undefined && { body: sent as BodyInit }),
  });
  const response = await world.send(request);
  const text = await response.text();
  const answer = { status: response.status, body: text === "" ? null : JSON.parse(text), headers: response.headers };
  expectDocumented(method, path, answer);
  return answer;
}

type Operation = {
  operationId: string;
  security: { key: string[] }[];
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
};
const PATHS = document.paths as unknown as Record<string, Record<string, Operation>>;

export const OPERATIONS = Object.entries(PATHS).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

/** References lead into the document, whose schemas are the definitions here. */
const moved = (schema: unknown) => JSON.parse(JSON.stringify(schema).replaceAll("#/components/schemas/", "#/$defs/"));
const $defs = moved(document.components.schemas);
const validate = (schema: Schema, value: unknown) =>
  new Validator({ ...moved(schema), $defs }, "2020-12", false).validate(value).errors;

function expectDocumented(method: string, path: string, { status, body, headers }: Answer): void {
  const bare = path.split("?", 1)[0] ?? "";
  const operation = OPERATIONS.find(
    (one) =>
      one.method === (method === "HEAD" ? "GET" : method) &&
      new RegExp(`^${one.path.replace(/\{\w+\}/g, "[^/]+")}$`).test(bare),
  );
  const isProblem = status >= 400;
  const type = headers.get("content-type")?.split(";", 1)[0];
  if (isProblem) expect(type).toBe("application/problem+json");
  // No operation: a path or a method that there is not, which the document cannot list.
  const documented =
    operation === undefined
      ? { content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } } }
      : operation.responses[status];
  expect(documented, `${method} ${path} answers ${status}, which is not documented`).toBeDefined();
  if (operation === undefined) expect([404, 405, 401]).toContain(status);
  const schema = documented?.content?.[type ?? ""]?.schema;
  if (body === null) expect(method === "HEAD" || documented?.content === undefined).toBe(true);
  else if (schema === undefined) throw new Error(`${method} ${path}: ${type} is not documented`);
  else expect(validate(schema, body)).toEqual([]);
}

/** Somebody signs in; what the origin would know of them. */
export async function visitor(world: World, person = somebody(), path = "/") {
  const browser = new Browser(world, person);
  const { response } = await browser.open(path);
  expect(response.status).toBe(200);
  const openid = await openidOf(APP_ID, person);
  const [session] = await rows<{ sid: string; user_id: string }>(
    "SELECT sid, user_id FROM sessions WHERE openid = ? ORDER BY created_at DESC",
    openid,
  );
  if (session === undefined) throw new Error("nobody is signed in");
  return { browser, person, openid, user: session.user_id, sid: session.sid };
}

/** Events of a user, oldest first. */
export const eventsOf = (user: string) =>
  rows<{ kind: string; actor: string; detail: string | null }>(
    "SELECT kind, actor, detail FROM events WHERE user_id = ? AND actor LIKE 'api:%' ORDER BY id",
    user,
  );
