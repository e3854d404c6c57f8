import { describe, expect, it } from "vitest";
import { database } from "./support/setting.ts";

/**
 * Every statement finds its rows by an index: `EXPLAIN QUERY PLAN` of all that `src/` exports under a name that ends in
 * SQL. A table that grows with the visitors is never read from end to end.
 */
const modules = (
  import.meta as unknown as {
    glob: (patterns: string[], options: { eager: true }) => Record<string, Record<string, unknown>>;
  }
).glob(["../src/{storage,jobs,users}/*.ts", "!../src/**/*.test.ts"], { eager: true });

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
