// SPDX-License-Identifier: Apache-2.0
// day_revision: what changes of published days, noted while the rollups' rows are written.
#pragma once

#include "server/core/ports/rollup_store.hpp"
#include "server/store/sqlite/connection.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace tl::server::sqlite {

class Revisions {
 public:
  Revisions(Connection& connection, bool is_noting)
      : connection_(connection), is_noting_(is_noting) {}
  struct Change {
    std::set<RollupReason> reasons;
    std::string before;  // rows of JSON, comma separated
  };
  // Whether changes of that day are to be noted.
  bool is_published(std::string_view site_id, int day);
  // Where to note a change of that day; null when the day is not published.
  Change* published(std::string_view site_id, int day);
  void write();

 private:
  Connection& connection_;
  bool is_noting_;
  std::map<std::string, int, std::less<>> sealed_;
  std::map<std::pair<std::string, int>, Change> changes_;
};

// Adds one to rows of JSON, comma separated.
void append_row(std::string& rows, const nlohmann::json& row);
// A channel's traffic on the day, as it was.
void note_traffic_before(Revisions::Change& change, RollupReason reason, Channel channel,
                         std::int64_t touches, std::int64_t visits);

}  // namespace tl::server::sqlite
