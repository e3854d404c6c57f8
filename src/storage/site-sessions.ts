import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { INSERT_EVENT } from "./fragments.ts";
import { type Page, pageOf } from "./page.ts";
import { NOTHING, runBatch } from "./run-batch.ts";
import { parametersOf, type UserCall } from "./users.ts";

/**
 * Sessions of one user on one site: the API's view. ?1 AppID, ?2 site, ?3 user (of `endOne`: sid), ?4 now, ?5 actor,
 * ?6 sessions made before this moment are over by the site's `lifetime`, ?7 cursor, ?8 limit.
 *
 * `lifetime` as configured today decides, as in the session cookie's own check; a row's `expires_at` is for the cron job.
 */
const OF_USER = `
  user_id = (SELECT coalesce(merged_into, id) FROM users WHERE id = ?3) AND site = ?2 AND ended_at IS NULL`;
const ONE = "sid = ?3 AND site = ?2 AND ended_at IS NULL";

export const SITE_SESSION_SQL = {
  list: `
    SELECT sid, host, app_id AS appid, openid, amr, created_at FROM sessions
    WHERE ${OF_USER} AND created_at > ?6 AND sid > ?7 ORDER BY sid LIMIT ?8`,
  eventOfEndAll: `
    ${INSERT_EVENT} ?4, ?2, 'end', ?5, user_id, json_object('sessions', count(*)) FROM sessions
    WHERE ${OF_USER} AND created_at > ?6 GROUP BY user_id`,
  endAll: `UPDATE sessions SET ended_at = ?4 WHERE ${OF_USER}`,
  eventOfEndOne: `
    ${INSERT_EVENT} ?4, ?2, 'end', ?5, user_id, json_object('sid', sid) FROM sessions WHERE ${ONE}`,
  endOne: `UPDATE sessions SET ended_at = ?4 WHERE ${ONE}`,
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

const READ = { cursor: ({ sid }: LiveSession) => sid, item: (session: LiveSession) => session };

export function listSessions(call: SessionsCall, after: string, limit: number): Promise<Stored<Page<LiveSession>>> {
  const parameters = [...parametersOf(call), call.madeAfter, after, limit + 1];
  return runBatch(call.db, [SITE_SESSION_SQL.list], parameters, ([rows]: [LiveSession[]]) =>
    pageOf(rows, limit, READ, undefined),
  );
}

export function endSessions(call: SessionsCall): Promise<Stored<unknown>> {
  const statements = [SITE_SESSION_SQL.eventOfEndAll, SITE_SESSION_SQL.endAll];
  return runBatch(call.db, statements, [...parametersOf(call), call.madeAfter], NOTHING);
}

export function endOneSession(
  db: Env["DB"],
  { site, sid, now, actor }: { site: string; sid: string; now: number; actor: string },
): Promise<Stored<unknown>> {
  const statements = [SITE_SESSION_SQL.eventOfEndOne, SITE_SESSION_SQL.endOne];
  return runBatch(db, statements, [null, site, sid, now, actor], NOTHING);
}
