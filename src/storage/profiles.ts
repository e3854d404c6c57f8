import type { Env } from "../env.ts";
import { type Stored, stored } from "./d1.ts";
import { THE_BINDING } from "./fragments.ts";

/** A binding's profile between two consents. */

export const PROFILE_SQL = {
  // Both only for the profile that was found stale: one that a login has stored meanwhile stays, and who was deleted and
  // came back has consented to none. Never the unionid: that counts only from a login of its own.
  renew: `
    UPDATE bindings SET nickname = ?4, avatar = ?5, profile_at = ?6
    WHERE ${THE_BINDING} AND profile_at = ?3`,
  isHeld: `SELECT 1 FROM bindings WHERE ${THE_BINDING} AND profile_at IS NOT NULL`,
  forget: `UPDATE bindings SET profile_at = NULL WHERE ${THE_BINDING} AND profile_at = ?3`,
  notNow: `UPDATE bindings SET not_now_until = ?3 WHERE ${THE_BINDING}`,
} as const;

type BindingKey = { appId: string; openid: string };

export function storeRenewedProfile(
  db: Env["DB"],
  { appId, openid }: BindingKey,
  staleAt: number,
  { nickname, avatar }: { nickname: string | null; avatar: string | null },
  now: number,
): Promise<Stored<unknown>> {
  return stored(() => db.prepare(PROFILE_SQL.renew).bind(appId, openid, staleAt, nickname, avatar, now).run());
}

export function holdsProfile(db: Env["DB"], { appId, openid }: BindingKey): Promise<Stored<boolean>> {
  return stored(async () => (await db.prepare(PROFILE_SQL.isHeld).bind(appId, openid).first()) !== null);
}

/** WeChat lets nobody renew it any more: the visitor is asked again. */
export function forgetProfile(
  db: Env["DB"],
  { appId, openid }: BindingKey,
  profileAt: number,
): Promise<Stored<unknown>> {
  return stored(() => db.prepare(PROFILE_SQL.forget).bind(appId, openid, profileAt).run());
}

/** 暂不授权: not asked again at a first visit before `until`. */
export function rememberNotNow(db: Env["DB"], { appId, openid }: BindingKey, until: number): Promise<Stored<unknown>> {
  return stored(() => db.prepare(PROFILE_SQL.notNow).bind(appId, openid, until).run());
}
