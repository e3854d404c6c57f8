import { describe, expect, it } from "vitest";
import { apiStore } from "../scripts/users/api-calls.ts";
import { apiWorld, call, KEYS, visitor } from "./support/api.ts";
import { brokenDatabase, cleanUp, database, rows, seenByOrigin } from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID, site, type World } from "./support/world.ts";

/** Import and export through the API, and the command line's way of calling it. */

cleanUp();

const MINI_PROGRAM = "wx00000000000000aa";
const OTHER_SITE = site({ host: "other.example.com", app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" });

const load = (world: World, given: unknown, host = HOST) =>
  call(world, "POST", "/import", { json: { rows: given }, host });

describe("POST /import", () => {
  it("stores the good rows, and says of each other one all that is wrong", async () => {
    const { status, body } = await load(apiWorld(), [
      { openid: "api-1", unionid: "api-u1", site_user: "api-1001", nickname: "小明" },
      { openid: "not an openid", site_user: "wxu_mine", nickname: "x".repeat(1_025), appid: "wx1" },
      "rubbish",
      { openid: "api-2", unionid: "api-u1" },
      { openid: "api-3", unionid: null, site_user: "", nickname: "\ud800" },
      { openid: "api-4", avatar: "https://x.example" },
      { openid: "api-5", site_user: "WXU_1" },
      { unionid: "api-u6" },
    ]);
    expect([status, body.created, body.new_users, body.updated]).toEqual([200, 1, 1, 0]);
    const refused = body.refused as { row: number; reasons: { code: string }[] }[];
    expect(refused.map(({ row, reasons }) => [row, ...reasons.map(({ code }) => code)])).toEqual([
      [1, "openid_malformed", "appid_malformed", "site_user_malformed", "nickname_malformed"],
      [2, "row_malformed"],
      [3, "unionid_taken"],
      [4, "nickname_malformed"],
      [5, "column_unknown"],
      [6, "site_user_malformed"],
      [7, "openid_malformed"],
    ]);
    const [event] = await rows("SELECT * FROM events WHERE kind = 'import' ORDER BY id DESC");
    expect(event).toMatchObject({ site: HOST, user_id: null, actor: "api:full", detail: '{"rows":8,"refused":7}' });
  });

  it("is what a visitor then is to the site: X-WX-SITE-USER at the first login", async () => {
    const world = apiWorld();
    const { openid, browser } = await visitor(world);
    await load(world, [{ openid, site_user: "api-known" }]);
    await browser.open("/again");
    const after = await visitor(world, browser.person);
    expect(after.openid).toBe(openid);
    expect(seenByOrigin(world, "x-wx-site-user")).toBe("api-known");
  });

  it("takes rows of accounts that no site has, and leaves those of other sites to them", async () => {
    const world = apiWorld([site(), OTHER_SITE]);
    const { body } = await load(world, [
      { openid: "api-mini", appid: MINI_PROGRAM, unionid: "api-u7" },
      { openid: "api-here", appid: APP_ID, unionid: "api-u7" },
      { openid: "api-there", appid: OTHER_APP_ID },
    ]);
    expect(body).toMatchObject({
      created: 2,
      new_users: 1,
      refused: [{ row: 2, reasons: [{ code: "appid_withheld" }] }],
    });
    expect(await load(world, [{ openid: "api-there" }], "other.example.com")).toMatchObject({ body: { created: 1 } });
  });

  it("keeps nicknames out of D1 where the site does", async () => {
    await load(apiWorld([site({ store_profile: false })]), [{ openid: "api-quiet", nickname: "x" }]);
    expect(await rows("SELECT nickname FROM bindings WHERE openid = 'api-quiet'")).toEqual([{ nickname: null }]);
  });

  it("refuses what is no list of at most 1,000 rows", async () => {
    const world = apiWorld();
    const tooMany = Array.from({ length: 1_001 }, (_, index) => ({ openid: `api-many-${index}` }));
    for (const given of [undefined, {}, tooMany]) {
      expect(await load(world, given)).toMatchObject({ status: 400, body: { code: "input_invalid" } });
    }
    expect(await load(world, [{ openid: "x", nickname: "x".repeat(1_100_000) }])).toMatchObject({ status: 413 });
    expect(await rows("SELECT 1 FROM bindings WHERE openid LIKE 'api-many%'")).toEqual([]);
  });
});

describe("GET /export", () => {
  it("walks through all rows in order, and what it gives can be imported again", async () => {
    const world = apiWorld([site(), OTHER_SITE]);
    await load(world, [{ openid: "api-x", appid: MINI_PROGRAM, nickname: 'a "quoted", 名' }]);
    await load(world, [{ openid: "api-hidden" }], "other.example.com");
    const found: Record<string, unknown>[] = [];
    let query = "?limit=2";
    for (let pages = 0; query !== "" && pages < 100; pages++) {
      const { body } = await call(world, "GET", `/export${query}`);
      expect(body.rows.length).toBeLessThanOrEqual(2);
      found.push(...body.rows);
      query = body.next_cursor === null ? "" : `?limit=2&cursor=${body.next_cursor}`;
    }
    const expected = await rows(
      `SELECT b.openid, b.app_id AS appid, b.unionid, s.site_user, b.nickname FROM bindings b
       LEFT JOIN site_users s ON s.user_id = b.user_id AND s.site = ?
       WHERE b.app_id <> ? ORDER BY b.app_id, b.openid`,
      HOST,
      OTHER_APP_ID,
    );
    expect(found).toEqual(expected);
    expect(found.length).toBeGreaterThan(3);
    expect(await load(world, found)).toMatchObject({ body: { created: 0, new_users: 0, updated: 0, refused: [] } });
  });

  it("takes only a cursor of its own", async () => {
    const world = apiWorld();
    for (const cursor of ["x", "d3gx", btoa("wx0123456789abcdef.").replaceAll("=", ""), "%00"]) {
      expect((await call(world, "GET", `/export?cursor=${cursor}`)).status).toBe(400);
    }
    const long = { openid: "z".repeat(128) };
    await load(world, [long]);
    const { body } = await call(world, "GET", "/export?limit=1");
    expect(body.next_cursor).not.toBeNull();
    await rows("DELETE FROM bindings WHERE openid <> ?", long.openid);
    const after = btoa(`${APP_ID}.${long.openid}`).replaceAll("=", "");
    expect(await call(world, "GET", `/export?cursor=${after}`)).toMatchObject({
      body: { rows: [], next_cursor: null },
    });
  });
});

describe("the command line's calls", () => {
  const batchRow = (openid: string) => ({
    values: { openid },
    row: { openid, appId: "", unionid: null, siteUser: null, nickname: null },
  });

  function storeOf(world: World, more: Partial<Parameters<typeof apiStore>[0]> = {}) {
    const waits: number[] = [];
    const store = apiStore({
      url: new URL(`https://${HOST}/somewhere?x=1`),
      key: KEYS.full,
      isStopping: () => false,
      wait: async (ms) => waits.push(ms),
      ask: (url, init) => world.send(new Request(url, init)),
      ...more,
    });
    return { store, waits };
  }

  it("import and export through the real API", async () => {
    const { store } = storeOf(apiWorld());
    const outcome = await store.importRows([batchRow("cli-1"), batchRow("no openid"), batchRow("cli-2")], 0);
    expect(outcome).toMatchObject({
      created: 2,
      newUsers: 2,
      refused: [{ row: 1, reasons: [{ detail: expect.stringContaining("openid") }] }],
    });
    const page = await store.exportPage(null);
    expect(page.rows.map(({ openid }) => openid)).toEqual(expect.arrayContaining(["cli-1", "cli-2"]));
    expect(page.next).toBeNull();
    expect(await store.importRows([], 3)).toEqual({ created: 0, newUsers: 0, updated: 0, siteUsers: 0, refused: [] });
  });

  it("are repeated while the gateway is busy or away, and make nothing twice", async () => {
    const world = apiWorld();
    const answers = ["down", "lost", "limited", "done but lost"];
    const { store, waits } = storeOf(world, {
      ask: async (url, init) => {
        const next = answers.shift();
        if (next === "lost") throw new TypeError("fetch failed", { cause: new Error("ECONNRESET") });
        if (next === "limited") return new Response("", { status: 429, headers: { "retry-after": "7" } });
        world.env.DB = next === "down" ? brokenDatabase() : database;
        const response = await world.send(new Request(url, init));
        return next === "done but lost" ? new Response("", { status: 502 }) : response;
      },
    });
    expect(await store.importRows([batchRow("cli-again")], 0)).toMatchObject({ created: 0, refused: [] });
    expect(waits).toHaveLength(4);
    expect(waits[2]).toBe(7_000);
    expect(await rows("SELECT 1 FROM bindings WHERE openid = 'cli-again'")).toHaveLength(1);
  });

  it("end after six tries, and at once when Ctrl-C was pressed", async () => {
    const world = apiWorld();
    world.env.DB = brokenDatabase();
    const { store, waits } = storeOf(world);
    await expect(store.importRows([batchRow("cli-never")], 0)).rejects.toThrow("503 · storage_unavailable");
    expect(waits).toHaveLength(5);
    const stopping = storeOf(world, { isStopping: () => true });
    await expect(stopping.store.importRows([batchRow("cli-never")], 0)).rejects.toThrow("503");
    expect(stopping.waits).toEqual([]);
  });

  it.each([
    ["a key that is not known", { key: "wxk_x" }, "401 · key_unknown"],
    ["a key without the scope", { key: KEYS.reader }, "403 · key_lacks_scope"],
    [
      "a redirect, which the key does not follow",
      { ask: async () => new Response(null, { status: 301, headers: { location: "https://x.example/" } }) },
      "redirects to https://x.example/",
    ],
    ["something that is not wxgate", { ask: async () => new Response("<html>") }, "is it wxgate?"],
  ])("are not repeated for %s", async (_, more, message) => {
    const { store, waits } = storeOf(apiWorld(), more);
    await expect(store.importRows([batchRow("cli-no")], 0)).rejects.toThrow(message);
    expect(waits).toEqual([]);
  });
});
