// SPDX-License-Identifier: Apache-2.0
// The path of a conversion as it is kept: the JSON of conversion_path.hpp, written and read.
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/uuid_text.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace tl::server {
namespace {

using Json = nlohmann::json;

Choice parse_choice(std::string_view name) {
  if (name == "granted") return Choice::granted;
  return name == "denied" ? Choice::denied : Choice::unknown;
}

}  // namespace

std::string write_snapshot(const ConversionPath& path) {
  Json entries = Json::array();
  for (const auto& entry : path.entries) {
    entries.push_back({{"touch", uuid_text(entry.touch_id)},
                       {"session", uuid_text(entry.session_id)},
                       {"t", entry.t_ms},
                       {"seq", entry.seq},
                       {"channel", std::string(channel_name(entry.channel))},
                       {"source", entry.source},
                       {"campaign", entry.campaign},
                       {"content", entry.content},
                       {"landing_path", entry.landing_path},
                       {"why", entry.why}});
    if (entry.is_view) entries.back()["kind"] = "view";
  }
  Json visitors = Json::array();
  for (const auto& id : path.visitors) visitors.push_back(uuid_text(id));
  Json milestones = Json::object();
  if (path.milestones.lead_ms) milestones["lead"] = *path.milestones.lead_ms;
  if (path.milestones.opportunity_ms) milestones["opportunity"] = *path.milestones.opportunity_ms;
  Json snapshot = {{"v", 1},
                   {"evidence", path.evidence},
                   {"handover", path.handover},
                   {"visitors", std::move(visitors)},
                   {"lookback_ms", path.lookback_ms},
                   {"lookback_mode", path.is_rolling ? "rolling" : "fixed"},
                   {"rules", path.rules},
                   {"occurred", path.occurred_ms},
                   {"milestones", std::move(milestones)},
                   {"truncated", path.is_truncated},
                   {"consent",
                    {{"storage", choice_name(path.stated_consent.storage)},
                     {"marketing", choice_name(path.stated_consent.marketing)}}},
                   {"path", std::move(entries)}};
  if (path.previous_ms) snapshot["previous"] = *path.previous_ms;
  if (path.path_of) snapshot["path_of"] = uuid_text(*path.path_of);
  return snapshot.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ConversionPath parse_snapshot(std::string_view text) {
  ConversionPath path;
  const Json snapshot = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!snapshot.is_object()) return path;
  path.evidence = snapshot.value("evidence", "");
  path.handover = snapshot.value("handover", "");
  if (const auto visitors = snapshot.find("visitors");
      visitors != snapshot.end() && visitors->is_array())
    for (const auto& written : *visitors)
      if (const auto id = parse_uuid(written.get<std::string>()); id.ok())
        path.visitors.push_back(id.value());
  path.lookback_ms = snapshot.value("lookback_ms", std::int64_t{0});
  path.is_rolling = snapshot.value("lookback_mode", "") == "rolling";
  path.rules = snapshot.value("rules", "");
  path.occurred_ms = snapshot.value("occurred", std::int64_t{0});
  if (const auto previous = snapshot.find("previous"); previous != snapshot.end())
    path.previous_ms = previous->get<std::int64_t>();
  if (const auto other = parse_uuid(snapshot.value("path_of", "")); other.ok())
    path.path_of = other.value();
  path.is_truncated = snapshot.value("truncated", false);
  if (const auto milestones = snapshot.find("milestones");
      milestones != snapshot.end() && milestones->is_object()) {
    if (const auto lead = milestones->find("lead"); lead != milestones->end())
      path.milestones.lead_ms = lead->get<std::int64_t>();
    if (const auto deal = milestones->find("opportunity"); deal != milestones->end())
      path.milestones.opportunity_ms = deal->get<std::int64_t>();
  }
  if (const auto consent = snapshot.find("consent");
      consent != snapshot.end() && consent->is_object()) {
    path.stated_consent.storage = parse_choice(consent->value("storage", ""));
    path.stated_consent.marketing = parse_choice(consent->value("marketing", ""));
  }
  const auto entries = snapshot.find("path");
  if (entries == snapshot.end() || !entries->is_array()) return path;
  for (const auto& written : *entries) {
    const auto id = parse_uuid(written.value("touch", ""));
    if (!id.ok()) continue;
    PathEntry entry;
    entry.touch_id = id.value();
    if (const auto session = parse_uuid(written.value("session", "")); session.ok())
      entry.session_id = session.value();
    entry.t_ms = written.value("t", std::int64_t{0});
    entry.seq = written.value("seq", 0U);
    static_cast<void>(parse_channel(written.value("channel", ""), entry.channel));
    entry.source = written.value("source", "");
    entry.campaign = written.value("campaign", "");
    entry.content = written.value("content", "");
    entry.landing_path = written.value("landing_path", "");
    entry.why = written.value("why", "");
    entry.is_view = written.value("kind", "") == "view";
    path.entries.push_back(std::move(entry));
  }
  return path;
}

}  // namespace tl::server
