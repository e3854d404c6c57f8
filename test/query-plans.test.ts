import { describe, expect, it } from "vitest";
import { EVENT_SQL } from "../src/storage/events.ts";
import { LIST_USERS_SQL, STOPPED_SQL } from "../src/storage/list-users.ts";
import { database } from "./support/setting.ts";

/**
 * Every statement finds its rows by an index: `EXPLAIN QUERY PLAN` of all that `src/` exports under a name that ends in
 * SQL. A table that grows with the visitors is never read from end to end.
 */
const modules = (
  import.meta as unknown as {
    glob: (patterns: string[], options: { eager: true }) => Record<string, Record<string, unknown>>;
  }
).glob(["../src/{storage,jobs}/*.ts", "!../src/**/*.test.ts"], { eager: true });

const statements = Object.entries(modules).flatMap(([file, exported]) =>
  Object.entries(exported)
    .filter(([name]) => name.endsWith("SQL"))
    .flatMap(([name, table]) =>
      Object.entries(table as Record<string, string>).map(([key, sql]) => ({
        title: `${file.replace("../src/", "")} ${name}.${key}`,
        sql,
      })),
    ),
);

/** What may be walked whole: rows of our own making, and what an indexed part of the statement has found. */
const SMALL = /^SCAN (CONSTANT ROW|\d+ CONSTANT ROWS|json_each|value|\(subquery-\d+\)|\(join-\d+\))/;

async function planOf(sql: string): Promise<string[]> {
  const parameters = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
  const plan = await database
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .bind(...Array<string>(parameters).fill("1"))
    .all<{ detail: string }>();
  return plan.results.map(({ detail }) => detail);
}

/** Names that stand for a part of the statement itself: CTEs and subqueries, each planned in its own lines. */
function ownParts(plan: readonly string[]): Set<string> {
  return new Set(plan.flatMap((line) => /^(?:CO-ROUTINE|MATERIALIZE) (\S+)/.exec(line)?.[1] ?? []));
}

describe("every statement finds its rows by an index", () => {
  it("of all the files that have any", () => {
    expect(new Set(statements.map(({ title }) => title.split(" ")[0])).size).toBeGreaterThanOrEqual(8);
  });

  it.each(statements)("$title", async ({ sql }) => {
    const plan = await planOf(sql);
    const parts = ownParts(plan);
    const scans = plan.filter(
      (line) => line.startsWith("SCAN ") && !SMALL.test(line) && !parts.has(line.split(" ")[1] ?? ""),
    );
    expect(scans, plan.join("\n")).toEqual([]);
  });
});

describe("the test itself", () => {
  it.each([
    "SELECT * FROM users u",
    "SELECT * FROM bindings b WHERE b.nickname = ?1",
    "SELECT user_id FROM bindings ORDER BY user_id",
    "DELETE FROM sessions WHERE ended_at < ?1",
  ])("sees that this reads everything: %s", async (sql) => {
    expect((await planOf(sql)).some((line) => line.startsWith("SCAN ") && !SMALL.test(line))).toBe(true);
  });
});

describe("a list of 20,000", () => {
  const read = async (sql: string, ...values: unknown[]) =>
    (
      await database
        .prepare(sql)
        .bind(...values)
        .all()
    ).meta.rows_read;

  it("costs what a page shows, and a filter that nobody passes ends it after 5,000", async () => {
    const many = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)";
    await database.batch([
      database.prepare(`${many} INSERT INTO users (id, created_at) SELECT printf('wxu_%026d', i), 1 FROM n`),
      database.prepare(
        "INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at) SELECT 'wx1', 'o' || id, id, 1, 1 FROM users",
      ),
      database.prepare(
        `${many} INSERT INTO events (at, site, kind, user_id, actor)
         SELECT i / 10, 's', 'login', printf('wxu_%026d', i % 100), 'visitor' FROM n`,
      ),
    ]);
    const users = ["wx1", "s", "", "", null, null];
    expect(await read(LIST_USERS_SQL.all, ...users, 0, 51)).toBeLessThan(51 * 8);
    expect(await read(STOPPED_SQL.all, ...users, 0, 51)).toBeLessThan(51 * 4);
    expect(await read(LIST_USERS_SQL.all, ...users, 2, 51)).toBeLessThan(5_000 * 4);
    const events = ["s", 0, 9e9, 0];
    expect(await read(EVENT_SQL.ofSite, ...events, null, null, 51)).toBeLessThan(51 * 2);
    expect(await read(EVENT_SQL.ofSiteStopped, ...events, null, null, 51)).toBeLessThan(51 * 2);
    expect(await read(EVENT_SQL.ofSite, ...events, null, "block", 51)).toBeLessThan(5_000 * 2);
    const ofOne = await read(EVENT_SQL.ofUser, ...events, "wxu_00000000000000000000000007", null, 51);
    expect(ofOne).toBeLessThan(200 * 3);
  });
});
