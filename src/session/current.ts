import { clearCookie, sessionCookieName, setCookie } from "../cookies.ts";
import { requestKindOf } from "../gate/visitor.ts";
import { open, seal } from "../seal.ts";
import { readSession, type SessionRow } from "../storage/d1.ts";
import { sealContext, type Visit } from "../visit.ts";
import { noteEnded } from "./end.ts";
import { confirmedSession, renewableSince } from "./from-row.ts";
import { rememberBrowser } from "./known-browsers.ts";
import { renewProfile } from "./renew-profile.ts";
import { checkState, isAlive, parseSession, type Session, serializeSession } from "./session.ts";

/** The session of a request: opened from its cookie, and within `recheck` believed without any I/O (design 7). */

export type CurrentSession = {
  session: Session | null;
  /** D1 did not answer and the session is too long unchecked: nobody may pass as somebody. */
  unavailable: boolean;
  /** A re-sealed session, or the removal of a dead one. */
  cookies: readonly string[];
};

/** The cookie outlives the session so long, so that the next sign-in knows whose browser this was. */
const COOKIE_AFTERLIFE_SECONDS = 30 * 24 * 60 * 60;

/** After a check that timed out, nobody else who can be served without one waits for the same, for so long. */
const SILENCE_SECONDS = 5;

/** Nobody, and nothing to write. */
export const NOBODY: CurrentSession = { session: null, unavailable: false, cookies: [] };

/**
 * The usual request's session, without a promise: this isolate has met the browser, and the session needs no check.
 * `null` = ask `currentSession`.
 */
export function rememberedSession(visit: Visit): CurrentSession | null {
  const { opened } = visit;
  if (opened === null || !isAlive(opened, visit.site.session, visit.now)) return null;
  const belief = believe(visit, opened);
  return belief.kind === "fresh" ? { ...NOBODY, session: belief.session } : null;
}

export async function currentSession(visit: Visit): Promise<CurrentSession> {
  const { opened, malformed } = await openCookies(visit);
  if (opened === null) {
    return malformed ? { ...NOBODY, cookies: [clearCookie(visit.scheme, sessionCookieName(visit.scheme))] } : NOBODY;
  }
  return isAlive(opened, visit.site.session, visit.now) ? checked(visit, opened) : NOBODY;
}

/** The session that this browser holds or held last, alive or not, without any I/O. */
export async function peekSession(visit: Visit): Promise<Session | null> {
  return (await openCookies(visit)).opened;
}

/** The first session cookie that opens; `malformed` = there are some, and none was ever ours. */
async function openCookies(visit: Visit): Promise<{ opened: Session | null; malformed: boolean }> {
  if (visit.opened !== null) return { opened: visit.opened, malformed: false };
  const candidates = visit.cookies.valuesOf(sessionCookieName(visit.scheme));
  let malformed = candidates.length > 0;
  for (const value of candidates) {
    const result = await openSession(visit, value);
    if (typeof result !== "string") {
      rememberBrowser(visit, result);
      return { opened: result, malformed: false };
    }
    if (result !== "malformed") malformed = false;
  }
  return { opened: null, malformed };
}

/** What an opened cookie is remembered by: all that it was sealed for, and its whole value. */
function openedKey(visit: Visit, value: string): string {
  return `${visit.host} ${visit.site.account.appId} ${value}`;
}

async function openSession(visit: Visit, value: string): Promise<Session | "malformed" | "unknown_key" | "unopenable"> {
  const { openedSessions, sealingKeys } = visit.runtime;
  const cacheKey = openedKey(visit, value);
  const cached = openedSessions.get(cacheKey);
  if (cached !== undefined) return cached;
  const result = await open(sealingKeys, sealContext(visit, "session"), value);
  if (!result.ok) return result.reason;
  const session = parseSession(result.text);
  if (session === null) return "unopenable"; // sealed by another version: ignored, not cleared
  openedSessions.set(cacheKey, session);
  return session;
}

type Belief =
  | { kind: "fresh"; session: Session }
  | { kind: "ended" }
  /** D1 must be asked; `isOverdue` = and if it is down, the session is not served any more. */
  | { kind: "unsure"; session: Session; isOverdue: boolean };

