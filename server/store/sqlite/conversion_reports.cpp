// SPDX-License-Identifier: Apache-2.0
// What reports ask about conversions themselves: how many, by which paths, what their customers say
// led them, and how credits spread over them.
#include "server/store/sqlite/credit_split.hpp"
#include "server/store/sqlite/report_store.hpp"
#include "server/store/sqlite/row_visitor.hpp"
#include "server/store/sqlite/source_groups.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace tl::server::sqlite {
namespace {

struct HashOfBytes {
  using is_transparent = void;
  std::size_t operator()(std::string_view bytes) const {
    return std::hash<std::string_view>{}(bytes);
  }
};

// The lines that sources of splits belong to, found by their bytes: a report over many conversions
// reads each source once.
class SourceLines {
 public:
  SourceLines(const SourceFilter& filter, GroupBy group) : filter_(filter), sums_(group) {}

  // none: the filter keeps it out.
  ShareSums* of(std::string_view bytes) {
    if (const auto known = lines_.find(bytes); known != lines_.end()) return known->second;
    const LentSource source = read_split_source(bytes);
    ShareSums* const line = passes(source, filter_) ? &sums_.of(source) : nullptr;
    lines_.emplace(bytes, line);
    return line;
  }
  std::vector<ShareSums> take() { return sums_.take(); }

 private:
  const SourceFilter& filter_;
  SourceSums<ShareSums> sums_;
  std::unordered_map<std::string, ShareSums*, HashOfBytes, std::equal_to<>> lines_;
};

}  // namespace

Outcome<std::vector<ConversionSum>> SqliteReportStore::conversions(const DayRange& range,
                                                                   bool by_day) {
  return attempt([&] {
    std::map<std::tuple<int, std::string, std::string, int>, ConversionSum> sums;
    const auto add = [&](const RowValues& row) {
      int day = 0, lag_days = 0;
      std::string_view kind, currency;
      ConversionSum part;
      row.read(day, kind, currency, lag_days, part.conversions, part.new_customers, part.returned,
               part.money.value_minor, part.money.refund_minor, part.money.net_minor);
      if (!by_day) day = 0;
      ConversionSum& sum = sums[{day, std::string(kind), std::string(currency), lag_days}];
      sum.conversions += part.conversions;
      sum.new_customers += part.new_customers;
      sum.returned += part.returned;
      sum.money += part.money;
    };
    const RowVisitor visitor(add);
    connection_
        .query(
            "SELECT each_row(?, day, kind, currency, lag_days, conversions, new_customers, "
            "returned,"
            " value_minor, refund_minor, net_minor) FROM day_conversions WHERE site_id = ?"
            " AND day BETWEEN ? AND ?")
        .bind(visitor, range.site_id, range.from_day, range.to_day)
        .run();
    std::vector<ConversionSum> list;
    for (auto& [key, sum] : sums) {
      std::tie(sum.day, sum.kind, sum.currency, sum.lag_days) = key;
      list.push_back(std::move(sum));
    }
    return list;
  });
}

Outcome<std::vector<PathSum>> SqliteReportStore::paths(const DayRange& range, std::string_view kind,
                                                       std::string_view currency) {
  return attempt([&] {
    std::vector<PathSum> list;
    std::unordered_map<std::string, std::size_t, HashOfBytes, std::equal_to<>> places;
    const auto add = [&](const RowValues& row) {
      std::string_view channels;
      std::int64_t conversions = 0, lag_days = 0;
      RollupMoney money;
      row.read(channels, conversions, lag_days, money.value_minor, money.refund_minor,
               money.net_minor);
      auto place = places.find(channels);
      if (place == places.end()) {
        place = places.emplace(channels, list.size()).first;
        list.push_back({std::string(channels), 0, 0, {}});
      }
      PathSum& sum = list[place->second];
      sum.conversions += conversions;
      sum.lag_days += lag_days;
      sum.money += money;
    };
    const RowVisitor visitor(add);
    connection_
        .query(
            "SELECT each_row(?, channels, conversions, lag_days, value_minor, refund_minor,"
            " net_minor) FROM day_path WHERE site_id = ? AND day BETWEEN ? AND ? AND kind = ?"
            " AND currency = ?")
        .bind(visitor, range.site_id, range.from_day, range.to_day, kind, currency)
        .run();
    return list;
  });
}

Outcome<std::vector<SelfReportedSum>> SqliteReportStore::self_reported(const DayRange& range,
                                                                       const CreditChoice& choice) {
  return attempt([&] {
    std::map<std::pair<std::string, Channel>, SelfReportedSum> sums;
    for (const std::int64_t config : choice.configs) {
      auto query = connection_.query(
          "SELECT self_reported, channel, conversions_micro, value_minor, refund_minor, net_minor"
          " FROM day_self_reported WHERE site_id = ? AND config = ? AND day BETWEEN ? AND ?"
          " AND currency = ? AND kind = ?");
      query.bind(range.site_id, config, range.from_day, range.to_day, choice.currency, choice.kind);
      while (query.step()) {
        SelfReportedSum part;
        query.read(part.self_reported, part.channel, part.conversions_micro, part.money.value_minor,
                   part.money.refund_minor, part.money.net_minor);
        SelfReportedSum& sum = sums[{part.self_reported, part.channel}];
        sum.conversions_micro += part.conversions_micro;
        sum.money += part.money;
      }
    }
    std::vector<SelfReportedSum> list;
    for (auto& [key, sum] : sums) {
      std::tie(sum.self_reported, sum.channel) = key;
      list.push_back(std::move(sum));
    }
    return list;
  });
}

Outcome<std::vector<ShareSums>> SqliteReportStore::shares(const DayRange& range,
                                                          const CreditChoice& choice,
                                                          const SourceFilter& filter,
                                                          GroupBy group) {
  return attempt([&] {
    SourceLines lines(filter, group);
    auto query = connection_.query(
        "SELECT split FROM conversion_split WHERE site_id = ? AND day BETWEEN ? AND ?"
        " AND kind = ? AND currency = ?");
    query.bind(range.site_id, range.from_day, range.to_day, choice.kind, choice.currency);
    std::string_view bytes;
    CreditSplit split;
    std::vector<std::pair<ShareSums*, std::int64_t>> parts;  // of one conversion, each line once
    while (query.step()) {
      query.read(bytes);
      read_split(bytes, choice.configs, split);
      parts.clear();
      for (const auto& [place, minor] : split.shares) {
        ShareSums* const line = lines.of(split.sources[place]);
        if (line == nullptr) continue;
        const auto found = std::find_if(parts.begin(), parts.end(),
                                        [&](const auto& known) { return known.first == line; });
        if (found == parts.end())
          parts.emplace_back(line, minor);
        else
          found->second += minor;
      }
      for (const auto& [line, minor] : parts) line->add(minor);
    }
    return lines.take();
  });
}

}  // namespace tl::server::sqlite
