import { describe, expect, it } from "vitest";
import { randomBase32 } from "../src/encoding.ts";
import { apiWorld, call, eventsOf, visitor } from "./support/api.ts";
import { cleanUp, database, passSeconds, rows, seenByOrigin, stopClock } from "./support/setting.ts";
import { APP_ID, HOST, OTHER_APP_ID, site, type World } from "./support/world.ts";

/** Looking users up, listing them, binding the site's own ids, blocking: what a shop's back office does. */

cleanUp();

const OTHER = site({ host: "other.example.com", app_id: OTHER_APP_ID, app_secret: "OTHER_SECRET" });
const NOBODY = `wxu_${"a".repeat(26)}`;
const RECHECK = 300;

const newId = () => `wxu_${randomBase32(26)}`;

/** Users who signed in on some day, straight into D1. */
async function people(count: number, seenAt = 1_000, appId = APP_ID): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  await database.batch(
    ids.flatMap((id) => [
      database.prepare("INSERT INTO users (id, created_at) VALUES (?, 1)").bind(id),
      database
        .prepare("INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at) VALUES (?, ?, ?, 1, ?)")
        .bind(appId, `o-${id}`, id, seenAt),
    ]),
  );
  return ids.sort();
}

/** `younger` has been joined into `older`. */
async function merge(younger: string, older: string): Promise<void> {
  await database.batch([
    database.prepare("UPDATE bindings SET user_id = ? WHERE user_id = ?").bind(older, younger),
    database.prepare("UPDATE users SET merged_into = ? WHERE id = ?").bind(older, younger),
  ]);
}

/** All pages of a list. */
async function all(world: World, query: string, limit = 200, host?: string): Promise<string[]> {
  const found: string[] = [];
  let cursor = "";
  for (let page = 0; page < 100; page++) {
    const path = `/users?limit=${limit}${query}${cursor}`;
    const { body } = await call(world, "GET", path, host === undefined ? {} : { host });
    found.push(...body.users.map(({ user }: { user: string }) => user));
    if (body.next_cursor === null) return found;
    cursor = `&cursor=${body.next_cursor}`;
  }
  throw new Error("the list has no end");
}

