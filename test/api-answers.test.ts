import { describe, expect, it } from "vitest";
import document from "../docs/openapi.json";
import { type Answer, API_KEYS, apiWorld, type CallOptions, call, OPERATIONS, visitor } from "./support/api.ts";
import { brokenDatabase, brokenNamespace, cleanUp, database, logged, rows } from "./support/setting.ts";
import type { World } from "./support/world.ts";

/** Every answer that the OpenAPI document lists is given, and looks as it says: `call` holds each against it. */

cleanUp();

type Scenario = (world: World, method: string, path: string, fields?: unknown) => Promise<Answer>;

const NOBODY = `wxu_${"a".repeat(26)}`;

/** What success needs in the body. */
const BODIES: Record<string, unknown> = {
  bindSiteUser: { site_user: "1001" },
  importBindings: { rows: [{ openid: "o-imported", nickname: "小明" }, { openid: "" }] },
};

const withUser = (path: string, user: string, sid = "a".repeat(26)) =>
  path.replace("{user}", user).replace("{sid}", sid);

const send = (world: World, method: string, path: string, options: CallOptions = {}) =>
  call(world, method, path, options);

/** One request that leads to each status, whatever the endpoint. */
const SCENARIOS: Record<string, (id: string, needs: string) => Scenario> = {
  "200": (id) => async (world, method, path) => {
    const { user, sid } = await visitor(world);
    const answer = await send(world, method, withUser(path, user, sid), id in BODIES ? { json: BODIES[id] } : {});
    await send(world, "DELETE", `/users/${user}`);
    return answer;
  },
  "204": () => async (world, method, path) => {
    const { user, sid } = await visitor(world);
    return send(world, method, withUser(path, user, sid));
  },
  "400": (id) => (world, method, path) =>
    send(world, method, `${withUser(path, NOBODY)}?nope=1`, id in BODIES ? { json: BODIES[id] } : {}),
  "401": () => (world, method, path) => send(world, method, withUser(path, NOBODY), { key: null }),
  "403": (_, needs) => (world, method, path) =>
    send(world, method, withUser(path, NOBODY), { key: needs === "read" ? "writer" : "reader" }),
  "404": (id) => (world, method, path) =>
    send(world, method, withUser(path, NOBODY), id in BODIES ? { json: BODIES[id] } : {}),
  "409": (id) => async (world, method, path) => {
    const [first, second] = [await visitor(world), await visitor(world)];
    await send(world, method, withUser(path, first.user), { json: BODIES[id] });
    return send(world, method, withUser(path, second.user), { json: BODIES[id] });
  },
  "413": () => (world, method, path) =>
    send(world, method, withUser(path, NOBODY), { json: { x: "x".repeat(1_100_000) } }),
  "415": () => (world, method, path) =>
    send(world, method, withUser(path, NOBODY), { body: "a=b", headers: { "content-type": "text/plain" } }),
  "503": (id) => (world, method, path) => {
    world.env.DB = brokenDatabase();
    return send(world, method, withUser(path, NOBODY), id in BODIES ? { json: BODIES[id] } : {});
  },
};

describe("the OpenAPI document", () => {
  it("is what the gateway serves", async () => {
    const { status, body } = await call(apiWorld(), "GET", "/openapi.json");
    expect([status, body]).toEqual([200, document]);
  });

  it("names each operation once, with a summary, and describes each parameter", () => {
    expect(new Set(OPERATIONS.map(({ operationId }) => operationId)).size).toBe(OPERATIONS.length);
    expect(OPERATIONS.length).toBeGreaterThanOrEqual(12);
  });

  const documented = OPERATIONS.flatMap((operation) =>
    Object.keys(operation.responses).map((status) => ({ ...operation, status, title: operation.operationId })),
  );
  it.each(documented)(
    "$title answers $status as documented",
    async ({ operationId, method, path, status, security }) => {
      const scenario = SCENARIOS[status]?.(operationId, security[0]?.key[0] ?? "");
      if (scenario === undefined) throw new Error(`no scenario leads to ${status}`);
      const answer = await scenario(apiWorld(), method, path);
      expect(answer.status).toBe(Number(status));
      expect(answer.headers.get("cache-control")).toBe("no-store");
      if (answer.status >= 400) {
        expect(answer.body).toMatchObject({ status: answer.status, request_id: answer.headers.get("x-request-id") });
        expect(answer.body.type).toBe(`urn:wxgate:problem:${answer.body.code}`);
      }
    },
  );
});

describe("storage that fails", () => {
  it("is told, logged as an alarm, and the request can be repeated", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const { DB } = world.env;
    world.env.DB = brokenDatabase();
    expect((await call(world, "PUT", `/users/${user}/block`)).body.code).toBe("storage_unavailable");
    expect(logged(world, { code: "storage_unavailable", level: "error" })).toHaveLength(1);
    world.env.DB = DB;
    expect((await call(world, "PUT", `/users/${user}/block`)).body.blocked).toBe(true);
  });

  it("in KV keeps a deletion from D1 too: the bindings still lead to the tokens", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const { TOKENS } = world.env;
    world.env.TOKENS = brokenNamespace();
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(503);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(200);
    world.env.TOKENS = TOKENS;
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(404);
  });
});

describe("a write that fails at its end", () => {
  /** Every row of every table. */
  const everything = async () => {
    const tables = ["users", "bindings", "site_users", "blocks", "sessions", "logins", "events", "event_counts"];
    return Promise.all(tables.map((table) => rows(`SELECT * FROM ${table}`)));
  };
  const WRITES: [string, string, CallOptions?][] = [
    ["PUT", "/users/{user}/block"],
    ["DELETE", "/users/{user}/block"],
    ["PUT", "/users/{user}/site_user", { json: { site_user: "half-2" } }],
    ["DELETE", "/users/{user}/site_user"],
    ["DELETE", "/users/{user}/sessions"],
    ["DELETE", "/sessions/{sid}"],
    ["DELETE", "/users/{user}"],
  ];

  it.each(WRITES)("%s %s leaves everything as it was, and works when repeated", async (method, path, options) => {
    const world = apiWorld();
    const { user, sid } = await visitor(world);
    await call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "half-1" } });
    if (method === "DELETE") await call(world, "PUT", `/users/${user}/block`);
    const before = await everything();
    const { DB } = world.env;
    const failing = () => database.prepare("INSERT INTO users (id, created_at) VALUES (NULL, 1)");
    world.env.DB = new Proxy(database, {
      get: (target, name) => {
        if (name === "batch") return (all: D1PreparedStatement[]) => target.batch([...all, failing()]);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    expect((await call(world, method, withUser(path, user, sid), options)).status).toBe(503);
    expect(await everything()).toEqual(before);
    world.env.DB = DB;
    expect((await call(world, method, withUser(path, user, sid), options)).status).toBeLessThan(300);
    expect(await everything()).not.toEqual(before);
    await call(world, "DELETE", `/users/${user}`);
  });
});

it("the keys of these tests are a configuration without mistakes", () => {
  expect(JSON.parse(API_KEYS)).toHaveLength(4);
});
