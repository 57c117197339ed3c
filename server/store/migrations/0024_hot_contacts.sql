-- The newest conversion of a kind before another one, of a visitor or a contact: a step in an index each
-- (server/store/sqlite/conversion_rows.cpp), however many there are. A proof says what it was told with for that.
DROP INDEX conversion_by_visitor;
CREATE INDEX conversion_by_visitor ON conversion (site_id, anonymous_id, kind, live, occurred_ms);
ALTER TABLE contact_proof ADD COLUMN conversion_kind TEXT NOT NULL DEFAULT '';
UPDATE contact_proof AS proof SET conversion_kind = coalesce((SELECT kind FROM conversion AS told WHERE
  told.site_id = proof.site_id AND told.id = proof.conversion_id), '');
DROP INDEX contact_proof_by_contact;
CREATE INDEX contact_proof_by_contact ON contact_proof (site_id, kind, hash, conversion_kind, t_ms);

CREATE INDEX conversion_by_checkout ON conversion (site_id, anonymous_id, checkout_started_ms)
  WHERE checkout_started_ms IS NOT NULL;
CREATE INDEX conversion_of_new_customer ON conversion (site_id, customer) WHERE is_new_customer = 1;
