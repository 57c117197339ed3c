-- A yes or no that the visitor did not give by an act of their own (a platform's default, a country's);
-- part of the receipt's hash where it is so.
ALTER TABLE consent_receipt ADD COLUMN is_implied INTEGER NOT NULL DEFAULT 0;

-- Which contacts are carried by an order that is not a conversion yet.
CREATE INDEX orders_waiting_email ON orders (site_id, email_hash)
  WHERE state <> 2 AND email_hash IS NOT NULL;
CREATE INDEX orders_waiting_phone ON orders (site_id, phone_hash)
  WHERE state <> 2 AND phone_hash IS NOT NULL;

-- What visitors said of themselves goes with their consent (server/core/consent_change.cpp); of those
-- who took it back before, what joined nobody, so that no credit changes.
DELETE FROM contact_claim AS claim WHERE
  EXISTS (SELECT 1 FROM consent_state AS chosen WHERE chosen.site_id = claim.site_id
    AND chosen.anonymous_id = claim.anonymous_id AND chosen.storage <> 2)
  AND NOT EXISTS (SELECT 1 FROM contact_proof AS proof WHERE proof.site_id = claim.site_id
    AND proof.kind = claim.kind AND proof.hash = claim.hash)
  AND NOT EXISTS (SELECT 1 FROM contact_claim AS other WHERE other.site_id = claim.site_id
    AND other.kind = claim.kind AND other.hash = claim.hash AND other.verified = 1
    AND other.anonymous_id <> claim.anonymous_id);
DELETE FROM contact AS kept WHERE
  NOT EXISTS (SELECT 1 FROM contact_claim AS claim WHERE claim.site_id = kept.site_id
    AND claim.kind = kept.kind AND claim.hash = kept.hash)
  AND NOT EXISTS (SELECT 1 FROM conversion_key AS filed WHERE filed.site_id = kept.site_id
    AND filed.key = CAST(char(48 + kept.kind) || kept.hash AS BLOB))
  AND NOT EXISTS (SELECT 1 FROM orders AS waiting WHERE waiting.site_id = kept.site_id
    AND waiting.state <> 2 AND waiting.email_hash = kept.hash)
  AND NOT EXISTS (SELECT 1 FROM orders AS waiting WHERE waiting.site_id = kept.site_id
    AND waiting.state <> 2 AND waiting.phone_hash = kept.hash);
