-- The line from the first touch to the delivery. Conventions, here and in every later migration:
--   every key starts with site_id; ids are 16-byte blobs; times are int64 UTC milliseconds; money is
--   int64 ISO 4217 minor units beside its currency; enums are the integers of the C++ enum classes;
--   "sealed" columns are AES-256-GCM (server/core/secret_box.hpp).
--
-- What a browser leaves behind is kept by visitor: session, event, touch and session_context begin
-- with (site_id, anonymous_id). A visitor's rows lie side by side, so paths, exports and erasure
-- read one stretch, and new visitors, whose ids begin with the time, are written at the end of each
-- table instead of all over it. anonymous_id is the session's visitor in every row of a session,
-- also where a browser used an older id of its own within it. A session id alone leads there
-- through session_by_id. Event ids are derived from their session, so (session, id) is unique where
-- (site, id) is.

-- One arrival with its source. Immutable. id is the event id of the arrival.
CREATE TABLE touch (
  site_id TEXT NOT NULL, id BLOB NOT NULL,
  session_id BLOB NOT NULL, anonymous_id BLOB NOT NULL,
  t_ms INTEGER NOT NULL,            -- corrected clock
  seq INTEGER NOT NULL,             -- within the page
  channel INTEGER NOT NULL,
  source TEXT NOT NULL, medium TEXT NOT NULL, campaign TEXT NOT NULL,
  term TEXT NOT NULL, content TEXT NOT NULL,
  click_ids TEXT NOT NULL,          -- JSON object, "{}" when none
  landing_path TEXT NOT NULL, referrer_domain TEXT NOT NULL,
  evidence TEXT NOT NULL,           -- JSON: what decide() read
  rules_version INTEGER NOT NULL, verdict INTEGER NOT NULL, is_bot INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, anonymous_id, session_id, id)
) WITHOUT ROWID;

CREATE TABLE event (
  site_id TEXT NOT NULL, id BLOB NOT NULL,
  session_id BLOB NOT NULL, anonymous_id BLOB NOT NULL,
  name TEXT NOT NULL,
  t_ms INTEGER NOT NULL, raw_t_ms INTEGER NOT NULL, received_ms INTEGER NOT NULL,
  clock INTEGER NOT NULL,           -- ClockRule: which rule gave t_ms
  page_nonce BLOB NOT NULL, seq INTEGER NOT NULL,
  url TEXT NOT NULL, title TEXT NOT NULL, props TEXT NOT NULL,  -- props: JSON object or ""
  why INTEGER NOT NULL, verdict INTEGER NOT NULL, mismatch TEXT NOT NULL DEFAULT '',
  rules_version INTEGER NOT NULL, is_bot INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, anonymous_id, session_id, id)
) WITHOUT ROWID;

