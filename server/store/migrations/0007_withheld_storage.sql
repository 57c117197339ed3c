-- When a visitor's consent to storage was not given: what happened then is nobody's (server/core/
-- conversion_match.hpp), also after a new yes. until_ms is null while it lasts. Visitors who were
-- without consent before this table was there are from now on.
CREATE TABLE storage_withheld (
  site_id TEXT NOT NULL, anonymous_id BLOB NOT NULL, from_ms INTEGER NOT NULL, until_ms INTEGER,
  PRIMARY KEY (site_id, anonymous_id, from_ms)
) WITHOUT ROWID;
INSERT INTO storage_withheld (site_id, anonymous_id, from_ms)
  SELECT site_id, anonymous_id, CAST(strftime('%s', 'now') AS INTEGER) * 1000 FROM consent_state
  WHERE storage <> 2;
