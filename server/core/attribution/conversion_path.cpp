// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_path.hpp"

#include "server/core/attribution/attribution_rules.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace tl::server {
namespace {

// One more than a path holds, so that a cut is noticed. Most paths are whole with so many touches
// read; a person with more is read again with more, up to the most that is held at once.
constexpr std::uint32_t kFirstRead = models::kMaxPath + 1;
constexpr std::uint32_t kMostRead = 64 * kFirstRead;

// The newest of them, each once, in path order.
void keep_newest(std::vector<TouchRow>& touches, std::size_t limit) {
  std::sort(touches.begin(), touches.end(), [](const TouchRow& a, const TouchRow& b) {
    if (a.t_ms != b.t_ms) return a.t_ms < b.t_ms;
    if (a.seq != b.seq) return a.seq < b.seq;
    return a.id < b.id;
  });
  touches.erase(std::unique(touches.begin(), touches.end(),
                            [](const TouchRow& a, const TouchRow& b) { return a.id == b.id; }),
                touches.end());
  if (touches.size() > limit)
    touches.erase(touches.begin(), touches.end() - static_cast<std::ptrdiff_t>(limit));
}

std::string_view never_counts(const TouchRow& touch) {
  if (touch.is_bot) return "bot";
  if (touch.verdict == Verdict::forged) return "forged";
  return {};
}

struct Selected {
  std::vector<std::uint32_t> candidates;  // of the path's entries
  std::vector<models::Exclusion> why;     // of the candidates
  std::vector<models::Step> steps;        // Step::index counts the path's entries
  bool is_truncated = false;
};

template <class MayCount>
Outcome<Selected> select(const ConversionPath& path, const models::AttributionRules& rules,
                         bool applies_direct_rule, MayCount may_count) {
  std::vector<models::PathTouch> touches;
  Selected selected;
  for (std::uint32_t i = 0; i < path.entries.size(); ++i) {
    const PathEntry& entry = path.entries[i];
    if (!may_count(entry)) continue;
    touches.push_back({entry.touch_id, entry.t_ms, entry.seq, entry.channel, entry.is_view});
    selected.candidates.push_back(i);
  }
  selected.steps.resize(touches.size());
  selected.why.resize(touches.size());
  const auto found = models::eligible_path(
      rules, {path.occurred_ms, path.previous_ms.value_or(models::kNoPreviousConversion)},
      applies_direct_rule, touches, selected.steps, selected.why);
  if (!found.ok())
    return fail(ErrorKind::bug, found.error().code, "the path of a conversion cannot be built");
  selected.steps.resize(found.value().count);
  selected.is_truncated = found.value().is_truncated;
  for (auto& step : selected.steps) step.index = selected.candidates[step.index];
  return selected;
}

// Inside every window: what the rules of the path itself left it for is another matter.
bool is_in_window(const PathEntry& entry) {
  for (const auto why : {models::Exclusion::none, models::Exclusion::direct_removed,
                         models::Exclusion::collapsed, models::Exclusion::over_cap})
    if (entry.why == models::exclusion_name(why)) return true;
  return false;
}

// Older touches than these change nothing: the path is full without them, or its window has ended.
bool is_whole(const ConversionPath& path, const models::AttributionRules& rules,
              const Selected& selected) {
  const bool waits_for_another = rules.direct_rule == models::DirectRule::drop_if_any_other &&
                                 !selected.steps.empty() &&
                                 selected.steps.front().channel == Channel::direct;
  if (selected.is_truncated && !waits_for_another) return true;
  std::int64_t anchor_ms = path.occurred_ms;
  if (path.is_rolling)
    for (const auto& entry : path.entries)
      if (is_in_window(entry)) {
        anchor_ms = entry.t_ms;
        break;
      }
  const std::int64_t oldest_ms = path.entries.front().t_ms;
  if (rules.repeat_rule == models::RepeatRule::first_only && path.previous_ms) return true;
  if (rules.repeat_rule == models::RepeatRule::since_previous && path.previous_ms &&
      oldest_ms <= *path.previous_ms)
    return true;
  return oldest_ms < anchor_ms - std::max(rules.click_lookback_ms, rules.view_lookback_ms);
}

// Marks what a model sees that looks before (or after) the direct rule: the newest touches, of runs
// that collapse the ends alone.
void mark_seen(const ConversionPath& path, models::CollapseRule collapse, bool sees_direct,
               std::vector<bool>& is_kept) {
  std::vector<std::size_t> seen;
  for (std::size_t i = 0; i < path.entries.size(); ++i)
    if (is_in_window(path.entries[i]) &&
        (sees_direct || path.entries[i].channel != Channel::direct))
      seen.push_back(i);
  const auto channel = [&](std::size_t place) { return path.entries[seen[place]].channel; };
  const auto is_run_end = [&](std::size_t place) {
    if (collapse == models::CollapseRule::none || place == 0 || place + 1 == seen.size())
      return true;
    if (collapse == models::CollapseRule::consecutive)
      return channel(place) != channel(place - 1) || channel(place) != channel(place + 1);
    const auto is_same = [&](std::size_t other) {
      return path.entries[other].channel == channel(place);
    };
    const auto at = seen.begin() + static_cast<std::ptrdiff_t>(place);
    return std::none_of(seen.begin(), at, is_same) || std::none_of(at + 1, seen.end(), is_same);
  };
  std::size_t left = collapse == models::CollapseRule::none ? kFirstRead : 2 * kFirstRead;
  for (std::size_t place = seen.size(); place-- > 0 && left > 0;)
    if (is_run_end(place)) {
      is_kept[seen[place]] = true;
      --left;
    }
}

// The newest touches, and of all others those that some model sees.
void drop_unseen(ConversionPath& path, const models::AttributionRules& rules) {
  if (path.entries.size() <= kFirstRead) return;
  std::vector<bool> is_kept(path.entries.size(), false);
  std::fill(is_kept.end() - kFirstRead, is_kept.end(), true);
  mark_seen(path, rules.collapse_rule, /*sees_direct=*/true, is_kept);
  if (rules.direct_rule == models::DirectRule::drop_if_any_other)
    mark_seen(path, rules.collapse_rule, /*sees_direct=*/false, is_kept);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < path.entries.size(); ++i)
    if (is_kept[i]) std::swap(path.entries[kept++], path.entries[i]);
  path.entries.resize(kept);
}

}  // namespace

