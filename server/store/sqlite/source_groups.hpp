// SPDX-License-Identifier: Apache-2.0
// Sums of rollup rows by where the traffic came from. Grouping is done here and not by the
// statement: SQLite would sort rows that already come in the order of their key.
#pragma once

#include "server/core/ports/report_store.hpp"

#include <compare>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::sqlite {

// The coarsest level of the rollups that can answer: 1 channel, 2 campaign, 3 all; 0 the whole.
inline int level_of(const SourceFilter& filter, GroupBy group) {
  if (filter.content || filter.landing_path || group >= GroupBy::content) return 3;
  if (filter.source || filter.campaign || group >= GroupBy::source) return 2;
  return filter.channel || group == GroupBy::channel ? 1 : 0;
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
template <class Sum>
using Groups = std::map<TrafficSource, Sum, BySource>;

// What stays of a source in a group.
inline LentSource cut(LentSource source, GroupBy group) {
  if (group < GroupBy::channel) source.channel = Channel::unknown;
  if (group < GroupBy::source || group == GroupBy::landing_page) source.source = {};
  if (group < GroupBy::campaign || group == GroupBy::landing_page) source.campaign = {};
  if (group != GroupBy::content) source.content = {};
  if (group != GroupBy::landing_page) source.landing_path = {};
  return source;
}

template <class Sum>
Sum& group_of(Groups<Sum>& groups, const LentSource& source, GroupBy group) {
  const LentSource key = cut(source, group);
  const auto found = groups.lower_bound(key);
  if (found != groups.end() && lent(found->first) == key) return found->second;
  return groups.emplace_hint(found, owned(key), Sum{})->second;
}

inline bool passes(const LentSource& source, const SourceFilter& filter) {
  const auto is = [](const std::optional<std::string>& wanted, std::string_view text) {
    return !wanted || *wanted == text;
  };
  return (!filter.channel || *filter.channel == source.channel) &&
         is(filter.source, source.source) && is(filter.campaign, source.campaign) &&
         is(filter.content, source.content) && is(filter.landing_path, source.landing_path);
}

template <class Sum>
std::vector<Sum> values_of(Groups<Sum>& groups) {
  std::vector<Sum> sums;
  for (auto& [source, sum] : groups) {
    sum.source = source;
    sums.push_back(std::move(sum));
  }
  return sums;
}

}  // namespace tl::server::sqlite
