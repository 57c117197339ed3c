// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/own_path.hpp"

#include "server/core/text/uuid_text.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::optional<Id128> id_at(const OrderedJson& entry, const char* name) {
  const auto id = parse_uuid(entry.value(name, ""));
  return id.ok() ? std::optional(id.value()) : std::nullopt;
}

// Nobody's where there is no such touch: of a hand-over without an id.
Outcome<bool> is_of(EventStore& events, std::string_view site_id, const OrderedJson& entry,
                    const std::vector<Id128>& visitors) {
  const auto touch = id_at(entry, "touch");
  if (!touch) return true;
  std::optional<TouchRow> row;
  if (entry.value("kind", "") == "view") {
    TL_TRY(seen, events.find_view(site_id, *touch));
    row = std::move(seen);
  } else {
    TL_TRY(made, events.find_touch(site_id, id_at(entry, "session").value_or(Id128{}), *touch));
    row = std::move(made);
  }
  return !row || std::binary_search(visitors.begin(), visitors.end(), row->anonymous_id);
}

}  // namespace

Outcome<OwnPath> own_path(Tables& tables, std::string_view site_id, std::string_view snapshot,
                          const std::vector<Id128>& visitors) {
  OwnPath own;
  own.snapshot = OrderedJson::parse(snapshot, nullptr, /*allow_exceptions=*/false);
  if (!own.snapshot.is_object()) {
    own.snapshot = OrderedJson::object();
    return own;
  }
  OrderedJson entries = OrderedJson::array(), ids = OrderedJson::array();
  for (const auto& entry : own.snapshot.value("path", OrderedJson::array())) {
    TL_TRY(is_own, is_of(tables.events(), site_id, entry, visitors));
    if (is_own)
      entries.push_back(entry);
    else
      own.left_out.insert(*id_at(entry, "touch"));
  }
  for (const auto& visitor : visitors) {
    const OrderedJson text = uuid_text(visitor);
    const auto all = own.snapshot.value("visitors", OrderedJson::array());
    if (std::find(all.begin(), all.end(), text) != all.end()) ids.push_back(text);
  }
  own.snapshot["path"] = std::move(entries);
  own.snapshot["visitors"] = std::move(ids);
  return own;
}

}  // namespace tl::server
