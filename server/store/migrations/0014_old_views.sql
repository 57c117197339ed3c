-- Seen ads whose term and evidence are still there, the oldest first: what retention takes away.
CREATE INDEX touch_old_view ON touch (site_id, t_ms) WHERE is_view = 1 AND evidence <> '{}';
