-- Erasure of persons (server/core/erasure.hpp). Conventions: 0001_line.sql.

-- What an erasure leaves: when and how much (by whom: audit_log); and of each id and contact that went a pseudonym,
-- HMAC-SHA-256 under the key of its time. With the key gone nobody can tell whose it is, except from a
-- backup that still has the key, and the person with it.
CREATE TABLE erasure (
  site_id TEXT NOT NULL, number INTEGER NOT NULL,   -- 1, 2 … in order of time
  t_ms INTEGER NOT NULL,
  epoch INTEGER NOT NULL,                           -- whose key
  pseudonyms BLOB NOT NULL,                         -- 32 bytes each
  counts TEXT NOT NULL,                             -- JSON {"touches":3,…}
  PRIMARY KEY (site_id, number)
) WITHOUT ROWID;
-- The key of the next erasure; each step is the hash of the one before, which is then overwritten.
CREATE TABLE erasure_key (
  id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, key BLOB NOT NULL
);
INSERT INTO erasure_key (id, epoch, key) VALUES (1, 0, randomblob(32));

-- How far retention has come where a time alone does not tell.
CREATE TABLE retention_mark (
  site_id TEXT NOT NULL, kind INTEGER NOT NULL,     -- RetainedKind
  until_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, kind)
) WITHOUT ROWID;

-- What retention has yet to take away.
CREATE INDEX webhook_inbox_kept ON webhook_inbox (site_id, received_ms) WHERE length(sealed) > 0;
CREATE INDEX delivery_attempt_kept ON delivery_attempt (t_ms) WHERE answer <> '';

-- Ways from a person to the rows that only erasure and export look for.
CREATE INDEX session_alias_by_session ON session_alias (site_id, session_id);
CREATE INDEX consent_receipt_by_visitor ON consent_receipt (site_id, anonymous_id)
  WHERE anonymous_id IS NOT NULL;
