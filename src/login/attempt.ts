import type { Scope } from "../accounts/account.ts";
import { attemptCookieName, type CookiePair, clearCookie, isAttemptCookie, setCookie } from "../cookies.ts";
import { randomAlphanumerics, utf8Bytes } from "../encoding.ts";
import { open, seal } from "../seal.ts";
import { isString, isTime, oneOf, parseJson, sealedAs, textLike } from "../sealed-values.ts";
import { sealContext, type Visit } from "../visit.ts";

/** A login under way, bound to one browser by a sealed cookie (design 7.1). */

export const ATTEMPT_LIFETIME_SECONDS = 600;
/** After a success the cookie stays this long as a marker with the tries (design 7.4). */
const DONE_MARKER_SECONDS = 60;
/** After WeChat failed an `auto` visitor, the browser passes anonymously for this long. */
const PAUSED_MARKER_SECONDS = 600;
const ATTEMPTS_MAX = 5;
const ATTEMPTS_MAX_BYTES = 5_000;
/** More are not worth the work; browsers send the oldest first (RFC 6265 §5.4), so the last are opened. */
const OPENED_MAX = 12;
/** Evicted in one answer at most: each costs it a Set-Cookie line. */
const SEEN_MAX = 25;
/** Tries are numbered 0, 1, 2. */
export const LAST_TRY = 2;

export type Attempt = {
  kind: "open";
  state: string;
  /** Path and query on this host. */
  to: string;
  scope: Scope;
  tries: number;
  startedAt: number;
  /** `auto` and `renewal` fail soft: the visitor goes on, anonymous or with the session that lives. */
  purpose: "login" | "auto" | "renewal";
};

/** What is left of an attempt: `done` after a success, `paused` after WeChat failed an `auto` visitor. */
export type Marker = Omit<Attempt, "kind"> & { kind: "done" | "paused" };

/** `value: null` = it does not open, is no attempt, or is too old: it only takes room. */
export type AttemptCookie = { name: string; bytes: number; value: Attempt | Marker | null };

export const STATE = /^[A-Za-z0-9]{31}[012]$/;
const isState = textLike(STATE);
const isTries = oneOf(0, 1, 2);
/** Of an attempt, and of what is left of it. */
const SEALED_ATTEMPT = sealedAs<Omit<Attempt, "kind"> & { kind: (Attempt | Marker)["kind"] }>({
  kind: oneOf("open", "done", "paused"),
  state: isState,
  to: isString,
  scope: oneOf("base", "userinfo"),
  tries: isTries,
  startedAt: isTime,
  purpose: oneOf("login", "auto", "renewal"),
});

/** `state` = 31 random alphanumerics and one digit of tries: WeChat promises to bring back no more than that. */
export function newState(tries: number): string {
  return randomAlphanumerics(31) + tries;
}

export function triesInState(state: string): number {
  return Number(state.slice(-1));
}

/** The browser's attempt cookies, the newest opened; with `onlyState` those under that state's name. */
export async function readAttempts(visit: Visit, onlyState?: string): Promise<AttemptCookie[]> {
  const onlyName = onlyState === undefined ? null : attemptCookieName(visit.scheme, onlyState);
  const pairs = visit.cookies.pairs.filter((pair) =>
    onlyName === null ? isAttemptCookie(visit.scheme, pair.name) : pair.name === onlyName,
  );
  const seen = pairs.slice(-SEEN_MAX);
  return Promise.all(
    seen.map(async (pair, index) => {
      const value = index < seen.length - OPENED_MAX ? null : await openAttempt(visit, pair);
      return { name: pair.name, bytes: pair.raw.length, value };
    }),
  );
}

async function openAttempt(visit: Visit, { name, value }: CookiePair): Promise<Attempt | Marker | null> {
  const opened = await open(visit.runtime.sealingKeys, sealContext(visit, "attempt"), value);
  if (!opened.ok) return null;
  const json = parseJson(opened.text);
  const attempt = SEALED_ATTEMPT.read(json) as Attempt | Marker | null;
  if (attempt === null || name !== attemptCookieName(visit.scheme, attempt.state)) return null;
  const age = visit.now - attempt.startedAt;
  return age >= -60 && age < LIFETIME_SECONDS[attempt.kind] ? attempt : null;
}

/** The attempt or marker of exactly this state in this browser. */
export async function findAttempt(visit: Visit, state: string): Promise<Attempt | Marker | null> {
  const candidates = await readAttempts(visit, state);
  return candidates.find(({ value }) => value !== null && sameState(value.state, state))?.value ?? null;
}

/** Constant time in the length that both have. */
function sameState(a: string, b: string): boolean {
  const [left, right] = [utf8Bytes(a), utf8Bytes(b)];
  return left.length === right.length && crypto.subtle.timingSafeEqual(left, right);
}

const LIFETIME_SECONDS = { open: ATTEMPT_LIFETIME_SECONDS, done: DONE_MARKER_SECONDS, paused: PAUSED_MARKER_SECONDS };

/** The Set-Cookie for a new attempt, and those that evict the oldest: at most 5 attempts and 5,000 bytes together. */
export async function attemptCookies(
  visit: Visit,
  attempt: Attempt,
  present: readonly AttemptCookie[],
): Promise<string[]> {
  const sealed = await sealAttempt(visit, attempt);
  const name = attemptCookieName(visit.scheme, attempt.state);
  const evicted: string[] = [];
  const oldestFirst = present
    .filter((cookie) => cookie.name !== name)
    .toSorted((a, b) => (a.value?.startedAt ?? 0) - (b.value?.startedAt ?? 0));
  let bytes = name.length + 1 + sealed.length + oldestFirst.reduce((sum, cookie) => sum + cookie.bytes, 0);
  while (oldestFirst.length >= ATTEMPTS_MAX || (bytes > ATTEMPTS_MAX_BYTES && oldestFirst.length > 0)) {
    const oldest = oldestFirst.shift();
    if (oldest === undefined) break;
    bytes -= oldest.bytes;
    evicted.push(clearCookie(visit.scheme, oldest.name));
  }
  return [setCookie(visit.scheme, name, sealed, ATTEMPT_LIFETIME_SECONDS), ...evicted];
}

/** Turns an attempt's cookie into a marker. */
export async function markerCookie(visit: Visit, attempt: Attempt, kind: "done" | "paused"): Promise<string> {
  const name = attemptCookieName(visit.scheme, attempt.state);
  const sealed = await sealAttempt(visit, { ...attempt, kind, startedAt: visit.now });
  return setCookie(visit.scheme, name, sealed, LIFETIME_SECONDS[kind]);
}

export function dropAttempt(visit: Visit, attempt: Attempt): string {
  return clearCookie(visit.scheme, attemptCookieName(visit.scheme, attempt.state));
}

function sealAttempt(visit: Visit, value: Attempt | Marker): Promise<string> {
  return seal(visit.runtime.sealingKeys, sealContext(visit, "attempt"), SEALED_ATTEMPT.write(value));
}

/** The most tries of any login under way or over in this browser. */
export function mostTries(present: readonly AttemptCookie[]): number {
  return present.reduce((most, { value }) => Math.max(most, value?.tries ?? 0), 0);
}

/** Has this browser come back signed in often enough, and never with a session? */
export function isTriedOut(present: readonly AttemptCookie[]): boolean {
  return triesSoFar(present) > LAST_TRY;
}

/** How often in a row this browser came back signed in and still had no session: the next login's number of tries. */
export function triesSoFar(present: readonly AttemptCookie[]): number {
  return present.reduce((most, { value }) => (value?.kind === "done" ? Math.max(most, value.tries + 1) : most), 0);
}
