-- The string of a framework (TCF, GPP) that a choice was read from; part of the receipt's hash where
-- there is one.
ALTER TABLE consent_receipt ADD COLUMN consent_string TEXT NOT NULL DEFAULT '';
