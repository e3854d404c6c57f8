import type { Profile, ProviderFailure, Tokens } from "../accounts/account.ts";
import { exchangeCode, fetchProfile } from "../accounts/official.ts";
import { randomBase32 } from "../encoding.ts";
import { isAlive } from "../session/session.ts";
import { type LoginRow, recordSnapshot, type SessionRow } from "../storage/d1.ts";
import { recordLogin } from "../storage/record-login.ts";
import type { Visit } from "../visit.ts";
import type { Attempt } from "./attempt.ts";
import { findTwinOutcome } from "./twin.ts";

/** From a code to an outcome: WeChat, then D1, and nothing else that the visitor would wait for (design 7.5). */

const EXCHANGE_TIMEOUT_MS = 3_000;
/** The whole callback: WeChat sends it again when it takes longer than about 5 s. */
const CALLBACK_TIMEOUT_MS = 4_500;
/** What D1 is left at least, so that a slow profile cannot eat the write. */
const STORAGE_RESERVE_MS = 700;

export type LoginOutcome =
  | {
      kind: "signed_in";
      row: SessionRow;
      /** Read in this very login. */
      profile: Profile | null;
      tokens: Tokens | null;
      newUser: boolean;
      twin: boolean;
      failedProfile: ProviderFailure | null;
    }
  | { kind: "snapshot" }
  /** A twin's outcome names nobody. */
  | { kind: "blocked"; openid?: string }
  | { kind: "provider_failed"; failure: ProviderFailure }
  | { kind: "storage_failed"; detail: string };

export async function completeLogin(
  visit: Visit,
  attempt: Attempt,
  code: string,
  replacedSid: string | null,
): Promise<LoginOutcome> {
  const { config } = visit.runtime;
  const exchanged = await exchangeCode(config, visit.site.account, code, EXCHANGE_TIMEOUT_MS);
  if (!exchanged.ok) {
    const { kind } = exchanged;
    const twin = kind === "used" || kind === "spent" ? await twinOutcome(visit, attempt, kind) : null;
    return twin ?? { kind: "provider_failed", failure: exchanged };
  }
  const tokens = exchanged.value;
  if (tokens.snapshot) return snapshotOutcome(visit, attempt);

  const consented = attempt.scope === "userinfo" && tokens.granted !== "base";
  const profile = consented
    ? await fetchProfile(config, tokens.accessToken, tokens.openid, remainingMs(visit) - STORAGE_RESERVE_MS)
    : null;
  // A userinfo token that may not read a userinfo is a snapshot visitor's: its openid is virtual.
  if (profile?.ok === false && profile.kind === "unauthorised") return snapshotOutcome(visit, attempt);

  return store(
    visit,
    attempt,
    tokens,
    profile?.ok ? profile.value : null,
    replacedSid,
    profile?.ok === false ? profile : null,
  );
}

async function store(
  visit: Visit,
  attempt: Attempt,
  tokens: Tokens,
  profile: Profile | null,
  replacedSid: string | null,
  failedProfile: ProviderFailure | null,
): Promise<LoginOutcome> {
  const candidateUser = `wxu_${randomBase32(26)}`;
  const recorded = await recordLogin(
    visit.runtime.env.DB,
    {
      state: attempt.state,
      site: visit.site.id,
      host: visit.host,
      appId: visit.site.account.appId,
      openid: tokens.openid,
      candidateUser,
      sid: randomBase32(26),
      amr: profile === null ? "silent" : "consent",
      expiresAt: visit.now + visit.site.session.lifetimeSeconds,
      replacedSid,
      sites: visit.runtime.config.sites.map(({ id, account }) => [account.appId, id] as const),
      profile: profile === null ? null : profileToStore(visit, profile, tokens),
      now: visit.now,
    },
    remainingMs(visit),
  );
  if (!recorded.ok) return { kind: "storage_failed", detail: recorded.detail };
  const row = recorded.value;
  if (row === null) return { kind: "blocked", openid: tokens.openid };
  return {
    kind: "signed_in",
    row,
    profile,
    tokens: profile === null ? null : tokens,
    newUser: row.user_id === candidateUser,
    twin: false,
    failedProfile,
  };
}

/** A unionid counts only now that `sns/userinfo` succeeded in this login for this openid; both answers may carry it. */
function profileToStore(visit: Visit, { nickname, avatar, unionid }: Profile, tokens: Tokens) {
  const shown = visit.site.storeProfile ? { nickname, avatar } : { nickname: null, avatar: null };
  return { ...shown, unionid: unionid ?? tokens.unionid };
}

async function snapshotOutcome(visit: Visit, attempt: Attempt): Promise<LoginOutcome> {
  // The page does not depend on the row: without it a twin only goes through WeChat once more.
  await recordSnapshot(visit.runtime.env.DB, attempt.state, visit.now, remainingMs(visit));
  return { kind: "snapshot" };
}

/** The winner's outcome, if it is there and its session still lives; `null` = none. */
async function twinOutcome(visit: Visit, attempt: Attempt, kind: "used" | "spent"): Promise<LoginOutcome | null> {
  const found = await findTwinOutcome(visit, attempt.state, kind, remainingMs(visit));
  if (!found.ok) return { kind: "storage_failed", detail: found.detail };
  return found.value === null ? null : outcomeOf(found.value, visit);
}

function outcomeOf({ outcome, session }: LoginRow, { site, now }: Visit): LoginOutcome | null {
  if (outcome !== "session") return { kind: outcome };
  if (session === null || session.ended_at !== null) return null;
  if (!isAlive({ signedInAt: session.created_at }, site.session, now)) return null;
  if (session.blocked === 1) return { kind: "blocked", openid: session.openid };
  return {
    kind: "signed_in",
    row: session,
    profile: null,
    tokens: null,
    newUser: false,
    twin: true,
    failedProfile: null,
  };
}

/** What the callback may still take. */
export function remainingMs(visit: Visit): number {
  return visit.receivedAt + CALLBACK_TIMEOUT_MS - Date.now();
}
