-- An ad that was seen and not clicked; it belongs to no session.
ALTER TABLE touch ADD COLUMN is_view INTEGER NOT NULL DEFAULT 0;
CREATE INDEX touch_view ON touch (site_id, id) WHERE is_view = 1;
