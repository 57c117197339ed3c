// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/late_click_ids.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/classify/stored_touch.hpp"
#include "server/core/classify/withheld_value.hpp"
#include "server/core/ingest/known_sessions.hpp"
#include "server/core/ingest/touch_row.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/visitor_sketch.hpp"
#include "throughline/params.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <utility>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::uint32_t kTouchesOfADay = 10'000;
constexpr std::int64_t kADayAndMore = 26LL * 3600 * 1000;

std::string dumped(const OrderedJson& json) {
  return json.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

// Whether one took its value.
bool take_values(OrderedJson& kept, const OrderedJson& told) {
  bool is_changed = false;
  for (auto& [name, value] : kept.items()) {
    const auto found = told.find(name);
    if (value != kWithheldValue || found == told.end() || *found == kWithheldValue) continue;
    value = *found;
    is_changed = true;
  }
  return is_changed;
}

DayTraffic traffic_of(const TouchRow& touch, const SiteConfig& site) {
  return {local_day(touch.t_ms, site.timezone),
          {touch.channel, touch.source, touch.campaign, touch.content, touch.landing_path},
          0,
          0,
          {}};
}

bool counts_at(const TouchRow& touch, const DayTraffic& place, const SiteConfig& site) {
  const DayTraffic own = traffic_of(touch, site);
  return counts_in_reports(touch) && own.day == place.day && own.source == place.source;
}

// The visitor stays where another touch of the same day brought them.
Outcome<void> move_traffic(Tables& tables, const SiteConfig& site, const TouchRow& before,
                           const TouchRow& after) {
  if (!counts_in_reports(before)) return {};
  const auto visitor = VisitorSketch::hash_of(before.anonymous_id);
  TL_TRY(session, tables.events().find_session(site.id, before.session_id));
  const std::int64_t visits = session && session->first_touch == before.id ? 1 : 0;
  DayTraffic from = traffic_of(before, site), to = traffic_of(after, site);
  from.touches = -1;
  from.visits = -visits;
  from.left.push_back(visitor);
  to.touches = 1;
  to.visits = visits;
  to.visitors.push_back(visitor);
  TL_TRY(others, tables.events().touches_of_visitor(site.id, before.anonymous_id,
                                                    before.t_ms - kADayAndMore,
                                                    before.t_ms + kADayAndMore, kTouchesOfADay));
  const bool stays = std::any_of(others.begin(), others.end(), [&](const TouchRow& other) {
    return other.id != before.id && other.anonymous_id == before.anonymous_id &&
           counts_at(other, from, site);
  });
  if (stays) from.left.clear();
  TL_CHECK(tables.rollups().add_traffic(site.id, std::move(from)));
  return tables.rollups().add_traffic(site.id, std::move(to));
}

}  // namespace

Outcome<std::optional<RevealedTouch>> find_revealed(Tables& tables, const SiteConfig& site,
                                                    const EventRow& event, const Id128& visitor) {
  const std::optional<RevealedTouch> none;
  if (event.url.find('?') == std::string::npos) return none;
  const auto room = std::make_unique_for_overwrite<char[]>(kTouchArenaBytes);
  Out arena(room.get(), kTouchArenaBytes);
  const Touch told = extract_touch(event.url, {}, arena);
  if (told.click_id_count == 0) return none;
  const std::int64_t fingerprint = touch_fingerprint(told);
  // Not by the session, which may come with this very batch.
  TL_TRY(touches, tables.events().touches_of_visitor(site.id, visitor,
                                                     event.session_id.time_ms() - kADayAndMore,
                                                     event.received_ms, kTouchesOfADay));
  for (auto& touch : touches) {
    if (touch.session_id != event.session_id || touch.anonymous_id != visitor ||
        touch.click_ids.find("\"" + std::string(kWithheldValue) + "\"") == std::string::npos ||
        !is_same_arrival(fingerprint_in(touch.evidence), fingerprint))
      continue;
    auto clicks = OrderedJson::parse(touch.click_ids, nullptr, /*allow_exceptions=*/false);
    auto evidence = OrderedJson::parse(touch.evidence, nullptr, /*allow_exceptions=*/false);
    const TouchRow row = make_touch_row(told, {}, {}, fingerprint, event);
    if (!clicks.is_object() || !evidence.is_object() ||
        !take_values(clicks, OrderedJson::parse(row.click_ids, nullptr, false)))
      continue;
    evidence["u"] = event.url;
    evidence["fp"] = std::to_string(fingerprint);
    RevealedTouch revealed{touch, touch, clicks.value(param_name(Param::fbclid), std::string())};
    revealed.after.click_ids = dumped(clicks);
    revealed.after.evidence = dumped(evidence);
    TouchClassifier classifier;
    TL_TRY(named, classify_stored(revealed.after, site, classifier));
    revealed.after.campaign = named.campaign;
    return std::optional(std::move(revealed));
  }
  return none;
}

Outcome<void> put_revealed(Tables& tables, const SiteConfig& site, const RevealedTouch& revealed,
                           std::int64_t now_ms) {
  const auto& [before, after, fbclid] = revealed;
  TL_CHECK(tables.privacy().put_evidence(after));
  if (before.campaign == after.campaign) return {};
  TL_CHECK(tables.evidence().set_class(after));
  TL_CHECK(move_traffic(tables, site, before, after));
  return restate_conversions(tables, site, visitor_key(after.anonymous_id), after.t_ms, now_ms);
}

}  // namespace tl::server
