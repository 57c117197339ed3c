-- Look-ups are taken in these orders (server/store/sqlite/fetch_store.cpp).
DROP INDEX order_lookup_due;
CREATE INDEX order_lookup_due ON order_lookup (site_id, provider, is_proven, next_attempt_ms, key);
CREATE INDEX order_lookup_newest ON order_lookup
  (site_id, provider, is_proven, attempts, asked_ms DESC, key, next_attempt_ms);
CREATE INDEX order_lookup_oldest ON order_lookup
  (site_id, provider, is_proven, asked_ms, key, next_attempt_ms);