CREATE TABLE session (
  site_id TEXT NOT NULL, id BLOB NOT NULL,
  anonymous_id BLOB NOT NULL, idx INTEGER NOT NULL, why INTEGER NOT NULL,
  started_ms INTEGER NOT NULL, last_ms INTEGER NOT NULL,
  -- left or purchase; an end by timeout follows from last_ms (server/core/session_end.hpp)
  ended_ms INTEGER, end_reason TEXT NOT NULL DEFAULT '',
  first_touch BLOB, last_touch BLOB,
  page_views INTEGER NOT NULL DEFAULT 0, events INTEGER NOT NULL DEFAULT 0,
  entry_path TEXT NOT NULL DEFAULT '', exit_path TEXT NOT NULL DEFAULT '',
  last_content TEXT NOT NULL DEFAULT '',  -- JSON {id,name,category} of the last content viewed
  converted INTEGER NOT NULL DEFAULT 0, conversion_value_minor INTEGER NOT NULL DEFAULT 0,
  currency TEXT NOT NULL DEFAULT '',
  device TEXT NOT NULL DEFAULT '', browser TEXT NOT NULL DEFAULT '', os TEXT NOT NULL DEFAULT '',
  country TEXT NOT NULL DEFAULT '', region TEXT NOT NULL DEFAULT '', city TEXT NOT NULL DEFAULT '',
  bot_reason TEXT NOT NULL DEFAULT '',  -- "search_engine Googlebot", "prefetch"; "" for a visitor
  is_bot INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (site_id, anonymous_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX session_by_id ON session (site_id, id);
CREATE INDEX session_by_start ON session (site_id, started_ms, id);  -- the server's clock

-- A browser's own session or anonymous id that the replay did not confirm still leads to the session.
CREATE TABLE session_alias (
  site_id TEXT NOT NULL, alias_id BLOB NOT NULL, session_id BLOB NOT NULL,
  PRIMARY KEY (site_id, alias_id)
) WITHOUT ROWID;
-- Two anonymous ids of one browser (cookie against storage).
CREATE TABLE anonymous_link (
  site_id TEXT NOT NULL, anonymous_id BLOB NOT NULL, older_id BLOB NOT NULL, t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, anonymous_id, older_id)
) WITHOUT ROWID;
CREATE INDEX anonymous_link_by_older ON anonymous_link (site_id, older_id);

-- What may be counted without consent: coarse, by the hour, no ids.
CREATE TABLE anon_event (
  site_id TEXT NOT NULL, hour_ms INTEGER NOT NULL, name TEXT NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, medium TEXT NOT NULL, campaign TEXT NOT NULL,
  referrer_domain TEXT NOT NULL, path TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (site_id, hour_ms, name, channel, source, medium, campaign, referrer_domain, path)
) WITHOUT ROWID;

-- Needed to forward a purchase that arrives by webhook; marketing consent only; sealed JSON:
-- {"ip","user_agent","landing_url","fbp","fbc","ga","ga_session","ttp","scid","fbclid","fbclid_t_ms"}.
CREATE TABLE session_context (
  site_id TEXT NOT NULL, session_id BLOB NOT NULL, anonymous_id BLOB NOT NULL,
  sealed BLOB NOT NULL, t_ms INTEGER NOT NULL, expires_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, anonymous_id, session_id)
) WITHOUT ROWID;
CREATE INDEX session_context_by_expiry ON session_context (expires_ms);

-- Who a visitor says or is proven to be. kind: ContactKind; value: SHA-256 of the canonical text.
CREATE TABLE contact_claim (
  site_id TEXT NOT NULL, kind INTEGER NOT NULL, hash BLOB NOT NULL, anonymous_id BLOB NOT NULL,
  session_id BLOB, verified INTEGER NOT NULL, source TEXT NOT NULL, t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, kind, hash, anonymous_id)
) WITHOUT ROWID;
CREATE INDEX contact_claim_by_visitor ON contact_claim (site_id, anonymous_id);
-- The hash variants that destinations need (JSON {"digits","e164","gmail","reddit"…: hex}); the plain
-- text only where the site stores contacts encrypted.
CREATE TABLE contact (
  site_id TEXT NOT NULL, kind INTEGER NOT NULL, hash BLOB NOT NULL,
  variants TEXT NOT NULL, sealed BLOB, t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, kind, hash)
) WITHOUT ROWID;

-- Newest consent of an anonymous id, and the append-only receipts.
CREATE TABLE consent_state (
  site_id TEXT NOT NULL, anonymous_id BLOB NOT NULL,
  storage INTEGER NOT NULL, marketing INTEGER NOT NULL, ad_personalisation INTEGER NOT NULL,
  opted_out INTEGER NOT NULL, t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, anonymous_id)
) WITHOUT ROWID;
CREATE TABLE consent_receipt (
  site_id TEXT NOT NULL, number INTEGER NOT NULL,              -- 1, 2 … in order of arrival
  id BLOB NOT NULL, anonymous_id BLOB,  -- null when refused before any id
  t_ms INTEGER NOT NULL, event TEXT NOT NULL,                  -- given, updated, denied, withdrawn
  storage INTEGER NOT NULL, marketing INTEGER NOT NULL, ad_personalisation INTEGER NOT NULL,
  opted_out INTEGER NOT NULL, platform TEXT NOT NULL, text_version TEXT NOT NULL,
  -- Whose it is, for the chain: HMAC of anonymous_id under `salt`. Erasing the person empties
  -- anonymous_id and salt, and the chain stays whole.
  subject BLOB NOT NULL, salt BLOB NOT NULL,
  previous_hash BLOB NOT NULL, hash BLOB NOT NULL,             -- chained per site
  PRIMARY KEY (site_id, number), UNIQUE (site_id, id)
) WITHOUT ROWID;
CREATE INDEX consent_receipt_by_time ON consent_receipt (site_id, t_ms, id);

