// SPDX-License-Identifier: Apache-2.0
// What of a conversion's path may be given out to whose it is. A browser that only says the buyer's
// address takes part in the path (person.hpp), and its visits are shown to nobody by that.
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <nlohmann/json.hpp>

#include <set>
#include <string_view>
#include <vector>

namespace tl::server {

struct OwnPath {
  nlohmann::ordered_json snapshot;  // as it is kept, without what others' browsers saw
  std::set<Id128> left_out;         // touches
};

// `visitors`: the person's, ascending.
Outcome<OwnPath> own_path(Tables& tables, std::string_view site_id, std::string_view snapshot,
                          const std::vector<Id128>& visitors);

}  // namespace tl::server
