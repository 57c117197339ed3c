-- Whose lists a stopped import reads: it goes on for that account alone. '': not known, so it begins anew.
ALTER TABLE order_import ADD COLUMN account TEXT NOT NULL DEFAULT '';
