-- The account that a delivery is made for (server/core/outbox/destination_account.hpp); NULL: whatever its
-- destination's name stands for.
ALTER TABLE delivery ADD COLUMN account INTEGER;
