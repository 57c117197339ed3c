-- Credits down to the landing page also by four weeks: level 7, `day` being the Monday that begins them, counted
-- from 1969-12-08 (server/core/reports/report_calendar.hpp).
INSERT INTO day_credit (site_id, level, config, day, currency, kind, channel, source, campaign, content,
  landing_path, conversions_micro, new_customers_micro, value_minor, refund_minor, net_minor, returned_micro)
SELECT site_id, 7, config,
  CAST(strftime('%Y%m%d', '1969-12-08', (CAST(julianday(printf('%04d-%02d-%02d', day / 10000, day / 100 % 100,
    day % 100)) - julianday('1969-12-08') AS INTEGER) / 28 * 28) || ' days') AS INTEGER) AS first_day,
  currency, kind, channel, source, campaign, content, landing_path, sum(conversions_micro) AS conversions,
  sum(new_customers_micro) AS new_customers, sum(value_minor) AS value, sum(refund_minor) AS refund,
  sum(net_minor) AS net, sum(returned_micro)
FROM day_credit WHERE level = 5
GROUP BY site_id, config, first_day, currency, kind, channel, source, campaign, content, landing_path
HAVING conversions <> 0 OR new_customers <> 0 OR value <> 0 OR refund <> 0 OR net <> 0;
