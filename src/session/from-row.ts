import type { Site } from "../config/config.ts";
import { cleanAvatar, cleanNickname } from "../identity/clean.ts";
import type { SessionRow } from "../storage/d1.ts";
import type { Session } from "./session.ts";

/** What a browser or this very login knows of a profile; all there is where the site keeps profiles out of D1. */
type HeldProfile = { nickname: string | null; avatar: string | null };

type ProfileOptions = Pick<Site, "profileMaxAge" | "storeProfile">;

/** Has the visitor consented, and so lately that nobody needs to ask again? */
export function profileIsFresh(row: Pick<SessionRow, "profile_at">, site: ProfileOptions, now: number): boolean {
  return row.profile_at !== null && now - row.profile_at < site.profileMaxAge;
}

/**
 * When a profile that grew old was read, if it can be renewed behind the visitor's back; `null` = it is fresh, there is
 * none, or D1 does not hold it: then the session has the only copy, its level goes, and a page asks.
 */
export function renewableSince({ profile_at }: SessionRow, site: ProfileOptions, now: number): number | null {
  return site.storeProfile && !profileIsFresh({ profile_at }, site, now) ? profile_at : null;
}

/**
 * The session that D1's row describes, as of now. Without a profile to show, `profile` is not its level. One that D1
 * does not hold can be renewed by nothing but a consent: it is shown while it is fresh.
 */
export function sessionFromRow(row: SessionRow, now: number, site: ProfileOptions, held: HeldProfile | null): Session {
  const isFresh = profileIsFresh(row, site, now);
  const profile = site.storeProfile ? row : isFresh ? held : null;
  return {
    sid: row.sid,
    user: row.user_id,
    openid: row.openid,
    unionid: row.unionid,
    siteUser: row.site_user,
    nickname: cleanNickname(profile?.nickname ?? null),
    avatar: cleanAvatar(profile?.avatar ?? null),
    level: isFresh && profile !== null ? "profile" : "login",
    amr: row.amr,
    signedInAt: row.created_at,
    checkedAt: now,
    renewNotBefore: 0,
  };
}

/** The same session after a check: a profile that grew old stays while it is renewed, one that D1 dropped goes. */
export function confirmedSession(session: Session, row: SessionRow, now: number, site: ProfileOptions): Session {
  const fromRow = sessionFromRow(row, now, site, session.level === "profile" ? session : null);
  const level = renewableSince(row, site, now) === null ? fromRow.level : session.level;
  return { ...fromRow, level, renewNotBefore: session.renewNotBefore };
}
