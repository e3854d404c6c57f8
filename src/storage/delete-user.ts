import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { INSERT_EVENT } from "./fragments.ts";
import { NOTHING, runBatch } from "./run-batch.ts";
import { knownTo } from "./users.ts";

/** A user's whole trace: the first part finds it, the second removes it. */

/** ?1 AppID, ?2 site, ?3 user as asked for; a merged one stands for the older, and nobody for a user of other sites. */
const OLDEST = "coalesce(a.merged_into, a.id)";
const FAMILY = `
  SELECT m.id FROM users a JOIN users m ON m.id = ${OLDEST} OR m.merged_into = ${OLDEST}
  WHERE a.id = ?3 AND ${knownTo(OLDEST)}`;

/** ?1 the users as JSON, ?2 site, ?3 now, ?4 actor, ?5 `[AppID, openid]` pairs whose tokens are gone, as JSON. */
const USERS = "(SELECT value FROM json_each(?1))";
const deleteFrom = (table: string) => `DELETE FROM ${table} WHERE user_id IN ${USERS}`;

export const TRACE_SQL = {
  users: FAMILY,
  bindings: `SELECT app_id, openid FROM bindings WHERE user_id IN (${FAMILY})`,
} as const;

export const DELETE_SQL = {
  // A binding that came since its tokens were looked for (a join): NULL is no user id, so the whole batch fails, and
  // the repeated request finds it. Without its binding, nobody would find the tokens any more.
  refuseUnknownBindings: `
    INSERT INTO users (id, created_at) SELECT NULL, ?3 FROM bindings
    WHERE user_id IN ${USERS} AND json_array(app_id, openid) NOT IN (SELECT json(value) FROM json_each(?5))`,
  // The other way round: a binding that left for another user meanwhile takes its person along, who is not deleted yet.
  refuseMovedBindings: `
    INSERT INTO users (id, created_at) SELECT NULL, ?3 FROM json_each(?5)
    JOIN bindings b ON b.app_id = value ->> 0 AND b.openid = value ->> 1 WHERE b.user_id NOT IN ${USERS}`,
  event: `
    ${INSERT_EVENT} ?3, ?2, 'delete', ?4, NULL, NULL WHERE EXISTS (SELECT 1 FROM users WHERE id IN ${USERS})`,
  countEvents: `
    INSERT INTO event_counts (site, day, kind, n)
    SELECT site, date(at, 'unixepoch'), kind, count(*) FROM events WHERE user_id IN ${USERS} GROUP BY 1, 2, 3
    ON CONFLICT (site, day, kind) DO UPDATE SET n = n + excluded.n`,
  events: deleteFrom("events"),
  // One login writes both rows in one batch, at one moment: that finds them by age, without an index on sid.
  logins: `
    DELETE FROM logins WHERE state IN (
      SELECT l.state FROM sessions s JOIN logins l ON l.created_at = s.created_at AND l.sid = s.sid
      WHERE s.user_id IN ${USERS})`,
  sessions: deleteFrom("sessions"),
  siteUsers: deleteFrom("site_users"),
  blocks: deleteFrom("blocks"),
  bindings: deleteFrom("bindings"),
  users: `DELETE FROM users WHERE id IN ${USERS}`,
} as const;

export type Trace = { users: string[]; bindings: { app_id: string; openid: string }[] };

/** The user with those merged into it, and their bindings; empty = no user of the site. */
export function findTrace(
  db: Env["DB"],
  { appId, site, user }: { appId: string; site: string; user: string },
): Promise<Stored<Trace>> {
  return runBatch(
    db,
    [TRACE_SQL.users, TRACE_SQL.bindings],
    [appId, site, user],
    ([users, bindings]: [{ id: string }[], Trace["bindings"]]) => ({ users: users.map(({ id }) => id), bindings }),
  );
}

/** Removes all rows in one transaction; the tokens in KV must be gone by then. */
export function deleteTrace(
  db: Env["DB"],
  { users, bindings }: Trace,
  { site, now, actor }: { site: string; now: number; actor: string },
): Promise<Stored<unknown>> {
  const known = bindings.map(({ app_id, openid }) => [app_id, openid]);
  const parameters = [JSON.stringify(users), site, now, actor, JSON.stringify(known)];
  return runBatch(db, Object.values(DELETE_SQL), parameters, NOTHING);
}
