import { INSERT_EVENT } from "./fragments.ts";

/**
 * The statements of an import. Every one takes a whole wave of rows as JSON (?1), judges or writes it as a set, and
 * leaves out the rows that were refused before: those have a row in `joins` under the batch's prefix (?2) and their
 * index, for as long as the batch, one transaction, lasts. `CROSS JOIN` keeps SQLite from scanning the table instead.
 */

const ROWS = `r (i, app_id, openid, drawn, unionid, site_user, nickname) AS (
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6 FROM json_each(?1))`;
const INTO_BINDINGS = `
  INSERT INTO bindings (app_id, openid, user_id, unionid, nickname, created_at, seen_at)
  WITH ${ROWS}
  SELECT r.app_id, r.openid,`;
const THEIR_BINDING = "bindings b ON b.app_id = r.app_id AND b.openid = r.openid";
const NOT_REFUSED = `NOT EXISTS (SELECT 1 FROM joins j WHERE j.state = ?2 || r.i)`;
/** Whoever has the row's unionid already, under any AppID. */
const PERSON = `(SELECT o.user_id FROM bindings o WHERE o.unionid = r.unionid LIMIT 1)`;

/** What was refused of the batch; ?1 its prefix. */
const OF_BATCH = "FROM joins WHERE state >= ?1 AND state < ?1 || ':'";

export const IMPORT_SQL = {
  // ?3 site. At most one reason for the unionid and one for the site user. Two rows of a wave may be two openids of one
  // known user: the first one's site user counts.
  refuse: `
  INSERT INTO joins (state, conflict)
  WITH ${ROWS},
  known AS (
    SELECT r.*, b.user_id AS bound, b.unionid AS bound_unionid, ${PERSON} AS person,
      (SELECT o.openid FROM bindings o WHERE o.app_id = r.app_id AND o.unionid = r.unionid) AS holder
    FROM r LEFT JOIN ${THEIR_BINDING}
  ),
  judged AS MATERIALIZED (
    SELECT i, site_user, coalesce(bound, person) AS owner, concat_ws(',',
      CASE WHEN bound_unionid <> unionid THEN 'other_unionid'
           WHEN holder <> openid THEN 'unionid_taken'
           WHEN bound <> person THEN 'two_users' END,
      CASE WHEN EXISTS (SELECT 1 FROM site_users s WHERE s.site = ?3 AND s.site_user = k.site_user
             AND s.user_id IS NOT coalesce(bound, person)) THEN 'site_user_taken'
           WHEN EXISTS (SELECT 1 FROM site_users s WHERE s.site = ?3 AND s.user_id = coalesce(bound, person)
             AND s.site_user <> k.site_user) THEN 'other_site_user' END) AS reasons
    FROM known k
  ),
  doubles AS (
    SELECT i, row_number() OVER (PARTITION BY owner ORDER BY i) AS nth FROM judged
    WHERE reasons = '' AND owner IS NOT NULL AND site_user IS NOT NULL
  )
  SELECT ?2 || i, reasons FROM judged WHERE reasons <> ''
  UNION ALL SELECT ?2 || i, 'other_site_user' FROM doubles WHERE nth > 1`,
  // ?3 now. Before the bindings: in the other order the foreign key costs a search of every child table for each user.
  insertUsers: `
  INSERT INTO users (id, created_at)
  WITH ${ROWS}
  SELECT r.drawn, ?3 FROM r LEFT JOIN ${THEIR_BINDING}
  WHERE b.openid IS NULL AND ${PERSON} IS NULL AND ${NOT_REFUSED}`,
  // ?3 now. A known person's new binding is theirs from the start.
  insertBindings: `${INTO_BINDINGS} coalesce(${PERSON}, r.drawn), r.unionid, r.nickname, ?3, ?3 FROM r WHERE ${NOT_REFUSED}
  ON CONFLICT (app_id, openid) DO NOTHING`,
  // Never inserts: every row has its binding by now. A profile that the visitor consented to is newer than a file. What
  // agrees is not written again.
  updateBindings: `${INTO_BINDINGS} '', r.unionid, r.nickname, 0, 0 FROM r WHERE ${NOT_REFUSED}
  ON CONFLICT (app_id, openid) DO UPDATE SET
    unionid = coalesce(unionid, excluded.unionid),
    nickname = CASE WHEN profile_at IS NULL THEN coalesce(excluded.nickname, nickname) ELSE nickname END
  WHERE (unionid IS NULL AND excluded.unionid IS NOT NULL)
    OR (profile_at IS NULL AND excluded.nickname IS NOT NULL AND excluded.nickname IS NOT nickname)`,
  // ?3 site.
  insertSiteUsers: `
  INSERT INTO site_users (site, user_id, site_user)
  WITH ${ROWS}
  SELECT ?3, b.user_id, r.site_user FROM r CROSS JOIN ${THEIR_BINDING}
  WHERE r.site_user IS NOT NULL AND ${NOT_REFUSED}
  ON CONFLICT (site, user_id) DO NOTHING`,
  // ?1 prefix, ?2 now, ?3 site, ?4 actor, ?5 rows, ?6 of these refused before; D1 binds every number as a float.
  insertEvent: `
  ${INSERT_EVENT} ?2, ?3, 'import', ?4, NULL, json_object('rows', CAST(?5 AS INTEGER), 'refused',
    CAST(?6 AS INTEGER) + (SELECT count(*) ${OF_BATCH}))`,
  readRefused: `SELECT CAST(substr(state, length(?1) + 1) AS INTEGER) AS i, conflict ${OF_BATCH}`,
  forgetRefused: `DELETE ${OF_BATCH}`,
} as const;
