// SPDX-License-Identifier: Apache-2.0
// What the paths of channels tell: sequences, their length in touches and days, and who helped.
#include "server/core/reports/reports.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <map>
#include <string_view>

namespace tl::server {
namespace {

Channel channel_of(char byte) {
  return static_cast<Channel>(static_cast<unsigned char>(byte));
}

// Calls visit(channel) for each channel of a path, once.
template <class Visit>
void each_channel(std::string_view path, Visit&& visit) {
  std::bitset<256> seen;
  for (const char byte : path) {
    const Channel channel = channel_of(byte);
    if (!seen.test(static_cast<std::size_t>(channel))) visit(channel);
    seen.set(static_cast<std::size_t>(channel));
  }
}

// Paths that hold the channel that is asked for.
Outcome<std::vector<PathSum>> paths_of(ReportStore& store, const ReportQuery& query) {
  TL_TRY(sums, store.paths(query.range, query.choice.kind, query.choice.currency));
  if (const auto wanted = query.filter.channel)
    std::erase_if(sums, [&](const PathSum& sum) {
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

Outcome<PathReport> paths(ReportStore& store, const ReportQuery& query, std::size_t limit) {
  TL_TRY(sums, paths_of(store, query));
  PathReport report;
  report.count = sums.size();
  for (const auto& sum : sums) report.conversions += sum.conversions;
  // Most are only counted: what is shown of a path is made of the first ones.
  std::vector<const PathSum*> order;
  order.reserve(sums.size());
  for (const auto& sum : sums) order.push_back(&sum);
  const auto shown = order.begin() + static_cast<std::ptrdiff_t>(std::min(limit, order.size()));
  std::partial_sort(order.begin(), shown, order.end(), [&](const PathSum* a, const PathSum* b) {
    if (a->conversions != b->conversions) return a->conversions > b->conversions;
    const std::int64_t revenue_of_a = revenue_of(a->money, query.basis);
    const std::int64_t revenue_of_b = revenue_of(b->money, query.basis);
    return revenue_of_a != revenue_of_b ? revenue_of_a > revenue_of_b : a->channels < b->channels;
  });
  for (auto at = order.begin(); at != shown; ++at) {
    const PathSum& sum = **at;
    PathFigures& path = report.lines.emplace_back();
    for (const char byte : sum.channels) path.channels.push_back(channel_of(byte));
    path.conversions = sum.conversions;
    path.revenue_minor = revenue_of(sum.money, query.basis);
    if (!path.channels.empty() && sum.conversions != 0)
      path.average_days_to_convert =
          static_cast<double>(sum.lag_days) / static_cast<double>(sum.conversions);
  }
  return report;
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
  const auto add = [&](Channel channel, const PathSum& sum) {
    if (query.filter.channel && channel != *query.filter.channel) return;
    Participation& line = lines[channel];
    line.conversions += sum.conversions;
    line.revenue_minor += revenue_of(sum.money, query.basis);
  };
  for (const auto& sum : sums) {
    if (sum.channels.empty()) add(kUnattributedChannel, sum);
    each_channel(sum.channels, [&](Channel channel) { add(channel, sum); });
  }
  return lines;
}

Outcome<std::vector<AssistFigures>> assists(ReportStore& store, const ReportQuery& query) {
  TL_TRY(sums, paths_of(store, query));
  std::map<Channel, AssistFigures> lines;
  for (const auto& sum : sums) {
    std::string_view channels = sum.channels;
    if (channels.empty()) continue;
    lines[channel_of(channels.front())].first += sum.conversions;
    lines[channel_of(channels.back())].last += sum.conversions;
    channels.remove_suffix(1);
    each_channel(channels, [&](Channel channel) {
      AssistFigures& line = lines[channel];
      line.assisted += sum.conversions;
      line.revenue_assisted_minor += revenue_of(sum.money, query.basis);
    });
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