describe("a user", () => {
  it("is shown with bindings, site user and block", async () => {
    const world = apiWorld();
    const { user, openid } = await visitor(world);
    const { status, body } = await call(world, "GET", `/users/${user}`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ user, merged_into: null, site_user: null, blocked: false });
    expect(body.bindings).toEqual([
      {
        appid: APP_ID,
        openid,
        unionid: null,
        nickname: null,
        avatar: null,
        profile_at: null,
        created_at: body.created_at,
        seen_at: body.created_at,
      },
    ]);
  });

  it("is found by user, openid, unionid and site user", async () => {
    const world = apiWorld();
    const [user = ""] = await people(1);
    await database.prepare("UPDATE bindings SET unionid = 'union-1' WHERE user_id = ?").bind(user).run();
    await call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "member+1@shop" } });
    const wanted = [`user=${user}`, `openid=o-${user}`, "unionid=union-1", "site_user=member%2B1%40shop"];
    for (const query of wanted) {
      const { body } = await call(world, "GET", `/users?${query}`);
      expect(
        body.users.map((one: { user: string }) => one.user),
        query,
      ).toEqual([user]);
      expect(body.next_cursor).toBeNull();
    }
    const none = [`user=${NOBODY}`, "openid=o-nobody", "unionid=union-2", "site_user=member"];
    for (const query of none) expect((await call(world, "GET", `/users?${query}`)).body.users).toEqual([]);
    expect((await call(world, "GET", `/users?openid=o-${user}&blocked=true`)).body.users).toEqual([]);
  });

  it("of another site's account is nobody here, to be read, changed or deleted", async () => {
    const world = apiWorld([site(), OTHER]);
    const [user = ""] = await people(1, 1_000, OTHER_APP_ID);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(404);
    expect((await call(world, "PUT", `/users/${user}/block`)).status).toBe(404);
    expect((await call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "x" } })).status).toBe(404);
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    expect((await call(world, "GET", `/users?openid=o-${user}`)).body.users).toEqual([]);
    const there = await call(world, "GET", `/users/${user}`, { host: "other.example.com" });
    expect(there.body).toMatchObject({ user, blocked: false, site_user: null });
  });

  it("of the site's account before stays the site's by the id it was bound to, so that it can be let go or deleted", async () => {
    const { user } = await visitor(apiWorld([site(), OTHER]));
    const { user: unbound } = await visitor(apiWorld([site(), OTHER]));
    const id = `app-id-${user}`;
    await call(apiWorld([site(), OTHER]), "PUT", `/users/${user}/site_user`, { json: { site_user: id } });

    const world = apiWorld([site({ app_id: "wx00000000000000aa" }), OTHER]);
    const [again = ""] = await people(1, 1_000, "wx00000000000000aa");
    const json = { site_user: id };
    expect((await call(world, "PUT", `/users/${again}/site_user`, { json })).status).toBe(409);
    expect((await call(world, "GET", `/users?site_user=${id}`)).body.users).toMatchObject([{ user, site_user: id }]);
    expect(await all(world, "&bound=true")).toContain(user);
    expect(await all(world, "")).toContain(user);
    expect(await all(world, "&seen_since=1")).not.toContain(user);
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(200);
    expect((await call(world, "PUT", `/users/${user}/block`)).body).toMatchObject({ user, blocked: true });
    // Nobody of the site any more, and none of another site's business.
    expect((await call(world, "GET", `/users/${unbound}`)).status).toBe(404);
    const other = { host: "other.example.com" };
    expect((await call(world, "GET", `/users/${user}`, other)).status).toBe(404);
    expect((await call(world, "DELETE", `/users/${user}`, other)).status).toBe(204);
    expect(await rows("SELECT id FROM users WHERE id = ?", user)).toHaveLength(1);

    expect((await call(world, "DELETE", `/users/${user}/site_user`)).status).toBe(204);
    expect((await call(world, "PUT", `/users/${again}/site_user`, { json })).body).toMatchObject({ site_user: id });
    expect((await call(world, "GET", `/users/${user}`)).status).toBe(404);
    await call(world, "DELETE", `/users/${again}`);
    await rows("INSERT INTO site_users (site, user_id, site_user) VALUES (?, ?, ?)", HOST, user, id);
    expect((await call(world, "DELETE", `/users/${user}`)).status).toBe(204);
    expect(await rows("SELECT id FROM users WHERE id = ?", user)).toEqual([]);
  });

  it("who was merged is answered with the older one, and writes act on that one", async () => {
    const world = apiWorld();
    const [older = "", younger = ""] = await people(2);
    await merge(younger, older);
    await call(world, "PUT", `/users/${younger}/block`);
    const bound = await call(world, "PUT", `/users/${younger}/site_user`, { json: { site_user: "merged-1" } });
    expect(bound.body).toMatchObject({ user: younger, merged_into: older, site_user: "merged-1", blocked: true });
    const kept = await call(world, "GET", `/users/${older}`);
    expect(kept.body).toEqual({ ...bound.body, user: older, merged_into: null });
    expect((await eventsOf(older)).map(({ kind }) => kind)).toEqual(["block", "bind"]);
    expect(await all(world, `&user=${younger}`)).toEqual([younger]);
    expect(await all(world, "")).not.toContain(younger);
    expect((await call(world, "DELETE", `/users/${younger}/block`)).status).toBe(204);
    expect((await call(world, "GET", `/users/${older}`)).body.blocked).toBe(false);
  });
});

