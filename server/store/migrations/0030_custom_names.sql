-- Described providers have names of their own now; until then all were stored as `custom`. Of the sites that have such
-- rows: the provider that goes on being stored so ('': the next start says which, server/core/orders/custom_names.hpp).
CREATE TABLE custom_owner (site_id TEXT PRIMARY KEY, provider TEXT NOT NULL) WITHOUT ROWID;
INSERT INTO custom_owner SELECT site_id, '' FROM webhook_inbox WHERE provider = 'custom'
  UNION SELECT site_id, '' FROM orders WHERE provider = 'custom';
