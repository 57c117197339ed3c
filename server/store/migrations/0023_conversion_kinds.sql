-- Leads or sign-ups of a site that has mostly orders (or orders of one with mostly leads): a page of a list of
-- one kind is read by it, not looked for among all conversions.
CREATE INDEX conversion_by_kind ON conversion (site_id, kind, occurred_ms, id);
