import { INSERT_EVENT } from "./fragments.ts";

/**
 * Users of one Open Platform account are one user. The rule: the older user stays (by creation, then id) and takes over
 * bindings, site users, blocks and sessions; the younger is marked. Neither is joined nor the unionid stored when
 *
 * - this binding has another unionid already: whoever it was bound for then, it is not to lead somebody else to that user,
 * - another openid of the same AppID has the unionid already (WeChat's snapshot identities have done that), or
 * - both users have an id of their own on one site: whose it is, only the site can know.
 *
 * The plan is a row of `joins` under the login's state, made and removed within the login's own transaction, so that
 * every statement of the batch speaks of the same two users.
 */
const PLANNED = "state = ?1 AND merged IS NOT NULL AND conflict IS NULL";
const KEPT = `(SELECT kept FROM joins WHERE ${PLANNED})`;
const MERGED = `(SELECT merged FROM joins WHERE ${PLANNED})`;

/** The rows of a table that are the younger user's become the older one's. */
const hand = (table: string, column: string) => `UPDATE ${table} SET ${column} = ${KEPT} WHERE ${column} = ${MERGED}`;

/**
 * In this order, the plan before the login's binding is written; ?1 state, ?2 app_id, ?3 openid, ?4 unionid, ?5 now, ?6 site,
 * ?7 JSON of every site's [AppID, site].
 */
export const JOIN_SQL = {
  // `own` is this binding's user (none yet at a first login), `person` whoever has the unionid elsewhere. Where one of
  // them is nobody, nothing is merged: a comparison with NULL is not true.
  plan: `
    INSERT OR REPLACE INTO joins (state, kept, merged, conflict)
    WITH own (id, created_at, unionid) AS (
      SELECT u.id, u.created_at, b.unionid FROM bindings b JOIN users u ON u.id = b.user_id WHERE b.app_id = ?2 AND b.openid = ?3
    ), person (id, created_at) AS (
      SELECT u.id, u.created_at FROM bindings b JOIN users u ON u.id = b.user_id
      WHERE b.unionid = ?4 AND NOT (b.app_id = ?2 AND b.openid = ?3) LIMIT 1
    ), pair (own_id, own_unionid, person_id, own_is_older) AS (
      SELECT own.id, own.unionid, person.id, (own.created_at, own.id) < (person.created_at, person.id)
      FROM (SELECT 1) LEFT JOIN own ON true LEFT JOIN person ON true
    )
    SELECT ?1,
      iif(own_is_older, own_id, person_id),
      iif(own_id <> person_id, iif(own_is_older, person_id, own_id), NULL),
      CASE WHEN own_unionid <> ?4 THEN 'unionid'
           WHEN EXISTS (SELECT 1 FROM bindings o WHERE o.app_id = ?2 AND o.unionid = ?4 AND o.openid <> ?3) THEN 'openid'
           WHEN own_id <> person_id AND EXISTS (
             SELECT 1 FROM site_users a JOIN site_users b ON b.site = a.site AND b.user_id = person_id
             WHERE a.user_id = own_id
           ) THEN 'site_user' END
    FROM pair`,
  storeUnionid: `
    UPDATE bindings SET unionid = ?4
    WHERE app_id = ?2 AND openid = ?3 AND NOT EXISTS (SELECT 1 FROM joins WHERE state = ?1 AND conflict IS NOT NULL)`,
  // Told at every site that knew the younger user, whose id changes there: before its rows
  // move away. Who had a session has an openid of the site's AppID. The rows of a site that
  // knew only the older one stay as they are.
  eventsOfJoin: `
    ${INSERT_EVENT} ?5, site, 'join', 'visitor', user_id, detail FROM (
      SELECT kept AS user_id, json_object('merged', merged) AS detail FROM joins WHERE ${PLANNED}
      UNION ALL SELECT merged, json_object('merged_into', kept) FROM joins WHERE ${PLANNED}
    ) CROSS JOIN (
      SELECT value ->> 1 AS site FROM json_each(?7)
      WHERE site = ?6 OR value ->> 0 IN (SELECT app_id FROM bindings WHERE user_id = ${MERGED})
      UNION SELECT site FROM site_users WHERE user_id = ${MERGED}
      UNION SELECT site FROM events WHERE user_id = ${MERGED} UNION SELECT site FROM blocks WHERE user_id = ${MERGED}
    )`,
  moveBindings: hand("bindings", "user_id"),
  moveSiteUsers: hand("site_users", "user_id"),
  copyBlocks: `
    INSERT INTO blocks (site, user_id, created_at)
    SELECT site, ${KEPT}, created_at FROM blocks WHERE user_id = ${MERGED}
    ON CONFLICT (site, user_id) DO NOTHING`,
  dropBlocks: `DELETE FROM blocks WHERE user_id = ${MERGED}`,
  moveSessions: hand("sessions", "user_id"),
  moveEarlierMerges: hand("users", "merged_into"),
  markMerged: `UPDATE users SET merged_into = ${KEPT} WHERE id = ${MERGED}`,
  eventOfConflict: `
    ${INSERT_EVENT} ?5, ?6, 'conflict', 'visitor', b.user_id, json_object('reason', j.conflict)
    FROM joins j JOIN bindings b ON b.app_id = ?2 AND b.openid = ?3
    WHERE j.state = ?1 AND j.conflict IS NOT NULL`,
  forgetPlan: `DELETE FROM joins WHERE state = ?1`,
} as const;
