import { expect, it } from "vitest";
import { configOf, mistakenKeys, mistakesOf, oneSite } from "../src/config/sample-env.ts";
import { API_KEYS, apiWorld, call, KEYS, visitor } from "./support/api.ts";
import { Browser } from "./support/browser.ts";
import { cleanUp, logged, seenByOrigin, setUp } from "./support/setting.ts";
import { HOST, OTHER_APP_ID, site } from "./support/world.ts";

/** Who may call the management API. */

cleanUp();

const OTHER_SITE = site({ host: "other.example.com", app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" });
const NOBODY = `wxu_${"a".repeat(26)}`;
const withAuthorization = (authorization: string) => ({ key: null, headers: { authorization } });

it("refuses a call without a key, and asks for one", async () => {
  const world = apiWorld();
  const { status, body, headers } = await call(world, "GET", "/users", { key: null });
  expect([status, body.code, headers.get("www-authenticate")]).toEqual([401, "key_missing", "Bearer"]);
  expect(logged(world, { code: "key_missing", event: "failure", level: "warn" })).toHaveLength(1);
});

it.each([
  ["an empty one", "Bearer "],
  ["another scheme", `Basic ${KEYS.full}`],
  ["no scheme", KEYS.full],
  ["two words", `Bearer ${KEYS.full} ${KEYS.full}`],
])("takes %s for no key", async (_, authorization) => {
  const { status, body } = await call(apiWorld(), "GET", "/users", withAuthorization(authorization));
  expect([status, body.code]).toEqual([401, "key_missing"]);
});

it.each([
  ["a made-up one", `wxk_${"x".repeat(43)}`],
  ["a cut one", KEYS.full.slice(0, -1)],
  ["the digest", JSON.parse(API_KEYS)[0].sha256],
  ["the name", "full"],
])("does not know %s, and its log line does not hold it", async (_, token) => {
  const world = apiWorld();
  const { status, body, headers } = await call(world, "GET", "/users", withAuthorization(`Bearer ${token}`));
  expect([status, body.code, headers.get("www-authenticate")]).toEqual([401, "key_unknown", "Bearer"]);
  expect(logged(world, { code: "key_unknown" })).toHaveLength(1);
  if (token !== "full") expect(JSON.stringify(world.logLines)).not.toContain(token);
});

it("tells nobody without a key which endpoints there are", async () => {
  const world = apiWorld();
  for (const [method, path] of [
    ["GET", "/nothing"],
    ["DELETE", "/users"],
    ["OPTIONS", "/users"],
    ["GET", "/openapi.json"],
  ] as const) {
    expect((await call(world, method, path, { key: null })).status).toBe(401);
  }
});

it("refuses everybody where API_KEYS is not set", async () => {
  const world = setUp();
  for (const key of ["full", null] as const) expect((await call(world, "GET", "/users", { key })).status).toBe(401);
});

it("refuses another host's key", async () => {
  const world = apiWorld();
  const { status, body } = await call(world, "GET", "/users", { key: "foreign" });
  expect([status, body.code]).toEqual([403, "key_wrong_host"]);
});

it("takes a key on each host that it names, and on all of a wildcard site that it names", async () => {
  const wild = site({ host: "*.wild.example.com", callback_host: HOST });
  const world = apiWorld([site(), OTHER_SITE, wild]);
  for (const host of [HOST, `${HOST}:8443`, "other.example.com", "a.wild.example.com", "b.wild.example.com"]) {
    expect((await call(world, "GET", "/users", { host })).status, host).toBe(200);
  }
  expect((await call(world, "GET", "/users", { host: "other.example.com", key: "reader" })).status).toBe(403);
});

it("lets a read key read and a write key write, nothing more", async () => {
  const world = apiWorld();
  const { user } = await visitor(world);
  expect((await call(world, "GET", `/users/${user}`, { key: "reader" })).status).toBe(200);
  const refused = await call(world, "PUT", `/users/${user}/block`, { key: "reader" });
  expect([refused.status, refused.body.code]).toEqual([403, "key_lacks_scope"]);
  expect(refused.headers.get("www-authenticate")).toBe('Bearer error="insufficient_scope", scope="write"');
  expect((await call(world, "PUT", `/users/${user}/block`, { key: "writer" })).status).toBe(200);
  expect((await call(world, "GET", `/users/${user}`, { key: "writer" })).status).toBe(403);
});

it("does not look at cookies: a signed-in browser is nobody here", async () => {
  const world = apiWorld();
  const { browser } = await visitor(world);
  const response = await browser.fetch("/_wx/api/v1/users");
  expect(response.status).toBe(401);
  expect(response.headers.getSetCookie()).toEqual([]);
});

it("leaves Authorization of every other path to the origin", async () => {
  const world = apiWorld([site({ access: "open" })]);
  await new Browser(world).fetch("/api/users", { headers: { authorization: `Bearer ${KEYS.full}` } });
  expect(seenByOrigin(world, "authorization")).toBe(`Bearer ${KEYS.full}`);
});

it("takes exact paths, and says which methods there are", async () => {
  const world = apiWorld();
  for (const path of ["/", "/users/", `/users/${NOBODY}/`, "/nothing", `/users/${NOBODY}/block/x`]) {
    const { status, body } = await call(world, "GET", path);
    expect([path, status, body.code]).toEqual([path, 404, "not_found"]);
  }
  const refused = await call(world, "POST", `/users/${NOBODY}`);
  expect([refused.status, refused.headers.get("allow")]).toEqual([405, "GET, HEAD, DELETE"]);
  const head = await call(world, "HEAD", "/users");
  expect([head.status, head.body]).toEqual([200, null]);
});

const entry = JSON.parse(API_KEYS)[0];
const withKeys = (...keys: unknown[]) => oneSite({}, { API_KEYS: JSON.stringify(keys) });

it("reads every key of API_KEYS", async () => {
  const { apiKeys } = await configOf(
    withKeys(entry, { ...entry, name: "b", sha256: "0".repeat(64), hosts: ["A.example."] }),
  );
  expect(apiKeys.map(({ name, hosts }) => [name, hosts[0]])).toEqual([
    ["full", HOST],
    ["b", "a.example"],
  ]);
  expect((await configOf(oneSite({}))).apiKeys).toEqual([]);
});

it.each([
  ["no JSON", "{", ["API_KEYS"]],
  ["no list", JSON.stringify(entry), ["API_KEYS"]],
  ["an entry that is no object", '["full"]', ["API_KEYS[0]"]],
  [
    "every field wrong",
    JSON.stringify([{ name: "a b", sha256: KEYS.full, scopes: ["red"], hosts: ["https://x"], host: "x" }]),
    ["name", "sha256", "scopes[0]", "hosts[0]", "host"].map((field) => `API_KEYS[0].${field}`),
  ],
  ["empty lists", JSON.stringify([{ ...entry, scopes: [], hosts: [] }]), ["API_KEYS[0].scopes", "API_KEYS[0].hosts"]],
  ["a name and a digest twice", JSON.stringify([entry, entry]), ["API_KEYS[1].name", "API_KEYS[1].sha256"]],
])("reports %s", async (_, secret, keys) => {
  expect(await mistakenKeys(oneSite({}, { API_KEYS: secret }))).toEqual(keys);
});

it("never shows a token that was written down in its digest's place", async () => {
  const mistakes = await mistakesOf(withKeys({ ...entry, sha256: KEYS.full }));
  expect(JSON.stringify(mistakes)).not.toContain("ffffffff");
  expect(mistakes[0]?.remedy).toContain("npm run keys");
});
