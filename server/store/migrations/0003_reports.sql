-- Reports: sums by the site's own calendar day (yyyymmdd, local), changed in the transaction of what
-- they sum. `level` says how fine a row is; every touch and credit counts once at each level, so that
-- coarse questions read few rows: 0 all, 1 channel, 2 down to the campaign, 3 down to the landing
-- page; 4 and 5 are 2 and 3 by weeks, `day` being the Monday. Columns finer than the level are ''.

CREATE TABLE day_traffic (
  site_id TEXT NOT NULL, level INTEGER NOT NULL, day INTEGER NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL,
  content TEXT NOT NULL, landing_path TEXT NOT NULL,
  touches INTEGER NOT NULL, visits INTEGER NOT NULL,
  PRIMARY KEY (site_id, level, day, channel, source, campaign, content, landing_path)
) WITHOUT ROWID;
-- Beside it, because it seldom changes once a day is warm: server/core/visitor_sketch.hpp.
CREATE TABLE day_visitors (
  site_id TEXT NOT NULL, level INTEGER NOT NULL, day INTEGER NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL,
  content TEXT NOT NULL, landing_path TEXT NOT NULL,
  sketch BLOB NOT NULL,
  PRIMARY KEY (site_id, level, day, channel, source, campaign, content, landing_path)
) WITHOUT ROWID;

-- A model with its parameters and the rules of the path; `config` is the beginning of the SHA-256
-- over both, so the number is the same everywhere.
CREATE TABLE model_config (
  site_id TEXT NOT NULL, config INTEGER NOT NULL, model TEXT NOT NULL, rules TEXT NOT NULL,
  PRIMARY KEY (site_id, config)
) WITHOUT ROWID;

-- Credits, levels 1 to 5. channel 255: unattributed. Sums over channels equal the conversions exactly, per
-- model, currency and basis.
CREATE TABLE day_credit (
  site_id TEXT NOT NULL, level INTEGER NOT NULL, config INTEGER NOT NULL, day INTEGER NOT NULL,
  currency TEXT NOT NULL, kind TEXT NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL,
  content TEXT NOT NULL, landing_path TEXT NOT NULL,
  conversions_micro INTEGER NOT NULL, new_customers_micro INTEGER NOT NULL,
  value_minor INTEGER NOT NULL,     -- cash: the amount, on the conversion's day
  refund_minor INTEGER NOT NULL,    -- cash: <= 0, on the refund's own day
  net_minor INTEGER NOT NULL,       -- accrual: what refunds left, on the conversion's day
  PRIMARY KEY (site_id, level, config, day, currency, kind, channel, source, campaign, content,
    landing_path)
) WITHOUT ROWID;
-- The same credits by what buyers said themselves, where they said anything.
CREATE TABLE day_self_reported (
  site_id TEXT NOT NULL, config INTEGER NOT NULL, day INTEGER NOT NULL,
  currency TEXT NOT NULL, kind TEXT NOT NULL, self_reported TEXT NOT NULL, channel INTEGER NOT NULL,
  conversions_micro INTEGER NOT NULL, value_minor INTEGER NOT NULL, refund_minor INTEGER NOT NULL,
  net_minor INTEGER NOT NULL,
  PRIMARY KEY (site_id, config, day, currency, kind, self_reported, channel)
) WITHOUT ROWID;

-- What a conversion's match was made from, so that what arrives later finds it: a letter for the kind
-- of key (v visitor, s session, 1 to 3 contact) and its bytes (server/core/late_evidence.hpp).
CREATE TABLE conversion_key (
  site_id TEXT NOT NULL, key BLOB NOT NULL, occurred_ms INTEGER NOT NULL,
  conversion_id BLOB NOT NULL,
  PRIMARY KEY (site_id, key, occurred_ms, conversion_id)
) WITHOUT ROWID;
CREATE INDEX conversion_key_by_conversion ON conversion_key (site_id, conversion_id);

-- Conversions by the channels of their path (one byte a touch); empty: no touch.
CREATE TABLE day_path (
  site_id TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
  channels BLOB NOT NULL,
  conversions INTEGER NOT NULL, lag_days INTEGER NOT NULL,
  value_minor INTEGER NOT NULL, refund_minor INTEGER NOT NULL, net_minor INTEGER NOT NULL,
  PRIMARY KEY (site_id, day, kind, currency, channels)
) WITHOUT ROWID;
-- Conversions by the days from their first touch; -1: no touch, -2: outside of every model.
CREATE TABLE day_conversions (
  site_id TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
  lag_days INTEGER NOT NULL,
  conversions INTEGER NOT NULL, new_customers INTEGER NOT NULL,
  value_minor INTEGER NOT NULL, refund_minor INTEGER NOT NULL, net_minor INTEGER NOT NULL,
  PRIMARY KEY (site_id, day, kind, currency, lag_days)
) WITHOUT ROWID;

-- What each conversion gave to its sources, for the one report that needs them singly.
CREATE TABLE conversion_split (
  site_id TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, currency TEXT NOT NULL,
  conversion_id BLOB NOT NULL,
  split BLOB NOT NULL,              -- server/store/sqlite/credit_split.hpp
  PRIMARY KEY (site_id, day, kind, currency, conversion_id)
) WITHOUT ROWID;

-- Days up to this one were published; a later change of such a day leaves a revision.
CREATE TABLE day_seal (
  site_id TEXT PRIMARY KEY, day INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE day_revision (
  site_id TEXT NOT NULL, day INTEGER NOT NULL, revision INTEGER NOT NULL,
  t_ms INTEGER NOT NULL, reasons TEXT NOT NULL,   -- comma separated: touch, refund …
  before TEXT NOT NULL,             -- JSON: the changed rows by channel, as they were
  PRIMARY KEY (site_id, day, revision)
) WITHOUT ROWID;

-- What a site's paths of that kind of conversion taught a Markov model, kept for ever: credits name
-- the version that they were split by.
CREATE TABLE model_training (
  site_id TEXT NOT NULL, kind TEXT NOT NULL, chain_order INTEGER NOT NULL, version INTEGER NOT NULL,
  from_day INTEGER NOT NULL, to_day INTEGER NOT NULL, trained_ms INTEGER NOT NULL,
  rules TEXT NOT NULL, currency TEXT NOT NULL,    -- of value_minor
  conversions INTEGER NOT NULL, value_minor INTEGER NOT NULL, failed INTEGER NOT NULL,
  states INTEGER NOT NULL,
  refused TEXT NOT NULL,            -- why there is no model: too_few_conversions …; else ''
  effects TEXT NOT NULL,            -- JSON [[channel, removal effect, of value], …] by channel name
  PRIMARY KEY (site_id, kind, chain_order, version)
) WITHOUT ROWID;

-- What was spent. Dates are those of the ad account, taken as the site's local days.
CREATE TABLE cost (
  site_id TEXT NOT NULL, day INTEGER NOT NULL,
  channel INTEGER NOT NULL, source TEXT NOT NULL, campaign TEXT NOT NULL, currency TEXT NOT NULL,
  amount_minor INTEGER NOT NULL, clicks INTEGER NOT NULL, impressions INTEGER NOT NULL,
  imported_ms INTEGER NOT NULL, origin TEXT NOT NULL,   -- api, or the file's name
  PRIMARY KEY (site_id, day, channel, source, campaign, currency)
) WITHOUT ROWID;

-- The model that somebody made the site's default in reports, over the configuration's.
CREATE TABLE site_model (
  site_id TEXT PRIMARY KEY, model TEXT NOT NULL, t_ms INTEGER NOT NULL
) WITHOUT ROWID;
