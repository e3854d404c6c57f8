import type { Env } from "../env.ts";
import { bound, type Parameter, type Stored, stored } from "./d1.ts";

/** One batch = one transaction, and one round trip. */

/** Nobody waits at a page for these calls: they may take longer than a visitor's. */
const TIMEOUT_MS = 10_000;

/** Runs statements that share one list of parameters, and reads their rows. */
export function runBatch<Rows extends unknown[][], Value>(
  db: Env["DB"],
  statements: readonly string[],
  parameters: readonly Parameter[],
  read: (rows: Rows) => Value,
): Promise<Stored<Value>> {
  return stored(async () => {
    const results = await db.batch(statements.map((sql) => bound(db, sql, parameters)));
    return read(results.map(({ results }) => results) as Rows);
  }, TIMEOUT_MS);
}

/** For statements that only write. */
export const NOTHING = () => null;
