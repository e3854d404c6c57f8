import type { Env } from "../env.ts";
import { bound, type Parameter, SESSION_READ, type SessionRow, type Stored, stored } from "./d1.ts";
import { INSERT_EVENT, THE_BINDING } from "./fragments.ts";
import { JOIN_SQL } from "./join-users.ts";

/** The one D1 round trip of a login: a batch, which D1 runs as one transaction. */

export const LOGIN_SQL = {
  // A person known by unionid from another account: the new binding is theirs from the start, no user is made.
  upsertBinding: `
    INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at)
    VALUES (?1, ?2, coalesce((SELECT kept FROM joins WHERE state = ?5 AND merged IS NULL AND conflict IS NULL), ?3), ?4, ?4)
    ON CONFLICT (app_id, openid) DO UPDATE SET seen_at = excluded.seen_at`,
  storeProfile: `
    UPDATE bindings SET nickname = ?3, avatar = ?4, profile_at = ?5, not_now_until = NULL
    WHERE ${THE_BINDING}`,
  // Only if this batch created the binding: its user id is the one drawn for this login.
  insertUser: `
    INSERT INTO users (id, created_at) SELECT user_id, ?4 FROM bindings
    WHERE ${THE_BINDING} AND user_id = ?3
    ON CONFLICT (id) DO NOTHING`,
  insertSession: `
    INSERT INTO sessions (sid, site, host, user_id, app_id, openid, amr, created_at, expires_at)
    SELECT ?3, ?4, ?5, user_id, app_id, openid, ?6, ?7, ?8 FROM bindings
    WHERE ${THE_BINDING} AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.site = ?4 AND k.user_id = bindings.user_id)`,
  insertLogin: `
    INSERT INTO logins (state, outcome, sid, created_at)
    SELECT ?1, CASE WHEN s.sid IS NULL THEN 'blocked' ELSE 'session' END, s.sid, ?3
    FROM (SELECT 1) LEFT JOIN sessions s ON s.sid = ?2 WHERE true
    ON CONFLICT (state) DO NOTHING`,
  endReplacedSession: `
    UPDATE sessions SET ended_at = ?3
    WHERE sid = ?1 AND ended_at IS NULL AND EXISTS (SELECT 1 FROM sessions n WHERE n.sid = ?2)`,
  // A blocked person has no session, but a consent has stored the profile all the same (and a join must copy the block).
  insertEvent: `
    ${INSERT_EVENT} ?4, ?5, ?6, 'visitor', b.user_id, iif(s.sid IS NULL, '{"blocked":true}', NULL)
    FROM bindings b LEFT JOIN sessions s ON s.sid = ?3
    WHERE b.app_id = ?1 AND b.openid = ?2 AND (s.sid IS NOT NULL OR ?6 = 'profile')`,
} as const;

export type NewLogin = {
  state: string;
  site: string;
  host: string;
  appId: string;
  openid: string;
  /** Used only if the binding is new and nobody known by the unionid. */
  candidateUser: string;
  sid: string;
  amr: "silent" | "consent";
  expiresAt: number;
  replacedSid: string | null;
  /** All of the deployment. */
  sites: readonly (readonly [appId: string, site: string])[];
  /** Read in this very login; `null` for a silent one. Nickname and avatar `null` where the site keeps them out of D1. */
  profile: { nickname: string | null; avatar: string | null; unionid: string | null } | null;
  now: number;
};

/**
 * Records a login: binding, user only if the binding is new, join by unionid, session unless blocked, outcome for the
 * twin, end of the replaced session, event, and what the session must know. `null` = blocked.
 */
export function recordLogin(db: Env["DB"], login: NewLogin, timeoutMs: number): Promise<Stored<SessionRow | null>> {
  return stored(async () => {
    const statements = loginStatements(db, login);
    const results = await db.batch<SessionRow>(statements);
    return results.at(-1)?.results[0] ?? null;
  }, timeoutMs);
}

function loginStatements(db: Env["DB"], login: NewLogin): D1PreparedStatement[] {
  const { appId, openid, state, site, now, sid, profile } = login;
  const run = (sql: string, ...values: Parameter[]) => db.prepare(sql).bind(...values);
  const unionid = profile?.unionid ?? null;
  const { plan: joinPlan, ...joinSteps } = JOIN_SQL;
  const joinStatements = (sqls: readonly string[]) =>
    unionid === null
      ? []
      : sqls.map((sql) => bound(db, sql, [state, appId, openid, unionid, now, site, JSON.stringify(login.sites)]));
  return [
    ...joinStatements([joinPlan]),
    run(LOGIN_SQL.upsertBinding, appId, openid, login.candidateUser, now, state),
    ...(profile === null ? [] : [run(LOGIN_SQL.storeProfile, appId, openid, profile.nickname, profile.avatar, now)]),
    run(LOGIN_SQL.insertUser, appId, openid, login.candidateUser, now),
    ...joinStatements(Object.values(joinSteps)),
    run(LOGIN_SQL.insertSession, appId, openid, sid, site, login.host, login.amr, now, login.expiresAt),
    run(LOGIN_SQL.insertLogin, state, sid, now),
    ...(login.replacedSid === null ? [] : [run(LOGIN_SQL.endReplacedSession, login.replacedSid, sid, now)]),
    run(LOGIN_SQL.insertEvent, appId, openid, sid, now, site, profile === null ? "login" : "profile"),
    run(SESSION_READ, sid),
  ];
}
