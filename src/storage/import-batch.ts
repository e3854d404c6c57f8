import { randomBase32 } from "../encoding.ts";
import type { ImportRow, Refusal } from "./import-row.ts";
import { IMPORT_SQL } from "./import-sql.ts";
import { splitIntoWaves } from "./import-waves.ts";

/** One batch of an import as statements, and what their answers mean; whoever has a D1 runs them as one transaction. */

export const IMPORT_ROWS_MAX = 1_000;

export type Statement = { sql: string; values: (string | number)[] };
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
  /** Position of the statements whose changes count. */
  const counted = {
    created: [] as number[],
    updated: [] as number[],
    newUsers: [] as number[],
    siteUsers: [] as number[],
  };
  const add = (sql: string, ...values: (string | number)[]) => statements.push({ sql, values }) - 1;

  for (const wave of waves) {
    const json = JSON.stringify(wave.map((index) => rowValues(index, rows[index])));
    add(IMPORT_SQL.refuse, json, prefix, site);
    counted.newUsers.push(add(IMPORT_SQL.insertUsers, json, prefix, now));
    counted.created.push(add(IMPORT_SQL.insertBindings, json, prefix, now));
    counted.updated.push(add(IMPORT_SQL.updateBindings, json, prefix));
    counted.siteUsers.push(add(IMPORT_SQL.insertSiteUsers, json, prefix, site));
  }
  add(IMPORT_SQL.insertEvent, prefix, now, site, actor, rows.length + malformed, malformed + left.length);
  const refusedAt = add(IMPORT_SQL.readRefused, prefix);
  add(IMPORT_SQL.forgetRefused, prefix);

  const outcome = (results: readonly StatementResult[]): ImportOutcome => {
    const changes = (positions: number[]) => positions.reduce((sum, at) => sum + (results[at]?.meta.changes ?? 0), 0);
    const refused = (results[refusedAt]?.results ?? []) as { i: number; conflict: string }[];
    return {
      created: changes(counted.created),
      newUsers: changes(counted.newUsers),
      updated: changes(counted.updated),
      siteUsers: changes(counted.siteUsers),
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
