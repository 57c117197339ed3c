-- What a sale is called where a vendor counts by its number alone: decided when it is told first,
-- the same ever after (server/core/transaction_ids.hpp).
CREATE TABLE transaction_id (
  scope TEXT NOT NULL,              -- the vendor's account in which no two sales may share a number
  id TEXT NOT NULL, site_id TEXT NOT NULL, conversion_id BLOB NOT NULL,
  PRIMARY KEY (scope, id)
) WITHOUT ROWID;
CREATE UNIQUE INDEX transaction_id_by_sale ON transaction_id (site_id, conversion_id, scope);
