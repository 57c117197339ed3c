-- Contacts go by the time when they were last said (server/store/sqlite/retention_rows.cpp).
CREATE INDEX contact_by_time ON contact (site_id, t_ms);
