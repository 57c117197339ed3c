-- Of one buyer at a provider, the orders that no subscription names and that renew none, and the others: which of the
-- former began a subscription that does not name its first payment (server/core/attribution/apart_payment.hpp).
CREATE INDEX orders_apart_by_customer ON orders
  (site_id, provider, customer_id, (subscription_id = '' AND subscription < 2), paid_ms) WHERE customer_id <> '';
CREATE INDEX orders_apart_by_visitor ON orders
  (site_id, provider, anonymous_id, (subscription_id = '' AND subscription < 2), paid_ms) WHERE anonymous_id IS NOT NULL;
CREATE INDEX orders_apart_by_email ON orders
  (site_id, provider, email_hash, (subscription_id = '' AND subscription < 2), paid_ms) WHERE email_hash IS NOT NULL;
