-- Identity over time: joined users, "not now" answers, events. docs/storage.md says who writes each.

-- The younger of two joined users names the older one, which keeps everything.
ALTER TABLE users ADD COLUMN merged_into TEXT REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX users_by_merge ON users (merged_into) WHERE merged_into IS NOT NULL;

-- 暂不授权: the first-visit question is not asked again before this moment.
ALTER TABLE bindings ADD COLUMN not_now_until INTEGER;
-- One person's bindings over all accounts of one Open Platform account.
CREATE INDEX bindings_by_person ON bindings (unionid) WHERE unionid IS NOT NULL;

-- Append-only: who, when, what changed. Never a token, code or cookie; the user's own row is the only link to a person.
CREATE TABLE events (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  site    TEXT NOT NULL,               -- configured host
  kind    TEXT NOT NULL,               -- login, profile, join, conflict, block, unblock, bind, unbind, end, delete, import
  user_id TEXT,                        -- NULL for what is about no single user
  actor   TEXT NOT NULL,               -- visitor, system, or api:NAME of the key
  detail  TEXT                         -- JSON, small
) STRICT;
CREATE INDEX events_by_site ON events (site, id);
CREATE INDEX events_by_user ON events (user_id, site, id) WHERE user_id IS NOT NULL;
CREATE INDEX events_by_age ON events (site, at);

-- What is left of a deleted user's events: how many of a kind there were on a day.
CREATE TABLE event_counts (
  site TEXT NOT NULL,
  day  TEXT NOT NULL,                  -- 2026-11-22, UTC
  kind TEXT NOT NULL,
  n    INTEGER NOT NULL,
  PRIMARY KEY (site, day, kind)
) STRICT, WITHOUT ROWID;

-- A join that one login's batch decides and carries out; removed at the end of the same batch.
CREATE TABLE joins (
  state    TEXT PRIMARY KEY,
  kept     TEXT,                       -- the older user
  merged   TEXT,                       -- the younger user
  conflict TEXT                        -- why neither is joined nor stored: unionid, openid, site_user
) STRICT, WITHOUT ROWID;
