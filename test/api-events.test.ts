import { describe, expect, it } from "vitest";
import { apiWorld, call, visitor } from "./support/api.ts";
import { cleanUp, database, passSeconds, stopClock } from "./support/setting.ts";
import { HOST, site, type World } from "./support/world.ts";

/** Reading what happened. */

cleanUp();

const OTHER_HOST = "other.example.com";
type Event = { id: number; at: number; kind: string; user: string | null; actor: string; detail: unknown };

async function all(world: World, query: string, limit = 200): Promise<Event[]> {
  const found: Event[] = [];
  let cursor = "";
  for (let page = 0; page < 200; page++) {
    const { body } = await call(world, "GET", `/events?limit=${limit}${query}${cursor}`);
    found.push(...body.events);
    if (body.next_cursor === null) return found;
    cursor = `&cursor=${body.next_cursor}`;
  }
  throw new Error("the list has no end");
}

const insert = (count: number, at: number, kind: string, user: string | null = null, where = HOST) =>
  database
    .prepare(
      `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO events (at, site, kind, user_id, actor) SELECT ?2, ?5, ?3, ?4, 'system' FROM n`,
    )
    .bind(count, at, kind, user, where)
    .run();

describe("events", () => {
  it("say who did what to whom and when, newest first", async () => {
    stopClock();
    const world = apiWorld();
    const { user } = await visitor(world);
    passSeconds(5);
    await call(world, "PUT", `/users/${user}/site_user`, { json: { site_user: "e-1" } });
    await call(world, "PUT", `/users/${user}/block`, { key: "writer" });
    const { body } = await call(world, "GET", `/events?user=${user}`);
    const now = Date.now() / 1_000;
    expect(body.next_cursor).toBeNull();
    expect(body.events.map(({ id, ...event }: Event) => event)).toEqual([
      { at: now, kind: "block", user, actor: "api:writer", detail: null },
      { at: now, kind: "bind", user, actor: "api:full", detail: { site_user: "e-1", was: null } },
      { at: now - 5, kind: "login", user, actor: "visitor", detail: null },
    ]);
  });

  it("are filtered by user, kind and time, alone and together", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    await insert(3, 2_000_000_000, "join", user);
    await insert(2, 2_000_000_100, "conflict", user);
    await insert(1, 2_000_000_100, "join");
    const count = async (query: string) => (await all(world, query, 2)).length;
    expect(await count("&since=2000000000")).toBe(6);
    expect(await count("&since=2000000001")).toBe(3);
    expect(await count("&since=2000000000&kind=join")).toBe(4);
    expect(await count(`&since=2000000000&kind=join&user=${user}`)).toBe(3);
    expect(await count(`&since=2000000101&user=${user}`)).toBe(0);
  });

  it("of a merged user and of the one it is now are one list, under either id", async () => {
    const world = apiWorld();
    const { user } = await visitor(world);
    const younger = `wxu_${"e".repeat(26)}`;
    await database
      .prepare("INSERT INTO users (id, created_at, merged_into) VALUES (?, 1, ?)")
      .bind(younger, user)
      .run();
    await insert(1, 5, "login", younger);
    const byOlder = await all(world, `&user=${user}`);
    expect(byOlder.map((event) => event.user)).toContain(younger);
    expect(await all(world, `&user=${younger}`)).toEqual(byOlder);
  });

  it("are those of the site whose host is asked", async () => {
    const world = apiWorld([site(), site({ host: OTHER_HOST })]);
    await insert(1, 2_100_000_000, "end", null, OTHER_HOST);
    expect(await all(world, "&since=2100000000")).toEqual([]);
    const there = await call(world, "GET", "/events?since=2100000000", { host: OTHER_HOST });
    expect(there.body.events).toHaveLength(1);
  });

  it("are walked page by page, each once, whatever happens meanwhile", async () => {
    const world = apiWorld();
    await insert(12, 1_900_000_000, "login");
    await insert(5, 1_900_000_001, "login");
    const before = (await all(world, "&since=1900000000")).map(({ id }) => id);
    const seen: number[] = [];
    let cursor: string | null = "";
    while (cursor !== null) {
      const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
      const { body } = await call(world, "GET", `/events?since=1900000000&limit=4${query}`);
      seen.push(...body.events.map(({ id }: Event) => id));
      cursor = body.next_cursor;
      await insert(3, 3_000_000_000, "login");
    }
    expect(seen).toEqual(before);
  });

  it("of a rare kind are found behind 5,000 others, some pages being empty", async () => {
    const world = apiWorld();
    await insert(1, 50, "conflict");
    await insert(5_100, 60, "login");
    const found = await all(world, "&kind=conflict");
    expect(found.filter(({ at }) => at === 50)).toHaveLength(1);
  });
});
