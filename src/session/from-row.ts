import { cleanAvatar, cleanNickname } from "../identity/clean.ts";
import type { SessionRow } from "../storage/d1.ts";
import type { Session } from "./session.ts";

/** A consented profile counts this long, at any login, without asking WeChat or the visitor again. */
export const PROFILE_MAX_AGE_SECONDS = 30 * 24 * 60 * 60;

/** The session that D1's row describes, as of now. */
export function sessionFromRow(row: SessionRow, now: number): Session {
  const hasProfile = row.profile_at !== null && now - row.profile_at < PROFILE_MAX_AGE_SECONDS;
  return {
    sid: row.sid,
    user: row.user_id,
    openid: row.openid,
    unionid: row.unionid,
    siteUser: row.site_user,
    nickname: cleanNickname(row.nickname),
    avatar: cleanAvatar(row.avatar),
    level: hasProfile ? "profile" : "login",
    amr: row.amr,
    signedInAt: row.created_at,
    checkedAt: now,
    renewNotBefore: 0,
  };
}
