import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { type Page, pageOf, pageSql, type StoppedRow, stoppedSql } from "./page.ts";
import { runBatch } from "./run-batch.ts";

/**
 * A site's events, newest first: what happens meanwhile comes before the first page and moves none.
 * ?1 site, ?2 since, ?3 and ?4 cursor (time and id), ?5 user, ?6 kind, ?7 limit.
 */
const COLUMNS = "id, at, kind, user_id, actor, detail";
const SINCE_TO_CURSOR = "site = ?1 AND at >= ?2 AND (at, id) < (?3, ?4) ORDER BY at DESC, id DESC";

const WALKS = {
  site: `SELECT ${COLUMNS} FROM events WHERE ${SINCE_TO_CURSOR}`,
  // A merged user's own earlier events stayed under its id. The index by name, or SQLite walks all of the site's events.
  user: `
    SELECT ${COLUMNS} FROM events INDEXED BY events_by_user WHERE user_id IN (
      SELECT coalesce(merged_into, id) FROM users WHERE id = ?5
      UNION SELECT m.id FROM users a JOIN users m ON m.merged_into = coalesce(a.merged_into, a.id) WHERE a.id = ?5
    ) AND ${SINCE_TO_CURSOR}`,
} as const;

const listOf = (walk: string) => ({
  walk,
  filter: "(?6 IS NULL OR kind = ?6)",
  order: "at DESC, id DESC",
  limit: "?7",
});
const found = (walk: string) => pageSql(listOf(walk), "*");
const stopped = (walk: string) => stoppedSql(listOf(walk), "at || '.' || id");

export const EVENT_SQL = {
  ofSite: found(WALKS.site),
  ofSiteStopped: stopped(WALKS.site),
  ofUser: found(WALKS.user),
  ofUserStopped: stopped(WALKS.user),
} as const;

type EventRow = {
  id: number;
  at: number;
  kind: string;
  user_id: string | null;
  actor: string;
  detail: string | null;
};
export type Event = {
  id: number;
  at: number;
  kind: string;
  user: string | null;
  actor: string;
  detail: Record<string, unknown> | null;
};

export type EventQuery = {
  site: string;
  user: string | null;
  kind: string | null;
  since: number;
  /** Events before this one; `null` = from the newest on. */
  before: { at: number; id: number } | null;
  limit: number;
};

const READ = {
  cursor: ({ at, id }: EventRow) => `${at}.${id}`,
  item: ({ user_id, detail, ...row }: EventRow): Event => ({
    ...row,
    user: user_id,
    detail: detail === null ? null : JSON.parse(detail),
  }),
};

export function listEvents(db: Env["DB"], query: EventQuery): Promise<Stored<Page<Event>>> {
  const { site, user, kind, since, limit } = query;
  const { at, id } = query.before ?? { at: Number.MAX_SAFE_INTEGER, id: 0 };
  return runBatch(
    db,
    user === null ? [EVENT_SQL.ofSite, EVENT_SQL.ofSiteStopped] : [EVENT_SQL.ofUser, EVENT_SQL.ofUserStopped],
    [site, since, at, id, user, kind, limit + 1],
    ([rows, [stopped]]: [EventRow[], StoppedRow[]]) => pageOf(rows, limit, READ, stopped),
  );
}
