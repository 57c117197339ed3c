-- What a checkout said of a visitor without consent: throughline/coarse_handover.hpp.
ALTER TABLE orders ADD COLUMN coarse TEXT NOT NULL DEFAULT '';
