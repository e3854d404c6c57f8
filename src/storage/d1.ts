import type { Env } from "../env.ts";

/** D1, source of truth. Every statement is here, so that a test can show that each uses an index. */

/** What a session must know, read in one go. */
export type SessionRow = {
  sid: string;
  user_id: string;
  app_id: string;
  openid: string;
  amr: "silent" | "consent";
  created_at: number;
  ended_at: number | null;
  unionid: string | null;
  nickname: string | null;
  avatar: string | null;
  profile_at: number | null;
  site_user: string | null;
  blocked: 0 | 1;
};

export type LoginOutcome = "session" | "snapshot" | "blocked";

/** A storage call that did not succeed in time; `detail` is for the log. */
export type StorageFailure = { ok: false; detail: string };
export type Stored<Value> = { ok: true; value: Value } | StorageFailure;

const SESSION_COLUMNS = `
  s.sid, b.user_id, s.app_id, s.openid, s.amr, s.created_at, s.ended_at,
  b.unionid, b.nickname, b.avatar, b.profile_at, su.site_user,
  EXISTS (SELECT 1 FROM blocks k WHERE k.site = s.site AND k.user_id = b.user_id) AS blocked`;

const SESSION_JOINS = `
  JOIN bindings b ON b.app_id = s.app_id AND b.openid = s.openid
  LEFT JOIN site_users su ON su.site = s.site AND su.user_id = b.user_id`;

export const SQL = {
  upsertBinding: `
    INSERT INTO bindings (app_id, openid, user_id, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?4)
    ON CONFLICT (app_id, openid) DO UPDATE SET seen_at = excluded.seen_at`,
  // A unionid that another openid of the same AppID already has is a conflict: not stored.
  storeProfile: `
    UPDATE bindings SET nickname = ?3, avatar = ?4, profile_at = ?5,
      unionid = CASE WHEN ?6 IS NULL OR EXISTS (
        SELECT 1 FROM bindings o WHERE o.app_id = ?1 AND o.unionid = ?6 AND o.openid <> ?2
      ) THEN unionid ELSE ?6 END
    WHERE app_id = ?1 AND openid = ?2`,
  // Only if this batch created the binding: its user id is the one drawn for this login.
  insertUser: `
    INSERT INTO users (id, created_at) SELECT user_id, ?4 FROM bindings
    WHERE app_id = ?1 AND openid = ?2 AND user_id = ?3
    ON CONFLICT (id) DO NOTHING`,
  insertSession: `
    INSERT INTO sessions (sid, site, host, user_id, app_id, openid, amr, created_at, expires_at)
    SELECT ?3, ?4, ?5, b.user_id, b.app_id, b.openid, ?6, ?7, ?8 FROM bindings b
    WHERE b.app_id = ?1 AND b.openid = ?2
      AND NOT EXISTS (SELECT 1 FROM blocks k WHERE k.site = ?4 AND k.user_id = b.user_id)`,
  insertLogin: `
    INSERT INTO logins (state, outcome, sid, created_at)
    SELECT ?1, CASE WHEN s.sid IS NULL THEN 'blocked' ELSE 'session' END, s.sid, ?3
    FROM (SELECT 1) LEFT JOIN sessions s ON s.sid = ?2 WHERE true
    ON CONFLICT (state) DO NOTHING`,
  insertSnapshotLogin: `
    INSERT INTO logins (state, outcome, created_at) VALUES (?1, 'snapshot', ?2) ON CONFLICT (state) DO NOTHING`,
  endReplacedSession: `
    UPDATE sessions SET ended_at = ?3
    WHERE sid = ?1 AND ended_at IS NULL AND EXISTS (SELECT 1 FROM sessions n WHERE n.sid = ?2)`,
  endSession: `UPDATE sessions SET ended_at = ?2 WHERE sid = ?1 AND ended_at IS NULL`,
  readSession: `SELECT ${SESSION_COLUMNS} FROM sessions s ${SESSION_JOINS} WHERE s.sid = ?1`,
  readLogin: `
    SELECT l.outcome, ${SESSION_COLUMNS} FROM logins l
    LEFT JOIN sessions s ON s.sid = l.sid LEFT ${SESSION_JOINS.trim()} WHERE l.state = ?1`,
} as const;