std::vector<const PathEntry*> ConversionPath::eligible() const {
  std::vector<const PathEntry*> on_path;
  for (const auto& entry : entries)
    if (entry.why == "none") on_path.push_back(&entry);
  return on_path;
}

std::vector<const PathEntry*> ConversionPath::clicks() const {
  const bool has_view = std::any_of(entries.begin(), entries.end(), [](const PathEntry& entry) {
    return entry.is_view && entry.why == "none";
  });
  std::vector<const PathEntry*> clicked, direct;
  for (const auto& entry : entries) {
    if (entry.is_view) continue;
    if (entry.why == "none" || (has_view && entry.why == "collapsed")) clicked.push_back(&entry);
    if (has_view && entry.why == "direct_removed") direct.push_back(&entry);
  }
  return clicked.empty() ? direct : clicked;
}

bool ConversionPath::is_of_bot() const {
  return !entries.empty() && std::all_of(entries.begin(), entries.end(),
                                         [](const PathEntry& entry) { return entry.why == "bot"; });
}

bool ConversionPath::is_suppressed() const {
  return previous_ms && read_rules(rules).repeat_rule == models::RepeatRule::first_only;
}

Outcome<std::vector<TouchRow>> newest_touches(Tables& tables, std::string_view site_id,
                                              const std::vector<Id128>& visitors,
                                              std::int64_t until_ms, std::uint32_t limit) {
  std::vector<TouchRow> touches;
  for (const auto& visitor : visitors) {
    TL_TRY(found, tables.events().touches_of_visitor(site_id, visitor, 0, until_ms, limit));
    touches.insert(touches.end(), std::make_move_iterator(found.begin()),
                   std::make_move_iterator(found.end()));
    if (touches.size() > 2 * limit) keep_newest(touches, limit);
  }
  keep_newest(touches, limit);
  return touches;
}

Outcome<ConversionPath> read_path(Tables& tables, const SiteConfig& site,
                                  const models::AttributionRules& rules,
                                  const std::vector<Id128>& visitors,
                                  const models::ConversionTime& conversion) {
  ConversionPath path;
  path.visitors = visitors;
  path.lookback_ms = rules.click_lookback_ms;
  path.is_rolling = rules.lookback_mode == models::LookbackMode::rolling;
  path.rules = rules_text(rules);
  path.occurred_ms = conversion.t_ms;
  if (conversion.previous_ms != models::kNoPreviousConversion)
    path.previous_ms = conversion.previous_ms;
  for (std::uint32_t limit = kFirstRead;; limit *= 4) {
    TL_TRY(touches, newest_touches(tables, site.id, visitors, conversion.t_ms, limit));
    path.entries.clear();
    for (const auto& touch : touches)
      path.entries.push_back({touch.id, touch.session_id, touch.t_ms, touch.seq, touch.channel,
                              touch.source, touch.campaign, touch.content, touch.landing_path,
                              std::string(never_counts(touch)), touch.is_view});
    TL_TRY(selected, select(path, rules, /*applies_direct_rule=*/true,
                            [](const PathEntry& entry) { return entry.why.empty(); }));
    for (std::size_t i = 0; i < selected.why.size(); ++i)
      path.entries[selected.candidates[i]].why = models::exclusion_name(selected.why[i]);
    path.is_truncated = selected.is_truncated;
    if (touches.size() < limit || is_whole(path, rules, selected)) break;
    if (limit >= kMostRead) {
      path.is_truncated = true;
      break;
    }
  }
  drop_unseen(path, rules);
  return path;
}

Outcome<std::vector<models::Step>> steps_of(const ConversionPath& path, bool applies_direct_rule) {
  // The windows were judged when the path was read, with touches that it may not hold any more.
  models::AttributionRules rules = read_rules(path.rules);
  rules.click_lookback_ms = rules.view_lookback_ms = std::numeric_limits<std::int64_t>::max();
  rules.lookback_mode = models::LookbackMode::fixed;
  rules.repeat_rule = models::RepeatRule::every;
  TL_TRY(selected, select(path, rules, applies_direct_rule, is_in_window));
  // Milestones are kept as times: late evidence moves them, not the path.
  const MilestoneTimes& reached = path.milestones;
  if (reached.lead_ms) models::hold_milestone(models::kLead, *reached.lead_ms, selected.steps);
  if (reached.opportunity_ms)
    models::hold_milestone(models::kOpportunity, *reached.opportunity_ms, selected.steps);
  return std::move(selected.steps);
}

Outcome<std::optional<TouchRow>> find_path_touch(Tables& tables, const ConversionRow& conversion,
                                                 const std::optional<Id128>& touch_id) {
  if (!touch_id) return std::optional<TouchRow>{};
  const ConversionPath path = parse_snapshot(conversion.snapshot);
  for (const auto& entry : path.entries)
    if (entry.touch_id == *touch_id)
      return entry.is_view
                 ? tables.events().find_view(conversion.site_id, *touch_id)
                 : tables.events().find_touch(conversion.site_id, entry.session_id, *touch_id);
  return std::optional<TouchRow>{};
}

}  // namespace tl::server
