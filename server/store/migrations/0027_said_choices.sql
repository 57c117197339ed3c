-- When a choice was made by the clock of the browser; 0 where that is not known. What the same clock
-- says of an event tells which came first (server/core/ingest/batch_keeper.cpp).
ALTER TABLE consent_state ADD COLUMN said_ms INTEGER NOT NULL DEFAULT 0;
