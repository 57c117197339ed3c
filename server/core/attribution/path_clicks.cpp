// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/path_clicks.hpp"

#include "server/core/attribution/conversion_path.hpp"
#include "server/core/classify/withheld_value.hpp"
#include "server/core/outbox/delivery_consent.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>

namespace tl::server {
namespace {

void add_clicks_of(const TouchRow& touch, std::vector<KnownClick>& clicks) {
  const auto ids = nlohmann::json::parse(touch.click_ids, nullptr, false);
  if (!ids.is_object()) return;
  for (const auto& [name, value] : ids.items()) {
    const auto* text = value.get_ptr<const std::string*>();
    if (text != nullptr && *text != kWithheldValue && !text->empty())
      clicks.push_back({name, *text, touch.t_ms});
  }
}

}  // namespace

Outcome<bool> permits_click_ids(Tables& tables, std::string_view site_id,
                                const std::vector<Id128>& own, const Id128& anonymous_id) {
  if (std::find(own.begin(), own.end(), anonymous_id) != own.end()) return true;
  TL_TRY(recorded, tables.people().find_consent(site_id, anonymous_id));
  return recorded && permits_marketing_data(recorded->consent);
}

Outcome<std::vector<KnownClick>> path_clicks(Tables& tables, const Dispatch& dispatch) {
  std::vector<KnownClick> clicks;
  if (!dispatch.anonymous_id) return clicks;
  const std::string& site_id = dispatch.delivery.site_id;
  const auto& conversion = dispatch.conversion;
  // A renewal's path ends with the first payment.
  const ConversionPath path = conversion ? parse_snapshot(conversion->snapshot) : ConversionPath();
  const auto visitors = conversion ? path.visitors : std::vector<Id128>{*dispatch.anonymous_id};
  TL_TRY(touches,
         newest_touches(tables, site_id, visitors,
                        conversion ? path.occurred_ms : dispatch.occurred_ms, models::kMaxPath));
  TL_TRY(own, tables.events().linked_ids(site_id, *dispatch.anonymous_id));
  std::map<Id128, bool> permitted;
  for (auto touch = touches.rbegin(); touch != touches.rend(); ++touch) {
    if (!counts_in_reports(*touch) || touch->click_ids.size() <= 2) continue;
    auto known = permitted.find(touch->anonymous_id);
    if (known == permitted.end()) {
      TL_TRY(may_tell, permits_click_ids(tables, site_id, own, touch->anonymous_id));
      known = permitted.emplace(touch->anonymous_id, may_tell).first;
    }
    if (known->second) add_clicks_of(*touch, clicks);
  }
  return clicks;
}

}  // namespace tl::server
