// SPDX-License-Identifier: Apache-2.0
#include "server/core/conversion_path.hpp"

#include "server/core/attribution_rules.hpp"
#include "server/core/record_names.hpp"
#include "server/core/uuid_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <span>

namespace tl::server {
namespace {

using Json = nlohmann::json;

// The newest touches of all the buyer's browsers, each once, in path order.
Outcome<std::vector<TouchRow>> touches_of(Tables& tables, const SiteConfig& site,
                                          const std::vector<Id128>& visitors,
                                          std::int64_t occurred_ms) {
  // One more than a path holds, so that a cut is noticed.
  constexpr std::uint32_t kLimit = models::kMaxPath + 1;
  std::vector<TouchRow> touches;
  for (const auto& visitor : visitors) {
    TL_TRY(found, tables.events().touches_of_visitor(site.id, visitor, 0, occurred_ms, kLimit));
    touches.insert(touches.end(), std::make_move_iterator(found.begin()),
                   std::make_move_iterator(found.end()));
  }
  std::sort(touches.begin(), touches.end(), [](const TouchRow& a, const TouchRow& b) {
    if (a.t_ms != b.t_ms) return a.t_ms < b.t_ms;
    if (a.seq != b.seq) return a.seq < b.seq;
    return a.id < b.id;
  });
  touches.erase(std::unique(touches.begin(), touches.end(),
                            [](const TouchRow& a, const TouchRow& b) { return a.id == b.id; }),
                touches.end());
  if (touches.size() > kLimit)
    touches.erase(touches.begin(), touches.end() - static_cast<std::ptrdiff_t>(kLimit));
  return touches;
}

Choice parse_choice(std::string_view name) {
  if (name == "granted") return Choice::granted;
  return name == "denied" ? Choice::denied : Choice::unknown;
}

constexpr std::string_view kBot = "bot", kForged = "forged";

std::string_view never_counts(const TouchRow& touch) {
  if (touch.is_bot) return kBot;
  if (touch.verdict == Verdict::forged) return kForged;
  return {};
}

// The touches of a path that may count, as the models see them.
struct Candidates {
  explicit Candidates(const ConversionPath& path) {
    for (std::size_t i = 0; i < path.entries.size(); ++i) {
      const PathEntry& entry = path.entries[i];
      if (entry.why == kBot || entry.why == kForged) continue;
      touches.push_back({entry.touch_id, entry.t_ms, entry.seq, entry.channel, /*is_view=*/false});
      entry_of.push_back(i);
    }
  }

  struct Selected {
    std::vector<models::Step> steps;  // Step::index counts the path's entries
    bool is_truncated = false;
  };
  Outcome<Selected> select(const ConversionPath& path, bool applies_direct_rule,
                           std::span<models::Exclusion> why) const {
    Selected selected;
    selected.steps.resize(touches.size());
    const auto found = models::eligible_path(
        read_rules(path.rules),
        {path.occurred_ms, path.previous_ms.value_or(models::kNoPreviousConversion)},
        applies_direct_rule, touches, selected.steps, why);
    if (!found.ok())
      return fail(ErrorKind::bug, found.error().code, "the path of a conversion cannot be built");
    selected.steps.resize(found.value().count);
    selected.is_truncated = found.value().is_truncated;
    for (auto& step : selected.steps) step.index = static_cast<std::uint32_t>(entry_of[step.index]);
    return selected;
  }

  std::vector<models::PathTouch> touches;
  std::vector<std::size_t> entry_of;
};

}  // namespace

std::vector<const PathEntry*> ConversionPath::eligible() const {
  std::vector<const PathEntry*> on_path;
  for (const auto& entry : entries)
    if (entry.why == "none") on_path.push_back(&entry);
  return on_path;
}

bool ConversionPath::is_suppressed() const {
  return previous_ms && read_rules(rules).repeat_rule == models::RepeatRule::first_only;
}

Outcome<ConversionPath> read_path(Tables& tables, const SiteConfig& site,
                                  const models::AttributionRules& rules,
                                  const std::vector<Id128>& visitors,
                                  const models::ConversionTime& conversion) {
  TL_TRY(touches, touches_of(tables, site, visitors, conversion.t_ms));
  ConversionPath path;
  path.visitors = visitors;
  path.lookback_ms = rules.click_lookback_ms;
  path.is_rolling = rules.lookback_mode == models::LookbackMode::rolling;
  path.rules = rules_text(rules);
  path.occurred_ms = conversion.t_ms;
  if (conversion.previous_ms != models::kNoPreviousConversion)
    path.previous_ms = conversion.previous_ms;
  for (const auto& touch : touches)
    path.entries.push_back({touch.id, touch.session_id, touch.t_ms, touch.seq, touch.channel,
                            touch.source, touch.campaign, touch.content, touch.landing_path,
                            std::string(never_counts(touch))});
  const Candidates candidates(path);
  std::vector<models::Exclusion> why(candidates.touches.size());
  TL_TRY(steps, candidates.select(path, /*applies_direct_rule=*/true, why));
  path.is_truncated = steps.is_truncated;
  for (std::size_t i = 0; i < why.size(); ++i)
    path.entries[candidates.entry_of[i]].why = models::exclusion_name(why[i]);
  return path;
}

Outcome<std::vector<models::Step>> steps_of(const ConversionPath& path, bool applies_direct_rule) {
  TL_TRY(selected, Candidates(path).select(path, applies_direct_rule, {}));
  // Milestones are kept as times: late evidence moves them, not the path.
  const MilestoneTimes& reached = path.milestones;
  if (reached.lead_ms) models::hold_milestone(models::kLead, *reached.lead_ms, selected.steps);
  if (reached.opportunity_ms)
    models::hold_milestone(models::kOpportunity, *reached.opportunity_ms, selected.steps);
  return std::move(selected.steps);
}

std::string write_snapshot(const ConversionPath& path) {
  Json entries = Json::array();
  for (const auto& entry : path.entries)
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
    path.entries.push_back(std::move(entry));
  }
  return path;
}

Outcome<std::optional<TouchRow>> find_path_touch(Tables& tables, const ConversionRow& conversion,
                                                 const std::optional<Id128>& touch_id) {
  if (!touch_id) return std::optional<TouchRow>{};
  const ConversionPath path = parse_snapshot(conversion.snapshot);
  for (const auto& entry : path.entries)
    if (entry.touch_id == *touch_id)
      return tables.events().find_touch(conversion.site_id, entry.session_id, *touch_id);
  return std::optional<TouchRow>{};
}

}  // namespace tl::server
