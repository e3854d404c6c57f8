import type { Env } from "../env.ts";
import { type Stored, stored } from "./d1.ts";

/** Deletes what nobody needs any more, a bounded number of rows a statement; each finds its rows by an index. */

const deleteFrom = (table: string, key: string, condition: string) =>
  `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ?1)`;

export const HOUSEKEEPING_SQL = {
  // An ended session is kept for a day longer, so that whoever asks why a visitor was signed out can see it.
  expiredSessions: deleteFrom("sessions", "sid", "expires_at < ?2 AND expires_at >= ?3 AND ended_at IS NULL"),
  oldSessions: deleteFrom("sessions", "sid", "expires_at < ?2"),
  oldLogins: deleteFrom("logins", "state", "created_at < ?2"),
  // A plan lives within one transaction: whatever is seen from outside was left over.
  leftoverJoins: deleteFrom("joins", "state", "state > ''"),
  oldEvents: deleteFrom("events", "id", "site = ?2 AND at < ?3 ORDER BY site, at"),
  // From site to site along the index, instead of through every event.
  eventSites: `
    WITH RECURSIVE known (site) AS (
      SELECT (SELECT min(site) FROM events)
      UNION ALL SELECT (SELECT min(e.site) FROM events e WHERE e.site > known.site) FROM known WHERE known.site IS NOT NULL
    ) SELECT site FROM known WHERE site IS NOT NULL`,
} as const;

/** Nobody waits for these; D1 itself gives up at 30 s. */
const TIMEOUT_MS = 10_000;

export type HousekeepingTask = keyof Omit<typeof HOUSEKEEPING_SQL, "eventSites">;

/** How many rows went. `values`: what the statement takes beside its limit. */
export function deleteRows(
  db: Env["DB"],
  task: HousekeepingTask,
  limit: number,
  values: readonly (string | number)[],
): Promise<Stored<number>> {
  const statement = () => db.prepare(HOUSEKEEPING_SQL[task]).bind(limit, ...values);
  return stored(async () => (await statement().run()).meta.changes, TIMEOUT_MS);
}

/** Sites that have events, configured or not. */
export function eventSites(db: Env["DB"]): Promise<Stored<string[]>> {
  const read = () => db.prepare(HOUSEKEEPING_SQL.eventSites).all<{ site: string }>();
  return stored(async () => (await read()).results.map(({ site }) => site), TIMEOUT_MS);
}
