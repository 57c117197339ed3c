-- Of the conversions those that refunds took back entirely: what net conversions leave out. 0 for what
-- was counted before; `throughline rebuild` counts it again.

ALTER TABLE day_credit ADD COLUMN returned_micro INTEGER NOT NULL DEFAULT 0;
ALTER TABLE day_conversions ADD COLUMN returned INTEGER NOT NULL DEFAULT 0;
