import type { Env } from "../env.ts";
import type { Stored } from "./d1.ts";
import { INSERT_EVENT } from "./fragments.ts";
import { runBatch } from "./run-batch.ts";

/**
 * What the management API reads and writes of one user. Parameters are the same in every statement: ?1 AppID of the
 * site, ?2 site, ?3 user as asked for, ?4 now, ?5 actor, ?6 the value.
 *
 * An event is written before its change and under the change's own condition: a repeated request finds nothing to
 * change and leaves no second event.
 */

/** Whoever has an id of the site (?2): it was bound there, though the site's AppID may be another today. */
export const boundTo = (user: string) =>
  `EXISTS (SELECT 1 FROM site_users t WHERE t.site = ?2 AND t.user_id = ${user})`;
/** Whom the site may know: who has a binding of its AppID (?1), or an id of the site. */
export const knownTo = (user: string) =>
  `(EXISTS (SELECT 1 FROM bindings v WHERE v.user_id = ${user} AND v.app_id = ?1) OR ${boundTo(user)})`;

/** The user that ?3 is today (a merged one is the older), if the site may know it. */
const KEPT = `(
  SELECT u.id FROM users a JOIN users u ON u.id = coalesce(a.merged_into, a.id) WHERE a.id = ?3 AND ${knownTo("u.id")})`;

export const blockedAt = (user: string) => `EXISTS (SELECT 1 FROM blocks k WHERE k.site = ?2 AND k.user_id = ${user})`;
const SITE_USER = "(SELECT s.site_user FROM site_users s WHERE s.site = ?2 AND s.user_id = u.id)";

/** A user as the API shows it; `u` is a row of users, ?2 the site. */
export const USER_COLUMNS = `
  u.id AS user, u.created_at, ${SITE_USER} AS site_user, ${blockedAt("u.id")} AS blocked,
  (SELECT json_group_array(json_object('appid', app_id, 'openid', openid, 'unionid', unionid, 'nickname', nickname,
    'avatar', avatar, 'profile_at', profile_at, 'created_at', created_at, 'seen_at', seen_at))
   FROM bindings WHERE user_id = u.id) AS bindings`;

/** The user's row in a table of what the site knows of its users. */
const AT_SITE = `site = ?2 AND user_id = ${KEPT}`;
/** Not where the id is taken: by another user that is refused, by this one there is nothing to change. */
const BINDABLE = `
  FROM ${KEPT} u WHERE NOT EXISTS (SELECT 1 FROM site_users t WHERE t.site = ?2 AND t.site_user = ?6)`;

const event = (kind: string, rest: string) => `${INSERT_EVENT} ?4, ?2, '${kind}', ?5, ${rest}`;

export const USER_SQL = {
  read: `SELECT ${USER_COLUMNS} FROM users u WHERE u.id = ${KEPT}`,

  blockEvent: event("block", `u.id, NULL FROM ${KEPT} u WHERE NOT ${blockedAt("u.id")}`),
  block: `
    INSERT INTO blocks (site, user_id, created_at) SELECT ?2, u.id, ?4 FROM ${KEPT} u WHERE true
    ON CONFLICT (site, user_id) DO NOTHING`,
  unblockEvent: event("unblock", `user_id, NULL FROM blocks WHERE ${AT_SITE}`),
  unblock: `DELETE FROM blocks WHERE ${AT_SITE}`,

  bindEvent: event("bind", `u.id, json_object('site_user', ?6, 'was', ${SITE_USER}) ${BINDABLE}`),
  bind: `
    INSERT INTO site_users (site, user_id, site_user) SELECT ?2, u.id, ?6 ${BINDABLE}
    ON CONFLICT (site, user_id) DO UPDATE SET site_user = excluded.site_user`,
  unbindEvent: event("unbind", `user_id, json_object('site_user', site_user) FROM site_users WHERE ${AT_SITE}`),
  unbind: `DELETE FROM site_users WHERE ${AT_SITE}`,
} as const;

export type Binding = {
  appid: string;
  openid: string;
  unionid: string | null;
  nickname: string | null;
  avatar: string | null;
  profile_at: number | null;
  created_at: number;
  seen_at: number;
};
export type User = {
  user: string;
  merged_into: string | null;
  created_at: number;
  site_user: string | null;
  blocked: boolean;
  bindings: Binding[];
};
/** As D1 gives it: a list is JSON text there, and a truth value a number. */
export type UserRow = Omit<User, "merged_into" | "blocked" | "bindings"> & { blocked: 0 | 1; bindings: string };

/** `asked`: the id in the request. A merged user is shown with the older one's facts, and names it. */
export function userFromRow({ bindings, ...row }: UserRow, asked: string): User {
  return {
    ...row,
    user: asked,
    merged_into: asked === row.user ? null : row.user,
    blocked: row.blocked === 1,
    bindings: JSON.parse(bindings),
  };
}

/** Whom a call is about, on which site, and who makes it. */
export type UserCall = { db: Env["DB"]; appId: string; site: string; user: string; now: number; actor: string };
export type UserChange = "block" | "unblock" | "bind" | "unbind";

/** A call's parameters, as every statement numbers them. */
export const parametersOf = ({ appId, site, user, now, actor }: UserCall) => [appId, site, user, now, actor];

function readLast(
  call: UserCall,
  statements: readonly string[],
  value: string | null = null,
): Promise<Stored<User | null>> {
  return runBatch(call.db, [...statements, USER_SQL.read], [...parametersOf(call), value], (rows: UserRow[][]) => {
    const row = rows.at(-1)?.[0];
    return row === undefined ? null : userFromRow(row, call.user);
  });
}

/** `null` = no user of the site. */
export function readUser(call: UserCall): Promise<Stored<User | null>> {
  return readLast(call, []);
}

/** Changes a user, with its event if anything changes; answers the user as it is then, `null` = no user of the site. */
export function changeUser(call: UserCall, change: UserChange, value?: string): Promise<Stored<User | null>> {
  return readLast(call, [USER_SQL[`${change}Event`], USER_SQL[change]], value);
}
