// SPDX-License-Identifier: Apache-2.0
// What the paths of channels tell: sequences, their length in touches and days, and who helped.
#include "server/core/reports/reports.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace tl::server {
namespace {

std::vector<Channel> channels_of(const std::string& bytes) {
  std::vector<Channel> channels;
  for (const char byte : bytes)
    channels.push_back(static_cast<Channel>(static_cast<unsigned char>(byte)));
  return channels;
}

// Paths that hold the channel that is asked for.
Outcome<std::vector<DayPath>> paths_of(ReportStore& store, const ReportQuery& query) {
  TL_TRY(sums, store.paths(query.range, query.choice.kind, query.choice.currency));
  if (const auto wanted = query.filter.channel)
    std::erase_if(sums, [&](const DayPath& sum) {
      if (*wanted == kUnattributedChannel) return !sum.channels.empty();
      return sum.channels.find(static_cast<char>(*wanted)) == std::string::npos;
    });
  return std::move(sums);
}

void add(Bucket& bucket, std::int64_t conversions, const RollupMoney& money, Basis basis) {
  bucket.conversions += conversions;
  bucket.revenue_minor += revenue_of(money, basis);
}

}  // namespace

Outcome<std::vector<PathFigures>> paths(ReportStore& store, const ReportQuery& query) {
  TL_TRY(sums, paths_of(store, query));
  std::vector<PathFigures> list;
  for (const auto& sum : sums) {
    PathFigures path;
    path.channels = channels_of(sum.channels);
    path.conversions = sum.conversions;
    path.revenue_minor = revenue_of(sum.money, query.basis);
    if (!path.channels.empty() && sum.conversions != 0)
      path.average_days_to_convert =
          static_cast<double>(sum.lag_days) / static_cast<double>(sum.conversions);
    list.push_back(std::move(path));
  }
  std::stable_sort(list.begin(), list.end(), [](const PathFigures& a, const PathFigures& b) {
    if (a.conversions != b.conversions) return a.conversions > b.conversions;
    return a.revenue_minor > b.revenue_minor;
  });
  return list;
}

Outcome<std::vector<Bucket>> time_lag(ReportStore& store, const ReportQuery& query) {
  // The last days of the buckets before the open one.
  static constexpr std::array kLast = {0, 1, 2, 3, 4, 5, 6, 13, 20, 29, 59, 89};
  std::vector<Bucket> buckets(1);  // no touch
  int from = 0;
  for (const int last : kLast) {
    buckets.push_back({from, last, 0, 0});
    from = last + 1;
  }
  buckets.push_back({from, std::nullopt, 0, 0});
  TL_TRY(sums, store.conversions(query.range, /*by_day=*/false));
  for (const auto& sum : sums) {
    if (sum.kind != query.choice.kind || sum.currency != query.choice.currency) continue;
    if (sum.lag_days == kLagSuppressed) continue;
    const auto at = std::lower_bound(kLast.begin(), kLast.end(), sum.lag_days) - kLast.begin();
    add(sum.lag_days < 0 ? buckets.front() : buckets[static_cast<std::size_t>(at) + 1],
        sum.conversions, sum.money, query.basis);
  }
  return buckets;
}

Outcome<std::vector<Bucket>> path_length(ReportStore& store, const ReportQuery& query) {
  constexpr int kLongest = 12;  // and all longer ones
  std::map<int, Bucket> buckets;
  TL_TRY(sums, paths_of(store, query));
  for (const auto& sum : sums) {
    const int touches = std::min(static_cast<int>(sum.channels.size()), kLongest);
    add(buckets[touches], sum.conversions, sum.money, query.basis);
  }
  std::vector<Bucket> list;
  for (auto& [touches, bucket] : buckets) {
    if (touches > 0) bucket.from = touches;
    if (touches > 0 && touches < kLongest) bucket.to = touches;
    list.push_back(bucket);
  }
  return list;
}

Outcome<std::map<Channel, Participation>> participation(ReportStore& store,
                                                        const ReportQuery& query) {
  TL_TRY(sums, paths_of(store, query));
  std::map<Channel, Participation> lines;
  for (const auto& sum : sums) {
    auto channels = channels_of(sum.channels);
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    if (channels.empty()) channels.push_back(kUnattributedChannel);
    for (const Channel channel : channels) {
      if (query.filter.channel && channel != *query.filter.channel) continue;
      lines[channel].conversions += sum.conversions;
      lines[channel].revenue_minor += revenue_of(sum.money, query.basis);
    }
  }
  return lines;
}

Outcome<std::vector<AssistFigures>> assists(ReportStore& store, const ReportQuery& query) {
  TL_TRY(sums, paths_of(store, query));
  std::map<Channel, AssistFigures> lines;
  for (const auto& sum : sums) {
    auto channels = channels_of(sum.channels);
    if (channels.empty()) continue;
    lines[channels.front()].first += sum.conversions;
    lines[channels.back()].last += sum.conversions;
    channels.pop_back();
    std::sort(channels.begin(), channels.end());
    channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
    for (const Channel channel : channels) {
      lines[channel].assisted += sum.conversions;
      lines[channel].revenue_assisted_minor += revenue_of(sum.money, query.basis);
    }
  }
  std::vector<AssistFigures> list;
  for (auto& [channel, line] : lines) {
    line.channel = channel;
    list.push_back(line);
  }
  std::stable_sort(list.begin(), list.end(), [](const AssistFigures& a, const AssistFigures& b) {
    return a.assisted != b.assisted ? a.assisted > b.assisted : a.last > b.last;
  });
  return list;
}

}  // namespace tl::server
