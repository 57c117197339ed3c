-- People: what joins anonymous ids and contacts beside what browsers claim (contact_claim) and the ids
-- of one browser (anonymous_link). A person is computed from these rows (server/core/person.hpp).

-- What a conversion proves, told by a signed provider or a secret key: its contacts are real, they
-- belong together, and to the visitor whose ids the conversion carried (null: it carried none).
CREATE TABLE contact_proof (
  site_id TEXT NOT NULL, conversion_id BLOB NOT NULL, kind INTEGER NOT NULL, hash BLOB NOT NULL,
  anonymous_id BLOB, source TEXT NOT NULL, t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, conversion_id, kind)
) WITHOUT ROWID;
CREATE INDEX contact_proof_by_contact ON contact_proof (site_id, kind, hash);
CREATE INDEX contact_proof_by_visitor ON contact_proof (site_id, anonymous_id)
  WHERE anonymous_id IS NOT NULL;

-- When it was claimed first; t_ms says when last.
ALTER TABLE contact_claim ADD COLUMN first_ms INTEGER NOT NULL DEFAULT 0;
UPDATE contact_claim SET first_ms = t_ms;

-- Somebody undid the tie of a contact and an anonymous id; evidence does not tie them again.
CREATE TABLE person_cut (
  site_id TEXT NOT NULL, kind INTEGER NOT NULL, hash BLOB NOT NULL, anonymous_id BLOB NOT NULL,
  t_ms INTEGER NOT NULL,
  PRIMARY KEY (site_id, kind, hash, anonymous_id)
) WITHOUT ROWID;
CREATE INDEX person_cut_by_visitor ON person_cut (site_id, anonymous_id);
