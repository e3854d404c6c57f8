import { createScheduledController } from "cloudflare:test";
import { beforeEach, describe, expect, it } from "vitest";
import type { Env } from "../src/env.ts";
import worker from "../src/index.ts";
import { BOUNDS, keepHouse } from "../src/jobs/housekeeping.ts";
import { brokenDatabase, cleanUp, database, logged, rows, setUp } from "./support/setting.ts";
import { HOST, site, type World } from "./support/world.ts";

/** The cron trigger: what is over goes, bounded; what lives stays. */

cleanUp();

const NOW = 1_700_000_000;
const DAY = 86_400;
const TABLES = ["sessions", "logins", "joins", "events"] as const;

beforeEach(async () => {
  await database.batch(
    [...TABLES, "bindings", "users"]
      .map((table) => database.prepare(`DELETE FROM ${table}`))
      .concat([database.prepare("INSERT INTO users (id, created_at) VALUES ('wxu_x', 1)")]),
  );
});

async function addSessions(prefix: string, n: number, expiresAt: number, endedAt: number | null = null) {
  await rows(
    `INSERT INTO sessions (sid, site, host, user_id, app_id, openid, amr, created_at, expires_at, ended_at)
     SELECT ?1 || value, 'x', 'x', 'wxu_x', 'x', 'x', 'silent', 1, ?2, ?3 FROM json_each(?4)`,
    prefix,
    expiresAt,
    endedAt,
    numbers(n),
  );
}
async function addLogins(prefix: string, n: number, createdAt: number) {
  await rows(
    "INSERT INTO logins SELECT ?1 || value, 'snapshot', NULL, ?2 FROM json_each(?3)",
    prefix,
    createdAt,
    numbers(n),
  );
}
async function addEvents(siteId: string, n: number, at: number) {
  await rows(
    "INSERT INTO events (at, site, kind, actor) SELECT ?1, ?2, 'login', 'visitor' FROM json_each(?3)",
    at,
    siteId,
    numbers(n),
  );
}
const numbers = (n: number) => JSON.stringify(Array.from({ length: n }, (_, index) => index));

async function left(): Promise<Record<string, number>> {
  const counts = await Promise.all(TABLES.map((table) => rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)));
  return Object.fromEntries(TABLES.map((table, index) => [table, counts[index]?.[0]?.n ?? -1]));
}

const cronLine = (world: World) => logged(world, { event: "cron" }).at(-1);

describe("housekeeping", () => {
  it("deletes what is over and nothing else", async () => {
    const world = setUp([site({ events_days: 30 }), site({ host: "b.example.com", events_days: 5 })]);
    await addSessions("live", 3, NOW);
    await addSessions("expired", 4, NOW - 1);
    await addSessions("ended-lately", 2, NOW - DAY, NOW - 2 * DAY);
    await addSessions("ended-long-ago", 5, NOW - DAY - 1, NOW - 2 * DAY);
    await addLogins("fresh", 2, NOW - 3_600);
    await addLogins("old", 3, NOW - 3_601);
    await rows("INSERT INTO joins (state, conflict) VALUES ('left', 'over')");
    await addEvents(HOST, 2, NOW - 30 * DAY);
    await addEvents(HOST, 3, NOW - 30 * DAY - 1);
    await addEvents("b.example.com", 1, NOW - 5 * DAY);
    await addEvents("b.example.com", 4, NOW - 5 * DAY - 1);
    await addEvents("gone.example.com", 1, NOW - 90 * DAY);
    await addEvents("gone.example.com", 6, NOW - 90 * DAY - 1);

    await keepHouse(world.env, NOW);
    expect(await left()).toEqual({ sessions: 5, logins: 2, joins: 0, events: 4 });
    const sids = await rows<{ sid: string }>("SELECT sid FROM sessions ORDER BY sid");
    expect(sids.map(({ sid }) => sid)).toEqual(["ended-lately0", "ended-lately1", "live0", "live1", "live2"]);
    expect(cronLine(world)).toMatchObject({
      level: "info",
      counts: { sessions: 9, logins: 3, joins: 1, events: 13, statements: 8, unfinished: 0 },
    });
  });

  it("is what the cron trigger runs, at the trigger's own time", async () => {
    const world = setUp();
    await addSessions("expired", 1, NOW - 1);
    await addSessions("live", 1, NOW + 1);
    await worker.scheduled(createScheduledController({ scheduledTime: new Date(NOW * 1_000) }), world.env);
    expect(await left()).toMatchObject({ sessions: 1 });
    expect(logged(world, { event: "cron" })).toHaveLength(1);
  });

  it("is bounded in statements, shares them among the jobs, and goes on at the next run", async () => {
    const world = setUp();
    await addSessions("expired", 100, NOW - 2 * DAY);
    await addLogins("old", 12, 1);
    const bounds = { rows: 5, statements: 10 };
    await keepHouse(world.env, NOW, bounds);
    // Sites, then sessions, sessions, logins, joins; sessions, logins; sessions, logins; sessions.
    expect(cronLine(world)).toMatchObject({ counts: { sessions: 20, logins: 12, statements: 10, unfinished: 1 } });
    for (let run = 0; run < 20 && (await left()).sessions !== 0; run++) await keepHouse(world.env, NOW, bounds);
    expect(await left()).toMatchObject({ sessions: 0, logins: 0 });
    expect(cronLine(world)).toMatchObject({ counts: { unfinished: 0 } });
  });

  it("fits into the 50 queries of the free plan", () => {
    expect(BOUNDS.statements).toBeLessThanOrEqual(50);
  });

  it("lets a failing job keep no other from running", async () => {
    const world = setUp();
    await addSessions("expired", 3, NOW - 1);
    await addLogins("old", 3, 1);
    const db = new Proxy(database, {
      get: (target, name) => {
        if (name !== "prepare") return Reflect.get(target, name).bind(target);
        return (sql: string) => (sql.includes("logins") ? brokenDatabase("D1 is ill") : target).prepare(sql);
      },
    });
    await keepHouse({ ...world.env, DB: db } as Env, NOW);
    expect(await left()).toMatchObject({ sessions: 0, logins: 3 });
    expect(cronLine(world)).toMatchObject({
      level: "warn",
      code: "storage_unavailable",
      counts: { sessions: 3, logins: 0 },
      detail: "oldLogins: D1 is ill",
    });
  });

  it("throws nothing when D1 is down", async () => {
    const world = setUp();
    await keepHouse({ ...world.env, DB: brokenDatabase() } as Env, NOW);
    expect(cronLine(world)).toMatchObject({ level: "warn", counts: { sessions: 0, unfinished: 0 } });
  });

  it("runs nothing with a bad configuration, and says so", async () => {
    const world = setUp([site({ events_days: "many" })]);
    await addSessions("expired", 3, NOW - 1);
    await keepHouse(world.env, NOW);
    expect(await left()).toMatchObject({ sessions: 3 });
    expect(logged(world, { event: "config_error" })).toHaveLength(1);
    expect(cronLine(world)).toMatchObject({ level: "error", code: "config_invalid", detail: "nothing was deleted" });
  });
});
