-- Bodies of deliveries that are still there: the few that wait, found by their age every minute.
CREATE INDEX delivery_kept ON delivery (created_ms) WHERE sealed IS NOT NULL;