describe("the list of users", () => {
  it("is walked page by page, each user once, whoever comes in between", async () => {
    const world = apiWorld();
    const before = await people(23);
    const first = await call(world, "GET", "/users?limit=5");
    expect(first.body.users).toHaveLength(5);
    const seen = first.body.users.map(({ user }: { user: string }) => user);
    let cursor: string | null = first.body.next_cursor;
    while (cursor !== null) {
      await people(2);
      const { body } = await call(world, "GET", `/users?limit=5&cursor=${cursor}`);
      seen.push(...body.users.map(({ user }: { user: string }) => user));
      cursor = body.next_cursor;
      if (seen.length > 200) break;
    }
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual([...seen].sort());
    for (const user of before) expect(seen).toContain(user);
  });

  it("has 50 on a page unless asked otherwise, and no cursor after the last", async () => {
    const world = apiWorld();
    await people(60);
    expect((await call(world, "GET", "/users")).body.users).toHaveLength(50);
    const everybody = await all(world, "");
    const exact = await call(world, "GET", `/users?limit=${Math.min(200, everybody.length)}`);
    expect(exact.body.next_cursor).toBeNull();
  });

  it("is filtered by block, site user and last login, alone and together", async () => {
    const world = apiWorld([OTHER]);
    const host = "other.example.com";
    const list = (query: string, limit?: number) => all(world, query, limit, host);
    const [a = "", b = "", c = "", d = ""] = await people(4, 1_000, OTHER_APP_ID);
    await database.prepare("UPDATE bindings SET seen_at = 5000 WHERE user_id IN (?, ?)").bind(a, b).run();
    for (const user of [a, c]) await call(world, "PUT", `/users/${user}/block`, { host });
    for (const user of [a, d]) {
      await call(world, "PUT", `/users/${user}/site_user`, { host, json: { site_user: `own-${user.slice(-3)}` } });
    }
    const strangers = new Set((await list("")).filter((user) => ![a, b, c, d].includes(user)));
    const listed = async (query: string) => (await list(query, 1)).filter((user) => !strangers.has(user));
    expect(await listed("&blocked=true")).toEqual([a, c]);
    expect(await listed("&blocked=false")).toEqual([b, d]);
    expect(await listed("&bound=true")).toEqual([a, d]);
    expect(await listed("&bound=false")).toEqual([b, c]);
    expect(await listed("&seen_since=5000")).toEqual([a, b]);
    expect(await listed("&seen_since=5001")).toEqual([]);
    expect(await listed("&blocked=true&bound=true&seen_since=4000")).toEqual([a]);
    expect(await listed("&blocked=true&bound=false")).toEqual([c]);
  });

  it("goes on after 5,000 users whom no filter lets through", async () => {
    const world = apiWorld();
    const rare = "wxu_zzzzzzzzzzzzzzzzzzzzzzzzzz";
    await database
      .prepare(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5100)
         INSERT INTO users (id, created_at)
         SELECT 'wxu_' || replace(replace(replace(replace(printf('%026d', i), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd'), 1 FROM n`,
      )
      .run();
    await database.batch([
      database.prepare("INSERT INTO users (id, created_at) VALUES (?, 1)").bind(rare),
      database
        .prepare(
          "INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at) VALUES (?, 'o-rare', ?, 1, 6000000000)",
        )
        .bind(APP_ID, rare),
    ]);
    const first = await call(world, "GET", "/users?seen_since=5999999999&limit=1");
    expect(first.body).toEqual({ users: [], next_cursor: expect.any(String) });
    expect(await all(world, "&seen_since=5999999999", 1)).toContain(rare);
  });
});

describe("the site's own id", () => {
  it("reaches the origin as X-WX-SITE-USER within recheck, and goes as it came", async () => {
    stopClock();
    const world = apiWorld();
    const { browser, user } = await visitor(world);
    const { status, body } = await call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "1001-a" } });
    expect([status, body.site_user]).toEqual([200, "1001-a"]);
    passSeconds(RECHECK);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-site-user")).toBe("1001-a");
    await call(world, "DELETE", `/users/${user}/site_user`);
    passSeconds(RECHECK);
    await browser.navigate("/");
    expect(seenByOrigin(world, "x-wx-site-user")).toBeNull();
  });

  it("can be written and removed again and again: the same answer, and one event for each change", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const put = (site_user: string) => call(world, "PUT", `/users/${user}/site_user`, { json: { site_user } });
    const [first, again] = [await put("repeat-1"), await put("repeat-1")];
    expect(again.body).toEqual(first.body);
    expect((await put("repeat-2")).body.site_user).toBe("repeat-2");
    for (let time = 0; time < 2; time++) {
      expect((await call(world, "DELETE", `/users/${user}/site_user`)).status).toBe(204);
    }
    expect(await eventsOf(user)).toEqual([
      { kind: "bind", actor: "api:full", detail: '{"site_user":"repeat-1","was":null}' },
      { kind: "bind", actor: "api:full", detail: '{"site_user":"repeat-2","was":"repeat-1"}' },
      { kind: "unbind", actor: "api:full", detail: '{"site_user":"repeat-2"}' },
    ]);
  });

  it("belongs to one user of a site, and can be another's on another site", async () => {
    const world = apiWorld([site(), site({ host: "other.example.com" })]);
    const [first = "", second = ""] = await people(2);
    const put = (user: string, host: string) =>
      call(world, "PUT", `/users/${user}/site_user`, { host, json: { site_user: "mine" } });
    expect((await put(first, HOST)).status).toBe(200);
    const taken = await put(second, HOST);
    expect([taken.status, taken.body.code]).toEqual([409, "site_user_taken"]);
    expect(await eventsOf(second)).toEqual([]);
    expect((await put(second, "other.example.com")).body.site_user).toBe("mine");
    expect((await call(world, "GET", `/users/${second}`)).body.site_user).toBeNull();
    await call(world, "DELETE", `/users/${first}/site_user`);
    expect((await put(second, HOST)).body.site_user).toBe("mine");
  });

  it("that two ask for at once is one's", async () => {
    const world = apiWorld();
    const users = await people(8);
    const answers = await Promise.all(
      users.map((user) => call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "contested" } })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(409)]);
    expect(await rows("SELECT user_id FROM site_users WHERE site_user = 'contested'")).toHaveLength(1);
    expect(await rows("SELECT id FROM events WHERE kind = 'bind' AND detail LIKE '%contested%'")).toHaveLength(1);
  });
});

