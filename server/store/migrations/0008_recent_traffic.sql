-- What touches added to the traffic rollups lately, a row each: written in the transaction of the
-- touch, counted by every report, and folded into day_traffic and day_visitors some thousand at a
-- time, because most of them fall on the same rows. Never of a published day.

CREATE TABLE recent_traffic (
  site_id TEXT NOT NULL, day INTEGER NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL,
  content TEXT NOT NULL, landing_path TEXT NOT NULL,
  touches INTEGER NOT NULL, visits INTEGER NOT NULL,
  visitor INTEGER                   -- VisitorSketch hash; NULL: nobody came
);
