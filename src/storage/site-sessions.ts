import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { INSERT_EVENT } from "./insert-event.ts";
import { type Page, pageOf } from "./page.ts";
import { runBatch } from "./run-batch.ts";
import type { UserCall } from "./users.ts";

/**
 * Sessions of one user on one site: the API's view. ?1 AppID, ?2 site, ?3 user (of `endOne`: sid), ?4 now, ?5 actor,
 * ?6 sessions made before this moment are over by the site's `lifetime`, ?7 cursor, ?8 limit.
 *
 * `lifetime` as configured today decides, as in the session cookie's own check; a row's `expires_at` is for the cron job.
 */
const KEPT = `(SELECT coalesce(merged_into, id) FROM users WHERE id = ?3)`;

export const SITE_SESSION_SQL = {
  list: `
    SELECT sid, host, app_id AS appid, openid, amr, created_at FROM sessions
    WHERE user_id = ${KEPT} AND site = ?2 AND ended_at IS NULL AND created_at > ?6 AND sid > ?7 ORDER BY sid LIMIT ?8`,
  eventOfEndAll: `
    ${INSERT_EVENT} ?4, ?2, 'end', ?5, user_id, json_object('sessions', count(*)) FROM sessions
    WHERE user_id = ${KEPT} AND site = ?2 AND ended_at IS NULL AND created_at > ?6 GROUP BY user_id`,
  endAll: `UPDATE sessions SET ended_at = ?4 WHERE user_id = ${KEPT} AND site = ?2 AND ended_at IS NULL`,
  eventOfEndOne: `
    ${INSERT_EVENT} ?4, ?2, 'end', ?5, user_id, json_object('sid', sid) FROM sessions
    WHERE sid = ?3 AND site = ?2 AND ended_at IS NULL`,
  endOne: `UPDATE sessions SET ended_at = ?4 WHERE sid = ?3 AND site = ?2 AND ended_at IS NULL`,
} as const;

export type LiveSession = {
  sid: string;
  host: string;
  appid: string;
  openid: string;
  amr: "silent" | "consent";
  created_at: number;
};

export type SessionsCall = UserCall & { madeAfter: number };

export async function listSessions(
  { db, appId, site, user, now, actor, madeAfter }: SessionsCall,
  after: string,
  limit: number,
): Promise<Stored<Page<LiveSession>>> {
  const parameters = [appId, site, user, now, actor, madeAfter, after, limit + 1];
  const ran = await runBatch(db, [SITE_SESSION_SQL.list], parameters);
  if (!ran.ok) return ran;
  const sessions = (ran.value[0] ?? []) as LiveSession[];
  const cursors = sessions.map(({ sid }) => sid);
  return { ok: true, value: pageOf(sessions, cursors, limit, null) };
}

export function endSessions(call: SessionsCall): Promise<Stored<unknown>> {
  const { db, appId, site, user, now, actor, madeAfter } = call;
  const statements = [SITE_SESSION_SQL.eventOfEndAll, SITE_SESSION_SQL.endAll];
  return runBatch(db, statements, [appId, site, user, now, actor, madeAfter]);
}

export function endOneSession(
  db: Env["DB"],
  { site, sid, now, actor }: { site: string; sid: string; now: number; actor: string },
): Promise<Stored<unknown>> {
  return runBatch(db, [SITE_SESSION_SQL.eventOfEndOne, SITE_SESSION_SQL.endOne], [null, site, sid, now, actor]);
}
