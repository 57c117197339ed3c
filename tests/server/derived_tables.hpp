// SPDX-License-Identifier: Apache-2.0
// Every derived table of a store as text, to compare two stores by.
#pragma once

#include "tests/server/support.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <sstream>
#include <string>
#include <vector>

namespace tl::server::test {

inline std::string rows_of(TempStore& store, const std::vector<std::string>& selects) {
  store.settle();
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  std::string text;
  for (const auto& sql : selects) {
    text += sql.substr(0, 60) + "\n";
    SQLite::Statement rows(database, sql);
    while (rows.executeStep()) {
      for (int column = 0; column < rows.getColumnCount(); ++column)
        text += rows.getColumn(column).getString() + "|";
      text += "\n";
    }
  }
  return text;
}

// All of them.
inline std::string derived_rows(TempStore& store) {
  static const std::vector<std::string> tables = {
      "SELECT * FROM day_traffic ORDER BY 1,2,3,4,5,6,7,8",
      "SELECT site_id, level, day, channel, source, campaign, content, landing_path, hex(sketch)"
      " FROM day_visitors ORDER BY 1,2,3,4,5,6,7,8",
      "SELECT * FROM model_config ORDER BY 2",
      "SELECT * FROM day_credit ORDER BY 1,2,3,4,5,6,7,8,9,10,11",
      "SELECT * FROM day_self_reported ORDER BY 1,2,3,4,5,6,7",
      "SELECT day, kind, currency, hex(conversion_id), hex(split) FROM conversion_split"
      " ORDER BY 1,2,3,4",
      "SELECT site_id, day, kind, currency, hex(channels), conversions, lag_days, value_minor,"
      " refund_minor, net_minor FROM day_path ORDER BY 1,2,3,4,5",
      "SELECT * FROM day_conversions ORDER BY 1,2,3,4,5",
      "SELECT hex(key), occurred_ms, hex(conversion_id) FROM conversion_key ORDER BY 1,2,3",
      "SELECT hex(id), kind, order_id, amount_minor, currency, occurred_ms, match_type,"
      " hex(session_id), hex(anonymous_id), hex(first_touch), hex(last_touch), touches,"
      " days_to_convert, snapshot, said, refunds, hex(customer), is_new_customer"
      " FROM conversion ORDER BY 1",
      "SELECT hex(conversion_id), model, position, config, hex(touch_id), channel, source,"
      " campaign, content, landing_path, value_minor, conversions_micro, net_minor, refunds"
      " FROM credit ORDER BY 1,2,3",
      "SELECT hex(id), events, page_views, hex(first_touch), hex(last_touch), converted,"
      " conversion_value_minor FROM session ORDER BY 1",
      // Of sealed days: how often and when they changed is history, which has its order.
      "SELECT * FROM day_revision WHERE day > (SELECT coalesce(max(day), 0) FROM day_seal)"};
  return rows_of(store, tables);
}

inline std::string first_difference(const std::string& a, const std::string& b) {
  std::istringstream one(a), other(b);
  std::string left, right, table;
  while (std::getline(one, left)) {
    std::getline(other, right);
    if (left.starts_with("SELECT")) table = left;
    if (left != right) return table + "\n  first:  " + left + "\n  this:   " + right;
  }
  return "more rows at the end";
}

}  // namespace tl::server::test