/** What this isolate knows of an opened session, without any I/O. */
function believe(visit: Visit, opened: Session): Belief {
  const memo = visit.runtime.checkedSessions.get(opened.sid);
  if (memo?.session === null) return { kind: "ended" };
  // The memo's facts are newer, but who the session is was sealed at its login and never changes.
  const session = memo?.session && memo.checkedAt > opened.checkedAt ? laterOf(opened, memo.session) : opened;
  const state = checkState(session.checkedAt, visit.site.session, visit.now);
  return state === "fresh" ? { kind: "fresh", session } : { kind: "unsure", session, isOverdue: state === "overdue" };
}

/** Believes, or asks D1's primary once; remembers the answer for this isolate. */
async function checked(visit: Visit, opened: Session): Promise<CurrentSession> {
  const belief = believe(visit, opened);
  if (belief.kind === "ended") return endedSession(visit, opened);
  const { session } = belief;
  if (belief.kind === "fresh") return { ...NOBODY, session };

  const { runtime } = visit;
  const isSilent = !belief.isOverdue && visit.now < runtime.storageSilentUntil;
  // After a silence one asks first, and the others only once it has any answer.
  if (!isSilent) runtime.storageSilentUntil &&= visit.now + SILENCE_SECONDS;
  const answer = isSilent ? ({ ok: false } as const) : await readSession(runtime.env.DB, opened.sid);
  if (!isSilent && !("timedOut" in answer)) runtime.storageSilentUntil = 0;
  // Signed out or replaced while D1 was asked: whatever it says is older.
  if (believe(visit, opened).kind === "ended") return NOBODY;
  if (!answer.ok) {
    if ("timedOut" in answer) runtime.storageSilentUntil = visit.now + SILENCE_SECONDS;
    return belief.isOverdue ? { ...NOBODY, unavailable: true } : { ...NOBODY, session };
  }
  const row = answer.value;
  if (row === null || row.ended_at !== null || row.blocked === 1 || !isOf(row, session, visit)) {
    noteEnded(visit, opened.sid);
    return endedSession(visit, opened);
  }
  const confirmed = confirmedSession(session, row, visit.now, visit.site);
  const staleAt = renewableSince(row, visit.site, visit.now);
  if (staleAt !== null) visit.waitUntil(renewProfile(visit, row, staleAt));
  runtime.checkedSessions.set(opened.sid, { checkedAt: visit.now, session: confirmed });
  const cookies = isUpgrade(visit) ? [] : [await sessionCookie(visit, confirmed)];
  return { session: confirmed, unavailable: false, cookies };
}

/**
 * Over, but not forgotten: sealed again as long expired, the cookie costs no more I/O and still tells the next sign-in
 * whose browser this was, so that another user's expires the origin's cookies. Only a navigation writes it: a script's
 * late answer must not overwrite the session that a sign-in in another tab has set meanwhile.
 */
async function endedSession(visit: Visit, session: Session): Promise<CurrentSession> {
  const { method, headers } = visit.request;
  if (requestKindOf(method, headers) !== "navigation") return NOBODY;
  const cookie = await writeCookie(visit, { ...session, signedInAt: 0, checkedAt: 0 }, COOKIE_AFTERLIFE_SECONDS);
  return { session: null, unavailable: false, cookies: [cookie] };
}

/** A 101 must not be copied to carry a cookie. */
function isUpgrade(visit: Visit): boolean {
  return visit.request.headers.get("upgrade") !== null;
}

async function writeCookie(visit: Visit, session: Session, maxAge: number): Promise<string> {
  const sealed = await seal(visit.runtime.sealingKeys, sealContext(visit, "session"), serializeSession(session));
  return setCookie(visit.scheme, sessionCookieName(visit.scheme), sealed, maxAge);
}

/** The row is this very session: same account and openid. */
function isOf(row: SessionRow, session: Session, visit: Visit): boolean {
  return row.app_id === visit.site.account.appId && row.openid === session.openid;
}

/** The memo's object itself where nothing of the cookie differs: its assertion is remembered by it. */
function laterOf(opened: Session, memo: Session): Session {
  return opened.renewNotBefore > memo.renewNotBefore ? { ...memo, renewNotBefore: opened.renewNotBefore } : memo;
}

/** Seals a session into its Set-Cookie. */
export function sessionCookie(visit: Visit, session: Session): Promise<string> {
  const maxAge = session.signedInAt + visit.site.session.lifetimeSeconds - visit.now + COOKIE_AFTERLIFE_SECONDS;
  return writeCookie(visit, session, maxAge);
}
