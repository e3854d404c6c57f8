/** Beginnings and conditions that statements of several files share. */

/** How every event is written: at, site, kind, actor, user, detail. */
export const INSERT_EVENT = "INSERT INTO events (at, site, kind, actor, user_id, detail) SELECT";
/** ?1 AppID, ?2 openid. */
export const THE_BINDING = "app_id = ?1 AND openid = ?2";
