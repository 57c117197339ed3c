// SPDX-License-Identifier: Apache-2.0
// Sums of rollup rows by where the traffic came from. Grouping is done here and not by the
// statement: SQLite would sort rows that already come in the order of their key.
#pragma once

#include "server/core/ports/report_store.hpp"
#include "server/store/sqlite/rollup_levels.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::sqlite {

// The coarsest level of the rollups that can answer.
inline RollupLevel level_of(const SourceFilter& filter, GroupBy group) {
  if (filter.content || filter.landing_path || group >= GroupBy::content)
    return RollupLevel::landing_page;
  if (filter.source || filter.campaign || group >= GroupBy::source) return RollupLevel::campaign;
  return filter.channel || group == GroupBy::channel ? RollupLevel::channel : RollupLevel::all;
}

// A row's source as the statement lends it: most rows meet a group that is there already, and
// nothing of them is copied.
struct LentSource {
  Channel channel{};
  std::string_view source, campaign, content, landing_path;
  auto operator<=>(const LentSource&) const = default;
};

inline LentSource lent(const TrafficSource& source) {
  return {source.channel, source.source, source.campaign, source.content, source.landing_path};
}
inline const LentSource& lent(const LentSource& source) {
  return source;
}
inline TrafficSource owned(const LentSource& source) {
  return {source.channel, std::string(source.source), std::string(source.campaign),
          std::string(source.content), std::string(source.landing_path)};
}

struct BySource {
  using is_transparent = void;
  bool operator()(const auto& a, const auto& b) const { return lent(a) < lent(b); }
};

// What stays of a source in a group.
inline LentSource cut(LentSource source, GroupBy group) {
  if (group < GroupBy::channel) source.channel = Channel::unknown;
  if (group < GroupBy::source || group == GroupBy::landing_page) source.source = {};
  if (group < GroupBy::campaign || group == GroupBy::landing_page) source.campaign = {};
  if (group != GroupBy::content) source.content = {};
  if (group != GroupBy::landing_page) source.landing_path = {};
  return source;
}

// Rows come in the order of their key, day after day: after a group comes most often the one that
// came after it before, or itself.
template <class Sum>
class SourceSums {
 public:
  explicit SourceSums(GroupBy group) : group_(group) {}

  Sum& of(const LentSource& source) {
    const LentSource key = cut(source, group_);
    if (is_of(last_, key)) return last_->second.sum;
    Entry* const expected = last_ == nullptr ? nullptr : last_->second.next;
    Entry* const found = is_of(expected, key) ? expected : find(key);
    if (last_ != nullptr) last_->second.next = found;
    last_ = found;
    return found->second.sum;
  }
  // Calls visit(source, sum) for each group, in their order.
  template <class Visit>
  void each(Visit&& visit) {
    for (auto& [source, group] : groups_) visit(source, group.sum);
  }
  // The sums, each with its source.
  std::vector<Sum> take() {
    std::vector<Sum> list;
    list.reserve(groups_.size());
    for (auto& [source, group] : groups_) {
      group.sum.source = source;
      list.push_back(std::move(group.sum));
    }
    return list;
  }

 private:
  struct Group;
  using Entry = std::pair<const TrafficSource, Group>;
  struct Group {
    Sum sum{};
    Entry* next = nullptr;  // came after it
  };

  static bool is_of(const Entry* entry, const LentSource& key) {
    return entry != nullptr && lent(entry->first) == key;
  }
  Entry* find(const LentSource& key) {
    auto at = groups_.lower_bound(key);
    if (at == groups_.end() || !is_of(&*at, key))
      at = groups_.emplace_hint(at, owned(key), Group{});
    return &*at;
  }

  GroupBy group_;
  std::map<TrafficSource, Group, BySource> groups_;
  Entry* last_ = nullptr;
};

inline bool passes(const LentSource& source, const SourceFilter& filter) {
  const auto is = [](const std::optional<std::string>& wanted, std::string_view text) {
    return !wanted || *wanted == text;
  };
  return (!filter.channel || *filter.channel == source.channel) &&
         is(filter.source, source.source) && is(filter.campaign, source.campaign) &&
         is(filter.content, source.content) && is(filter.landing_path, source.landing_path);
}

}  // namespace tl::server::sqlite