-- Signed webhooks as they came. event_key is the provider's delivery key.
CREATE TABLE webhook_inbox (
  id INTEGER PRIMARY KEY, site_id TEXT NOT NULL, provider TEXT NOT NULL, event_key TEXT NOT NULL,
  event_type TEXT NOT NULL, received_ms INTEGER NOT NULL, live INTEGER NOT NULL,
  sealed BLOB NOT NULL,             -- {"headers":{…},"body":"…"}
  result TEXT NOT NULL, order_id TEXT NOT NULL DEFAULT '', deliveries INTEGER NOT NULL DEFAULT 1,
  UNIQUE (site_id, provider, event_key)
);

-- State of an order as known now; forward only.
CREATE TABLE orders (
  site_id TEXT NOT NULL, provider TEXT NOT NULL, order_id TEXT NOT NULL,
  state INTEGER NOT NULL,           -- OrderState
  amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, amount_rank INTEGER NOT NULL,
  refunded_minor INTEGER NOT NULL DEFAULT 0, refunded_total_minor INTEGER NOT NULL DEFAULT 0,
  dispute INTEGER NOT NULL DEFAULT 0,  -- DisputeState
  live INTEGER NOT NULL, subscription INTEGER NOT NULL,  -- SubscriptionRole
  created_ms INTEGER NOT NULL, paid_ms INTEGER,
  anonymous_id BLOB, session_id BLOB, checkout_started_ms INTEGER,
  ids_stated INTEGER NOT NULL DEFAULT 0,  -- these ids came from the site's own server
  email_hash BLOB, phone_hash BLOB, user_id TEXT NOT NULL DEFAULT '',
  customer TEXT NOT NULL DEFAULT '',   -- JSON: country and hashed name parts for destinations
  items TEXT NOT NULL DEFAULT '[]',    -- JSON [{id,name,category,quantity,price_minor}]
  refunds TEXT NOT NULL DEFAULT '[]',  -- JSON [[t_ms, amount_minor, refund id], …] that make up refunded_minor
  subscription_id TEXT NOT NULL DEFAULT '', customer_id TEXT NOT NULL DEFAULT '',
  consent_storage INTEGER NOT NULL DEFAULT 0, consent_marketing INTEGER NOT NULL DEFAULT 0, -- stated by the sender
  self_reported TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (site_id, provider, order_id)
) WITHOUT ROWID;
CREATE INDEX orders_by_state ON orders (site_id, state, created_ms);
CREATE INDEX orders_by_customer ON orders (site_id, provider, customer_id, paid_ms)
  WHERE customer_id <> '';
CREATE INDEX orders_by_subscription ON orders (site_id, provider, subscription_id, paid_ms)
  WHERE subscription_id <> '';
-- Every other reference of an order: checkout session, payment intent, charge, invoice, subscription.
CREATE TABLE order_alias (
  site_id TEXT NOT NULL, provider TEXT NOT NULL, alias TEXT NOT NULL, order_id TEXT NOT NULL,
  PRIMARY KEY (site_id, provider, alias)
) WITHOUT ROWID;
CREATE INDEX order_alias_by_order ON order_alias (site_id, provider, order_id);
-- Append-only ledger: paid, amount corrected, refunded, disputed, dispute closed, enriched.
CREATE TABLE order_change (
  id INTEGER PRIMARY KEY, site_id TEXT NOT NULL, provider TEXT NOT NULL, order_id TEXT NOT NULL,
  change_key TEXT NOT NULL,         -- makes a repeated change a no-op
  kind INTEGER NOT NULL, t_ms INTEGER NOT NULL, recorded_ms INTEGER NOT NULL,
  delta_minor INTEGER NOT NULL, currency TEXT NOT NULL, detail TEXT NOT NULL,
  UNIQUE (site_id, provider, order_id, change_key)
);

