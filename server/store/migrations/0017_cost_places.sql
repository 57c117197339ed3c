-- A cost names its campaign's id, and the ad platform whose export told it; '' where nobody said so.
CREATE TABLE cost_named (
  site_id TEXT NOT NULL, day INTEGER NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL, campaign_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, clicks INTEGER NOT NULL, impressions INTEGER NOT NULL,
  imported_ms INTEGER NOT NULL, origin TEXT NOT NULL,   -- api, or the file's name
  platform TEXT NOT NULL,           -- google_ads …: channel and source are the platform's, not stated
  PRIMARY KEY (site_id, day, channel, source, campaign, campaign_id, currency)
) WITHOUT ROWID;
INSERT INTO cost_named SELECT site_id, day, channel, source, campaign, '', currency, amount_minor,
  clicks, impressions, imported_ms, origin, '' FROM cost;
DROP TABLE cost;
ALTER TABLE cost_named RENAME TO cost;

-- Traffic at one more level: 6 is 2 over all days, `day` being 0. It has no visitors.
INSERT INTO day_traffic SELECT site_id, 6, 0, channel, source, campaign, '', '', sum(touches),
  sum(visits) FROM day_traffic WHERE level = 4 GROUP BY site_id, channel, source, campaign;

-- The time zone by which a site's days were counted, and the one that it was configured with last.
CREATE TABLE site_zone (
  site_id TEXT PRIMARY KEY, counted TEXT NOT NULL, configured TEXT NOT NULL
) WITHOUT ROWID;
