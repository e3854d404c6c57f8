/** How every event is written: at, site, kind, actor, user, detail. */
export const INSERT_EVENT = "INSERT INTO events (at, site, kind, actor, user_id, detail) SELECT";
