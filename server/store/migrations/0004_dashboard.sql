-- People who use the dashboard. Conventions: 0001_line.sql; accounts belong to the installation, what
-- they may do belongs to a site.

CREATE TABLE user_account (
  id INTEGER PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,       -- trimmed, lower case
  password TEXT NOT NULL,           -- server/core/password.hpp
  created_ms INTEGER NOT NULL, password_changed_ms INTEGER NOT NULL
);
CREATE TABLE user_site (
  site_id TEXT NOT NULL, user_id INTEGER NOT NULL, role INTEGER NOT NULL,  -- Role
  PRIMARY KEY (site_id, user_id)
) WITHOUT ROWID;
CREATE INDEX user_site_by_user ON user_site (user_id);
-- A login: hash is SHA-256 of the cookie's value, which is stored nowhere.
CREATE TABLE login_session (
  hash BLOB PRIMARY KEY, user_id INTEGER NOT NULL,
  created_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX login_session_by_user ON login_session (user_id);
-- Append-only: who did what on which site; a login is told to every site of the
-- user, a failed one of an unknown account to none ("").
CREATE TABLE audit_log (
  id INTEGER PRIMARY KEY, site_id TEXT NOT NULL, t_ms INTEGER NOT NULL,
  actor TEXT NOT NULL,              -- e-mail, key:<id>, or cli
  action TEXT NOT NULL, detail TEXT NOT NULL,
  address TEXT NOT NULL             -- truncated
);
CREATE INDEX audit_log_by_site ON audit_log (site_id, t_ms, id);
