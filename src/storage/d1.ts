import type { Env } from "../env.ts";
import { INSERT_EVENT } from "./fragments.ts";

/** D1, source of truth: sessions and logins. Every statement stands in an exported `…SQL`, so that a test can show its plan. */

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
  /** When the binding was made. */
  bound_at: number;
  not_now_until: number | null;
  site_user: string | null;
  blocked: 0 | 1;
};

export type LoginOutcome = "session" | "snapshot" | "blocked";

/** A storage call that did not succeed in time; `detail` is for the log. */
export type StorageFailure = { ok: false; detail: string; timedOut?: true };
export type Stored<Value> = { ok: true; value: Value } | StorageFailure;

const SESSION_COLUMNS = `
  s.sid, b.user_id, s.app_id, s.openid, s.amr, s.created_at, s.ended_at,
  b.unionid, b.nickname, b.avatar, b.profile_at, b.created_at AS bound_at, b.not_now_until, su.site_user,
  EXISTS (SELECT 1 FROM blocks k WHERE k.site = s.site AND k.user_id = b.user_id) AS blocked`;

const SESSION_JOINS = `
  JOIN bindings b ON b.app_id = s.app_id AND b.openid = s.openid
  LEFT JOIN site_users su ON su.site = s.site AND su.user_id = b.user_id`;

/** One session with all that it must know; ?1 = sid. */
export const SESSION_READ = `SELECT ${SESSION_COLUMNS} FROM sessions s ${SESSION_JOINS} WHERE s.sid = ?1`;

export const SQL = {
  insertSnapshotLogin: `
    INSERT INTO logins (state, outcome, created_at) VALUES (?1, 'snapshot', ?2) ON CONFLICT (state) DO NOTHING`,
  // Before the end, under its condition: a repeated sign-out leaves one event.
  eventOfEnd: `
    ${INSERT_EVENT} ?2, site, 'end', 'visitor', user_id, NULL FROM sessions WHERE sid = ?1 AND ended_at IS NULL`,
  endSession: `UPDATE sessions SET ended_at = ?2 WHERE sid = ?1 AND ended_at IS NULL`,
  readSession: SESSION_READ,
  readLogin: `
    SELECT l.outcome, ${SESSION_COLUMNS} FROM logins l
    LEFT JOIN sessions s ON s.sid = l.sid LEFT ${SESSION_JOINS.trim()} WHERE l.state = ?1`,
} as const;

/** A storage call that takes longer than this counts as failed: the visitor waits for nothing. */
const D1_TIMEOUT_MS = 2_000;

export type Parameter = string | number | null;

/**
 * One of several statements that share a list of parameters: `?3` is the same thing in all of them. D1 wants exactly as
 * many values as a statement has, so it gets the list up to the highest number that it names.
 */
export function bound(db: Env["DB"], sql: string, parameters: readonly Parameter[]): D1PreparedStatement {
  const highest = Math.max(0, ...[...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number)));
  return db.prepare(sql).bind(...parameters.slice(0, highest));
}

/** Runs one storage call; an exception or a timeout becomes a value. The call itself cannot be taken back. */
export async function stored<Value>(call: () => Promise<Value>, timeoutMs = D1_TIMEOUT_MS): Promise<Stored<Value>> {
  let timer: ReturnType<typeof setTimeout> | null = null;
  const timeout = new Promise<StorageFailure>((resolve) => {
    timer = setTimeout(
      () => resolve({ ok: false, detail: `no answer within ${timeoutMs} ms`, timedOut: true }),
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

export function endSession(db: Env["DB"], sid: string, now: number, timeoutMs?: number): Promise<Stored<unknown>> {
  return stored(
    () => db.batch([SQL.eventOfEnd, SQL.endSession].map((sql) => db.prepare(sql).bind(sid, now))),
    timeoutMs,
  );
}