-- How far an import of a provider's orders has come; gone when it is done.
CREATE TABLE order_import (
  site_id TEXT NOT NULL, provider TEXT NOT NULL,
  since_ms INTEGER NOT NULL, list TEXT NOT NULL, cursor TEXT NOT NULL,  -- of the next page
  items INTEGER NOT NULL, kept INTEGER NOT NULL, known INTEGER NOT NULL, unreadable INTEGER NOT NULL,
  t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, provider)
) WITHOUT ROWID;

-- What webhooks named without telling it: fetched from the provider's API, again until it answers.
CREATE TABLE order_lookup (
  site_id TEXT NOT NULL, provider TEXT NOT NULL, key TEXT NOT NULL,
  subject TEXT NOT NULL,            -- the provider's id of what is fetched
  event_type TEXT NOT NULL, inbox_key TEXT NOT NULL,  -- of the webhook that asked first
  live INTEGER NOT NULL, is_proven INTEGER NOT NULL,  -- is_proven 0: anybody could have asked
  asks INTEGER NOT NULL, asked_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL, next_attempt_ms INTEGER NOT NULL, last_error TEXT NOT NULL,
  PRIMARY KEY (site_id, provider, key)
) WITHOUT ROWID;
CREATE INDEX order_lookup_due ON order_lookup (site_id, provider, next_attempt_ms);