describe("a block", () => {
  it("puts live sessions out within recheck and keeps new ones from being made, on this site only", async () => {
    stopClock();
    const world = apiWorld([site(), site({ host: "other.example.com" })]);
    const { browser, user } = await visitor(world);
    expect((await call(world, "PUT", `/users/${user}/block`)).body).toMatchObject({ user, blocked: true });
    passSeconds(RECHECK);
    expect((await browser.fetch("/api")).status).toBe(401);
    expect((await browser.open("/")).response.status).toBe(403);
    expect((await browser.open("https://other.example.com/")).response.status).toBe(200);
    const elsewhere = await call(world, "GET", `/users/${user}`, { host: "other.example.com" });
    expect(elsewhere.body.blocked).toBe(false);

    expect((await call(world, "DELETE", `/users/${user}/block`)).status).toBe(204);
    expect((await browser.open("/")).response.status).toBe(200);
  });

  it("can be set and lifted again and again: the same answer, and one event for each change", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const first = await call(world, "PUT", `/users/${user}/block`);
    const again = await call(world, "PUT", `/users/${user}/block`, { json: {} });
    expect(again.body).toEqual(first.body);
    for (let time = 0; time < 2; time++) {
      expect((await call(world, "DELETE", `/users/${user}/block`)).status).toBe(204);
    }
    expect(await eventsOf(user)).toEqual([
      { kind: "block", actor: "api:full", detail: null },
      { kind: "unblock", actor: "api:full", detail: null },
    ]);
  });
});
