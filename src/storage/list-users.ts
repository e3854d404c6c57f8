import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { type Page, pageOf, pageSql, type StoppedRow, stoppedSql } from "./page.ts";
import { runBatch } from "./run-batch.ts";
import { blockedAt, boundTo, USER_COLUMNS, type User, type UserRow, userFromRow } from "./users.ts";

/**
 * Users of a site, in the order of their ids: those are random and never change, so a page is not moved by users who
 * come in between. Each way to list walks an index from the cursor on; filters look at what the walk finds.
 *
 * ?1 AppID, ?2 site, ?3 cursor, ?4 what is looked up, ?5 blocked, ?6 bound, ?7 seen since, ?8 limit.
 */
const usersIn = (table: string, condition: string) =>
  `SELECT user_id AS id FROM ${table} WHERE ${condition} AND user_id > ?3 ORDER BY user_id`;
const WALKS = {
  all: "SELECT id FROM users WHERE id > ?3 AND merged_into IS NULL ORDER BY id",
  blocked: usersIn("blocks", "site = ?2"),
  bound: usersIn("site_users", "site = ?2"),
  user: "SELECT coalesce(merged_into, id) AS id FROM users WHERE id = ?4 AND coalesce(merged_into, id) > ?3",
  site_user: usersIn("site_users", "site = ?2 AND site_user = ?4"),
  openid: usersIn("bindings", "app_id = ?1 AND openid = ?4"),
  unionid: "SELECT DISTINCT user_id AS id FROM bindings WHERE unionid = ?4 AND user_id > ?3 ORDER BY user_id",
} as const;
export type Walk = keyof typeof WALKS;

// Compared, not bare: SQLite makes joins of bare EXISTS, and may then walk the bindings instead. Seen is who was seen at
// the site's AppID: an id of the site alone says nothing about when.
const FILTER = `
  1 = (EXISTS (SELECT 1 FROM bindings v WHERE v.user_id = w.id AND v.app_id = ?1 AND v.seen_at >= ?7)
    OR (?7 = 0 AND ${boundTo("w.id")}))
  AND (?5 IS NULL OR ?5 = ${blockedAt("w.id")})
  AND (?6 IS NULL OR ?6 = ${boundTo("w.id")})`;

const listOf = (walk: Walk) => ({ walk: WALKS[walk], filter: FILTER, order: "w.id", limit: "?8" });
const found = (walk: Walk) => `
  SELECT ${USER_COLUMNS} FROM (${pageSql(listOf(walk), "w.id")}) p JOIN users u ON u.id = p.id ORDER BY u.id`;
const stopped = (walk: Walk) => stoppedSql(listOf(walk), "w.id");

const each = (make: (walk: Walk) => string) =>
  Object.fromEntries((Object.keys(WALKS) as Walk[]).map((walk) => [walk, make(walk)])) as Record<Walk, string>;

export const LIST_USERS_SQL = each(found);
export const STOPPED_SQL = each(stopped);

export type UserQuery = {
  appId: string;
  site: string;
  walk: Walk;
  /** What is looked up, where the walk looks something up. */
  value: string;
  after: string;
  blocked: boolean | null;
  bound: boolean | null;
  seenSince: number;
  limit: number;
};

const flag = (value: boolean | null) => (value === null ? null : Number(value));

export function listUsers(db: Env["DB"], query: UserQuery): Promise<Stored<Page<User>>> {
  const { appId, site, walk, value, after, blocked, bound, seenSince, limit } = query;
  const read = {
    cursor: ({ user }: UserRow) => user,
    // Looked up by a merged id: the answer is about that id.
    item: (row: UserRow) => userFromRow(row, walk === "user" ? value : row.user),
  };
  return runBatch(
    db,
    [LIST_USERS_SQL[walk], STOPPED_SQL[walk]],
    [appId, site, after, value, flag(blocked), flag(bound), seenSince, limit + 1],
    ([rows, [stopped]]: [UserRow[], StoppedRow[]]) => pageOf(rows, limit, read, stopped),
  );
}