/** A storage call that takes longer than this counts as failed: the visitor waits for nothing. */
const D1_TIMEOUT_MS = 2_000;

/** Runs one storage call; an exception or a timeout becomes a value. The call itself cannot be taken back. */
export async function stored<Value>(call: () => Promise<Value>, timeoutMs = D1_TIMEOUT_MS): Promise<Stored<Value>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<StorageFailure>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms` }),
      Math.max(0, timeoutMs),
    );
  });
  const answer = (async (): Promise<Stored<Value>> => {
    try {
      return { ok: true, value: await call() };
    } catch (error) {
      return { ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  })();
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

export type NewLogin = {
  state: string;
  site: string;
  host: string;
  appId: string;
  openid: string;
  /** Used only if the binding is new. */
  candidateUser: string;
  sid: string;
  amr: "silent" | "consent";
  expiresAt: number;
  replacedSid: string | null;
  profile: { nickname: string | null; avatar: string | null; unionid: string | null } | null;
  now: number;
};

/**
 * The one round trip of a login, one transaction: binding, user only if the binding is new, session unless blocked,
 * outcome for the twin, end of the replaced session, and what the session must know. `null` = blocked.
 */
export function recordLogin(db: Env["DB"], login: NewLogin, timeoutMs: number): Promise<Stored<SessionRow | null>> {
  const { appId, openid, now, sid } = login;
  return stored(async () => {
    const statements = [
      db.prepare(SQL.upsertBinding).bind(appId, openid, login.candidateUser, now),
      ...(login.profile === null
        ? []
        : [
            db
              .prepare(SQL.storeProfile)
              .bind(appId, openid, login.profile.nickname, login.profile.avatar, now, login.profile.unionid),
          ]),
      db.prepare(SQL.insertUser).bind(appId, openid, login.candidateUser, now),
      db.prepare(SQL.insertSession).bind(appId, openid, sid, login.site, login.host, login.amr, now, login.expiresAt),
      db.prepare(SQL.insertLogin).bind(login.state, sid, now),
      ...(login.replacedSid === null ? [] : [db.prepare(SQL.endReplacedSession).bind(login.replacedSid, sid, now)]),
      db.prepare(SQL.readSession).bind(sid),
    ];
    const results = await db.batch<SessionRow>(statements);
    return results.at(-1)?.results[0] ?? null;
  }, timeoutMs);
}

/** A snapshot visitor's outcome, for the twin of the callback: no identity in it. */
export function recordSnapshot(db: Env["DB"], state: string, now: number, timeoutMs: number): Promise<Stored<unknown>> {
  return stored(() => db.prepare(SQL.insertSnapshotLogin).bind(state, now).run(), timeoutMs);
}

export function readSession(db: Env["DB"], sid: string): Promise<Stored<SessionRow | null>> {
  return stored(() => db.prepare(SQL.readSession).bind(sid).first<SessionRow>());
}

export type LoginRow = { outcome: LoginOutcome; session: SessionRow | null };

export function readLogin(db: Env["DB"], state: string, timeoutMs: number): Promise<Stored<LoginRow | null>> {
  return stored(async () => {
    const row = await db
      .prepare(SQL.readLogin)
      .bind(state)
      .first<SessionRow & { outcome: LoginOutcome; sid: string | null }>();
    return row === null ? null : { outcome: row.outcome, session: row.sid === null ? null : row };
  }, timeoutMs);
}

export function endSession(db: Env["DB"], sid: string, now: number): Promise<Stored<unknown>> {
  return stored(() => db.prepare(SQL.endSession).bind(sid, now).run());
}
