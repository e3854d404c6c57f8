import type { Env } from "../env.ts";
import { type Stored, stored } from "./d1.ts";
import { type ImportOutcome, type ImportSource, importBatch } from "./import-batch.ts";
import type { ImportRow } from "./import-row.ts";

/** D1 gives a batch of queries 30 s. */
const IMPORT_TIMEOUT_MS = 29_000;

/**
 * Stores bindings that a site brings along, as one transaction of one batch: a binding and its user if they are new,
 * unionid and nickname if they are given, the site's own id for the user. A row that contradicts what is stored is
 * refused and leaves nothing behind; the others are stored. Safe to repeat. Consent is not implied: `profile_at` stays.
 */
export function importBindings(
  db: Env["DB"],
  source: ImportSource,
  rows: readonly ImportRow[],
  now: number,
): Promise<Stored<ImportOutcome>> {
  const { statements, outcome } = importBatch(rows, source, now);
  return stored(
    async () => outcome(await db.batch(statements.map(({ sql, values }) => db.prepare(sql).bind(...values)))),
    IMPORT_TIMEOUT_MS,
  );
}