-- What is attributed. The snapshot columns never change.
CREATE TABLE conversion (
  site_id TEXT NOT NULL, id BLOB NOT NULL,      -- id is also the event id at destinations
  kind TEXT NOT NULL,                           -- purchase, lead, signup, custom or an own event's name
  provider TEXT NOT NULL, order_id TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, currency TEXT NOT NULL, live INTEGER NOT NULL,
  subscription INTEGER NOT NULL,
  occurred_ms INTEGER NOT NULL, recorded_ms INTEGER NOT NULL,
  match_type INTEGER NOT NULL,                  -- MatchType
  session_id BLOB, anonymous_id BLOB, first_touch BLOB, last_touch BLOB, touches INTEGER NOT NULL,
  days_to_convert INTEGER NOT NULL, checkout_started_ms INTEGER,
  content TEXT NOT NULL DEFAULT '',             -- JSON {id,name,category}: last content viewed
  snapshot TEXT NOT NULL,                       -- JSON: the path with eligibility
  self_reported TEXT NOT NULL DEFAULT '',
  request_digest BLOB,                          -- of /api/conversions: same again or conflict
  said TEXT NOT NULL DEFAULT '',                -- what it was matched by, where no order keeps it (late_evidence.hpp)
  refunds TEXT NOT NULL DEFAULT '[]',           -- as in orders
  customer BLOB,                                -- who bought, as a hash; null: unknown
  is_new_customer INTEGER NOT NULL DEFAULT 0,   -- the first purchase of that customer
  PRIMARY KEY (site_id, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX conversion_by_order ON conversion (site_id, provider, order_id, kind);
CREATE INDEX conversion_by_time ON conversion (site_id, occurred_ms, id);
CREATE INDEX conversion_by_session ON conversion (site_id, session_id);
CREATE INDEX conversion_by_visitor ON conversion (site_id, anonymous_id);
CREATE INDEX conversion_by_customer ON conversion (site_id, customer, occurred_ms, id)
  WHERE customer IS NOT NULL;

-- conversion x model x touch; value_minor is the share of the original amount. position counts the
-- eligible touches from 0; touch_id is null for the one unattributed row.
CREATE TABLE credit (
  site_id TEXT NOT NULL, conversion_id BLOB NOT NULL, model TEXT NOT NULL, position INTEGER NOT NULL,
  config INTEGER NOT NULL,          -- model_config: model and rules together
  touch_id BLOB, channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL,
  content TEXT NOT NULL, landing_path TEXT NOT NULL,
  value_minor INTEGER NOT NULL, conversions_micro INTEGER NOT NULL,
  net_minor INTEGER NOT NULL,       -- share of the net value after refunds
  refunds TEXT NOT NULL DEFAULT '[]',  -- JSON: this row's share (<= 0) of each refund of the conversion
  training INTEGER NOT NULL DEFAULT 0,  -- version of the model_training it was split by; 0: by rule
  PRIMARY KEY (site_id, conversion_id, model, position)
) WITHOUT ROWID;

-- The outbox. Rows are written in the transaction of what they report.
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY, site_id TEXT NOT NULL, destination TEXT NOT NULL,
  event_name TEXT NOT NULL, event_id BLOB NOT NULL,
  subject INTEGER NOT NULL,         -- DeliverySubject: event or conversion; subject id is event_id
  anonymous_id BLOB, session_id BLOB,
  state INTEGER NOT NULL,           -- DeliveryState
  occurred_ms INTEGER NOT NULL, created_ms INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, next_attempt_ms INTEGER NOT NULL, lease_until_ms INTEGER NOT NULL DEFAULT 0,
  first_sent_ms INTEGER, delivered_ms INTEGER, ambiguous INTEGER NOT NULL DEFAULT 0,
  accepted_ms INTEGER, receipt TEXT NOT NULL DEFAULT '',  -- while a vendor's judgement is awaited
  is_alone INTEGER NOT NULL DEFAULT 0,  -- goes again by itself
  last_status INTEGER NOT NULL DEFAULT 0, last_error TEXT NOT NULL DEFAULT '',
  sealed BLOB,                      -- body as first built; scrubbed when delivered, dead or 7 days old
  UNIQUE (site_id, destination, event_name, event_id)
);
CREATE INDEX delivery_due ON delivery (site_id, destination, state, next_attempt_ms);
CREATE INDEX delivery_by_visitor ON delivery (site_id, anonymous_id);
CREATE INDEX delivery_by_session ON delivery (site_id, session_id);
CREATE INDEX delivery_by_event ON delivery (site_id, event_id);
CREATE INDEX delivery_by_receipt ON delivery (site_id, destination, receipt) WHERE receipt <> '';
CREATE TABLE delivery_attempt (
  id INTEGER PRIMARY KEY, delivery_id INTEGER NOT NULL, t_ms INTEGER NOT NULL, duration_ms INTEGER NOT NULL,
  status INTEGER NOT NULL, outcome TEXT NOT NULL, answer TEXT NOT NULL  -- first 2 KiB of the answer
);
CREATE INDEX delivery_attempt_by_delivery ON delivery_attempt (delivery_id);
-- auth_failed and the like, per site and destination.
CREATE TABLE lane (
  site_id TEXT NOT NULL, destination TEXT NOT NULL, state TEXT NOT NULL, until_ms INTEGER NOT NULL,
  reason TEXT NOT NULL, PRIMARY KEY (site_id, destination)
) WITHOUT ROWID;

-- Refused input, kept to be replayed.
CREATE TABLE reject (
  id INTEGER PRIMARY KEY, site_id TEXT NOT NULL, t_ms INTEGER NOT NULL, route TEXT NOT NULL,
  code TEXT NOT NULL, message TEXT NOT NULL, bytes INTEGER NOT NULL,
  sealed BLOB,                      -- sender and body; null when they may not be kept
  replayed_ms INTEGER, replay_result TEXT NOT NULL DEFAULT ''
);
CREATE INDEX reject_by_site ON reject (site_id, t_ms);

-- Totals that /metrics shows: accepted, duplicate, consent_refused, rejected … per site.
CREATE TABLE counter (
  site_id TEXT NOT NULL, name TEXT NOT NULL, total INTEGER NOT NULL,
  PRIMARY KEY (site_id, name)
) WITHOUT ROWID;

CREATE TABLE api_key (
  id TEXT PRIMARY KEY, site_id TEXT NOT NULL, hash BLOB NOT NULL, scopes TEXT NOT NULL,
  created_ms INTEGER NOT NULL, revoked_ms INTEGER
) WITHOUT ROWID;
