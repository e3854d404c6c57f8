import type { Env } from "../env.ts";
import { type Stored, stored } from "./d1.ts";

/** One batch = one transaction, and one round trip. */

type Parameter = string | number | null;

/** Nobody waits at a page for these calls: they may take longer than a visitor's. */
const TIMEOUT_MS = 10_000;

/**
 * Runs statements that share one list of parameters: `?3` is the same thing in all of them. D1 wants exactly as many
 * values as a statement has, so each gets the list up to the highest number it names.
 */
export function runBatch(
  db: Env["DB"],
  statements: readonly string[],
  parameters: readonly Parameter[],
): Promise<Stored<unknown[][]>> {
  return stored(async () => {
    const prepared = statements.map((sql) => {
      const highest = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
      return db.prepare(sql).bind(...parameters.slice(0, highest));
    });
    return (await db.batch(prepared)).map(({ results }) => results);
  }, TIMEOUT_MS);
}
