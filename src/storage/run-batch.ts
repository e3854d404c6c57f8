import type { Env } from "../env.ts";
import { bound, type Parameter, type Stored, stored } from "./d1.ts";

/** One batch = one transaction, and one round trip. */

/** Nobody waits at a page for these calls: they may take longer than a visitor's. */
const TIMEOUT_MS = 10_000;

/** Runs statements that share one list of parameters. */
export function runBatch(
  db: Env["DB"],
  statements: readonly string[],
  parameters: readonly Parameter[],
): Promise<Stored<unknown[][]>> {
  return stored(async () => {
    return (await db.batch(statements.map((sql) => bound(db, sql, parameters)))).map(({ results }) => results);
  }, TIMEOUT_MS);
}
