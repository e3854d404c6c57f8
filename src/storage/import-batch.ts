import { randomBase32 } from "../encoding.ts";
import type { ImportRow, Refusal } from "./import-row.ts";
import { IMPORT_SQL } from "./import-sql.ts";
import { splitIntoWaves } from "./import-waves.ts";

/** One batch of an import as statements, and what their answers mean; whoever has a D1 runs them as one transaction. */

export const IMPORT_ROWS_MAX = 1_000;

export type Statement = { sql: string; values: (string | number)[] };
type Counts = Omit<ImportOutcome, "refused">;
/** What D1 answers to one statement. */
export type StatementResult = { results: unknown[]; meta: { changes: number } };

export type ImportSource = {
  /** The configured host: site users are per site. */
  site: string;
  /** For the event: `api:NAME` or `system`. */
  actor: string;
  /** Rows that came with these and were refused by their form: for the event's counts. */
  malformed: number;
};

export type ImportOutcome = {
  /** New bindings. */
  created: number;
  /** Users that did not exist. */
  newUsers: number;
  /** Bindings that learnt something. */
  updated: number;
  /** Users that got their id at the site, known ones and new ones. */
  siteUsers: number;
  /** By index of the row; in order. Nothing of these rows is stored. */
  refused: { row: number; refusals: Refusal[] }[];
};

export type ImportBatch = {
  statements: Statement[];
  outcome: (results: readonly StatementResult[]) => ImportOutcome;
};

/** User ids are drawn here; those of people who turn out to be known are thrown away. */
export function importBatch(rows: readonly ImportRow[], source: ImportSource, now: number): ImportBatch {
  if (rows.length > IMPORT_ROWS_MAX) throw new Error(`at most ${IMPORT_ROWS_MAX} rows in one batch`);
  const { waves, left } = splitIntoWaves(rows);
  const { site, actor, malformed } = source;
  const prefix = `import:${randomBase32(26)}:`;
  const statements: Statement[] = [];
  /** What a statement's changes count as, by its position. */
  const counted: (keyof Counts | null)[] = [];
  const add = (counts: keyof Counts | null, sql: string, ...values: (string | number)[]) => {
    statements.push({ sql, values });
    counted.push(counts);
  };

  for (const wave of waves) {
    const json = JSON.stringify(wave.map((index) => rowValues(index, rows[index])));
    add(null, IMPORT_SQL.refuse, json, prefix, site);
    add("newUsers", IMPORT_SQL.insertUsers, json, prefix, now);
    add("created", IMPORT_SQL.insertBindings, json, prefix, now);
    add("updated", IMPORT_SQL.updateBindings, json, prefix);
    add("siteUsers", IMPORT_SQL.insertSiteUsers, json, prefix, site);
  }
  add(null, IMPORT_SQL.insertEvent, prefix, now, site, actor, rows.length + malformed, malformed + left.length);
  add(null, IMPORT_SQL.readRefused, prefix);
  add(null, IMPORT_SQL.forgetRefused, prefix);

  const outcome = (results: readonly StatementResult[]): ImportOutcome => {
    const counts: Counts = { created: 0, newUsers: 0, updated: 0, siteUsers: 0 };
    for (const [index, name] of counted.entries()) if (name !== null) counts[name] += results[index]?.meta.changes ?? 0;
    // The last but one has read them.
    const refused = (results.at(-2)?.results ?? []) as { i: number; conflict: string }[];
    return {
      ...counts,
      refused: [
        ...refused.map(({ i, conflict }) => ({ row: i, refusals: conflict.split(",") as Refusal[] })),
        ...left.map((row) => ({ row, refusals: ["too_entangled" as const] })),
      ].sort((a, b) => a.row - b.row),
    };
  };
  return { statements, outcome };
}

function rowValues(index: number, row: ImportRow | undefined): unknown[] {
  if (row === undefined) throw new Error("waves hold indexes of rows");
  return [index, row.appId, row.openid, `wxu_${randomBase32(26)}`, row.unionid, row.siteUser, row.nickname];
}
