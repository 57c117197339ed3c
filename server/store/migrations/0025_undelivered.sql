-- What waits, failed, is dead or withheld is little beside what was delivered (state 2): found without it.
CREATE INDEX delivery_undelivered ON delivery (site_id, state) WHERE state <> 2;
