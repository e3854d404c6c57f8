-- Users, bindings, sessions, logins: docs/storage.md says who writes each and how long it lives.
-- Times are Unix seconds. Foreign keys are deferred: in one batch a binding comes before its user, so that
-- a user exists only if that batch created the binding.

CREATE TABLE users (
  id         TEXT PRIMARY KEY,          -- wxu_ + 26 base32 characters
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE bindings (
  app_id      TEXT NOT NULL,
  openid      TEXT NOT NULL,
  user_id     TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
  unionid     TEXT,                     -- only from a successful sns/userinfo
  nickname    TEXT,                     -- whole, as WeChat gave it
  avatar      TEXT,
  profile_at  INTEGER,                  -- when the visitor's consented profile was last read
  created_at  INTEGER NOT NULL,
  seen_at     INTEGER NOT NULL,         -- last login
  PRIMARY KEY (app_id, openid)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX bindings_by_unionid ON bindings (app_id, unionid) WHERE unionid IS NOT NULL;
CREATE INDEX bindings_by_user ON bindings (user_id);

-- The site's own id for a user. `site` is the configured host.
CREATE TABLE site_users (
  site      TEXT NOT NULL,
  user_id   TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
  -- It becomes a header: only the characters of the contract.
  site_user TEXT NOT NULL CHECK (
    length(site_user) BETWEEN 1 AND 128 AND site_user NOT GLOB '*[^A-Za-z0-9._:@+-]*' AND site_user NOT LIKE 'wxu\_%' ESCAPE '\'
  ),
  PRIMARY KEY (site, user_id),
  UNIQUE (site, site_user)
) STRICT, WITHOUT ROWID;
CREATE INDEX site_users_by_user ON site_users (user_id);

CREATE TABLE blocks (
  site       TEXT NOT NULL,
  user_id    TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (site, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX blocks_by_user ON blocks (user_id);

CREATE TABLE sessions (
  sid        TEXT PRIMARY KEY,
  site       TEXT NOT NULL,
  host       TEXT NOT NULL,
  user_id    TEXT NOT NULL REFERENCES users (id) DEFERRABLE INITIALLY DEFERRED,
  app_id     TEXT NOT NULL,
  openid     TEXT NOT NULL,
  amr        TEXT NOT NULL CHECK (amr IN ('silent', 'consent')),
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  ended_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id, site);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- What became of a login, for the twin of its callback. Short-lived; an outcome, never a cookie or a code.
CREATE TABLE logins (
  state      TEXT PRIMARY KEY,
  outcome    TEXT NOT NULL CHECK (outcome IN ('session', 'snapshot', 'blocked')),
  sid        TEXT,
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_by_age ON logins (created_at);
