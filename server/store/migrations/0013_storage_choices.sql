-- Every choice about storage with its time, in place of the times between them: what was withheld
-- follows from these whatever the order in which they are told. The only yes of a visitor is in
-- consent_state alone.
CREATE TABLE storage_choice (
  site_id TEXT NOT NULL, anonymous_id BLOB NOT NULL, t_ms INTEGER NOT NULL,
  is_withheld INTEGER NOT NULL,
  PRIMARY KEY (site_id, anonymous_id, t_ms)
) WITHOUT ROWID;
INSERT INTO storage_choice SELECT site_id, anonymous_id, until_ms, 0 FROM storage_withheld
  WHERE until_ms > from_ms;
INSERT OR REPLACE INTO storage_choice SELECT site_id, anonymous_id, from_ms, 1 FROM storage_withheld
  WHERE until_ms IS NULL OR until_ms > from_ms;
DROP TABLE storage_withheld;
-- Choices of ids without a visit go by their time (server/store/sqlite/retained_people.hpp).
CREATE INDEX consent_by_time ON consent_state (site_id, t_ms);
