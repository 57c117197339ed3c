-- What is refused again and again (a delivery that is sent again, news without a signature) is one row.
ALTER TABLE reject ADD COLUMN key BLOB;
CREATE UNIQUE INDEX reject_by_key ON reject (site_id, key) WHERE key IS NOT NULL;
