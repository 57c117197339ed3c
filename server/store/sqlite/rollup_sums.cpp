// SPDX-License-Identifier: Apache-2.0
// The fold's keys are views into the log, which stands still while it is written. Maps keep the
// keys in the tables' own order.

#include "server/store/sqlite/rollup_sums.hpp"

#include "server/store/sqlite/recent_traffic.hpp"
#include "server/store/sqlite/rollup_levels.hpp"
#include "server/store/sqlite/rollup_revisions.hpp"
#include "server/store/sqlite/visitor_rows.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <tuple>

namespace tl::server::sqlite {
namespace {

using std::string_view;

constexpr std::array kTrafficLevels = {
    RollupLevel::all,          RollupLevel::channel,        RollupLevel::campaign,
    RollupLevel::landing_page, RollupLevel::campaign_weeks, RollupLevel::landing_page_weeks,
    RollupLevel::campaign_ever};
constexpr std::array kCreditLevels = {RollupLevel::channel,
                                      RollupLevel::campaign,
                                      RollupLevel::landing_page,
                                      RollupLevel::campaign_weeks,
                                      RollupLevel::landing_page_weeks,
                                      RollupLevel::landing_page_four_weeks};

LentSource cut(const TrafficSource& source, RollupLevel level) {
  const RollupLevel fineness = daily(level);
  LentSource key;
  if (fineness >= RollupLevel::channel) key.channel = source.channel;
  if (fineness >= RollupLevel::campaign) {
    key.source = source.source;
    key.campaign = source.campaign;
  }
  if (fineness >= RollupLevel::landing_page) {
    key.content = source.content;
    key.landing_path = source.landing_path;
  }
  return key;
}

bool is_zero(const RollupMoney& money) {
  return money == RollupMoney{};
}

// A touch's share of a refund, the difference of two rounded shares, may have either sign.
bool has_loss(const RollupMoney& money) {
  return money.value_minor < 0 || money.refund_minor != 0 || money.net_minor < 0;
}

void note_traffic(Connection& connection, Revisions& revisions, const TrafficPlace& place) {
  if (!is_daily(place.level)) return;
  Revisions::Change* change = revisions.published(place.site_id, place.day);
  if (change == nullptr) return;
  change->reasons.insert(RollupReason::touch);
  if (place.level != RollupLevel::channel) return;
  std::int64_t touches = 0, visits = 0;
  auto query = connection.query(
      "SELECT touches, visits FROM day_traffic WHERE site_id = ? AND level = 1 AND day = ?"
      " AND channel = ?");
  if (query.bind(place.site_id, place.day, place.source.channel).step())
    query.read(touches, visits);
  note_traffic_before(*change, RollupReason::touch, place.source.channel, touches, visits);
}

struct TrafficChange {
  std::int64_t touches = 0, visits = 0;
  std::vector<std::uint32_t> visitors, left;
};
using TrafficChanges = std::map<TrafficPlace, TrafficChange>;

void add_at_all_levels(TrafficChanges& sums, string_view site_id, const DayTraffic& delta) {
  for (const RollupLevel level : kTrafficLevels) {
    TrafficChange& sum =
        sums[{site_id, level, counted_day(level, delta.day), cut(delta.source, level)}];
    sum.touches += delta.touches;
    sum.visits += delta.visits;
    for (const std::uint32_t visitor : delta.left) {
      std::erase(sum.visitors, visitor);
      sum.left.push_back(visitor);
    }
    sum.visitors.insert(sum.visitors.end(), delta.visitors.begin(), delta.visitors.end());
  }
}

// What waits came before what is in the log.
template <class Log>
void fold_traffic(Connection& connection, Revisions& revisions, const Log& log) {
  const auto waiting = take_recent(connection);
  TrafficChanges sums;
  for (const auto& [site_id, delta] : waiting) add_at_all_levels(sums, site_id, delta);
  for (const auto& entry : log) add_at_all_levels(sums, entry.site_id, entry.delta);
  for (const auto& [place, sum] : sums) {
    const auto& [site_id, level, day, source] = place;
    if (sum.touches != 0 || sum.visits != 0) {
      note_traffic(connection, revisions, place);
      connection
          .query(
              "INSERT INTO day_traffic (site_id, level, day, channel, source, campaign, content,"
              " landing_path, touches, visits) VALUES (?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE"
              " SET touches = touches + excluded.touches, visits = visits + excluded.visits")
          .bind(site_id, level, day, source.channel, source.source, source.campaign, source.content,
                source.landing_path, sum.touches, sum.visits)
          .run();
    }
    if (sum.touches < 0)
      connection
          .query(
              "DELETE FROM day_traffic WHERE site_id = ? AND level = ? AND day = ? AND channel = ?"
              " AND source = ? AND campaign = ? AND content = ? AND landing_path = ? AND"
              " touches = 0 AND visits = 0")
          .bind(site_id, level, day, source.channel, source.source, source.campaign, source.content,
                source.landing_path)
          .run();
    if (level != RollupLevel::campaign_ever)
      write_visitors(connection, place, sum.visitors, sum.left);
  }
}

template <class Log>
void write_credits(Connection& connection, Revisions& revisions, const Log& log) {
  struct Sum {
    std::int64_t conversions = 0, new_customers = 0, returned = 0;
    RollupMoney money;
    RollupReason reason = RollupReason::training;
  };
  std::map<
      std::tuple<string_view, RollupLevel, std::int64_t, int, string_view, string_view, LentSource>,
      Sum>
      sums;
  for (const auto& [site_id, delta, reason] : log)
    for (const RollupLevel level : kCreditLevels) {
      Sum& sum = sums[{site_id, level, delta.config, counted_day(level, delta.day), delta.currency,
                       delta.kind, cut(delta.source, level)}];
      sum.conversions += delta.conversions_micro;
      sum.new_customers += delta.new_customers_micro;
      sum.returned += delta.returned_micro;
      sum.money += delta.money;
      if (reason != RollupReason::training) sum.reason = reason;
    }
  for (const auto& [key, sum] : sums) {
    if (sum.conversions == 0 && sum.new_customers == 0 && sum.returned == 0 && is_zero(sum.money))
      continue;
    const auto& [site_id, level, config, day, currency, kind, source] = key;
    const bool is_noted = sum.reason != RollupReason::training && is_daily(level);
    Revisions::Change* change = is_noted ? revisions.published(site_id, day) : nullptr;
    if (change != nullptr) {
      change->reasons.insert(sum.reason);
      if (level == RollupLevel::channel) {
        std::int64_t micro = 0;
        RollupMoney money;
        std::string model;
        auto query = connection.query(
            "SELECT conversions_micro, value_minor, refund_minor, net_minor FROM day_credit WHERE"
            " site_id = ? AND level = 1 AND config = ? AND day = ? AND currency = ? AND kind = ?"
            " AND channel = ?");
        query.bind(site_id, config, day, currency, kind, source.channel);
        if (query.step()) query.read(micro, money.value_minor, money.refund_minor, money.net_minor);
        auto name =
            connection.query("SELECT model FROM model_config WHERE site_id = ? AND config = ?");
        if (name.bind(site_id, config).step()) name.read(model);
        append_row(change->before, {{"model", model},
                                    {"currency", currency},
                                    {"kind", kind},
                                    {"channel", rollup_channel_name(source.channel)},
                                    {"conversions_micro", micro},
                                    {"value_minor", money.value_minor},
                                    {"refund_minor", money.refund_minor},
                                    {"net_minor", money.net_minor}});
      }
    }
    connection
        .query(
            "INSERT INTO day_credit (site_id, level, config, day, currency, kind, channel, source,"
            " campaign, content, landing_path, conversions_micro, new_customers_micro, value_minor,"
            " refund_minor, net_minor, returned_micro) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET"
            " conversions_micro = conversions_micro + excluded.conversions_micro,"
            " new_customers_micro = new_customers_micro + excluded.new_customers_micro,"
            " value_minor = value_minor + excluded.value_minor,"
            " refund_minor = refund_minor + excluded.refund_minor,"
            " net_minor = net_minor + excluded.net_minor,"
            " returned_micro = returned_micro + excluded.returned_micro")
        .bind(site_id, level, config, day, currency, kind, source.channel, source.source,
              source.campaign, source.content, source.landing_path, sum.conversions,
              sum.new_customers, sum.money.value_minor, sum.money.refund_minor, sum.money.net_minor,
              sum.returned)
        .run();
    // Only what something is taken from can become empty.
    if (!(sum.conversions < 0 || sum.new_customers < 0 || has_loss(sum.money))) continue;
    connection
        .query(
            "DELETE FROM day_credit WHERE site_id = ? AND level = ? AND config = ? AND day = ? AND"
            " currency = ? AND kind = ? AND channel = ? AND source = ? AND campaign = ? AND"
            " content = ? AND landing_path = ? AND conversions_micro = 0 AND"
            " new_customers_micro = 0 AND value_minor = 0 AND refund_minor = 0 AND net_minor = 0")
        .bind(site_id, level, config, day, currency, kind, source.channel, source.source,
              source.campaign, source.content, source.landing_path)
        .run();
  }
}

template <class Log>
void write_self_reported(Connection& connection, const Log& log) {
  struct Sum {
    std::int64_t conversions = 0;
    RollupMoney money;
  };
  std::map<
      std::tuple<string_view, std::int64_t, int, string_view, string_view, string_view, Channel>,
      Sum>
      sums;
  for (const auto& [site_id, delta, reason] : log) {
    if (delta.self_reported.empty()) continue;
    Sum& sum = sums[{site_id, delta.config, delta.day, delta.currency, delta.kind,
                     delta.self_reported, delta.source.channel}];
    sum.conversions += delta.conversions_micro;
    sum.money += delta.money;
  }
  for (const auto& [key, sum] : sums) {
    if (sum.conversions == 0 && is_zero(sum.money)) continue;
    const auto& [site_id, config, day, currency, kind, said, channel] = key;
    connection
        .query(
            "INSERT INTO day_self_reported (site_id, config, day, currency, kind, self_reported,"
            " channel, conversions_micro, value_minor, refund_minor, net_minor)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO UPDATE SET"
            " conversions_micro = conversions_micro + excluded.conversions_micro,"
            " value_minor = value_minor + excluded.value_minor,"
            " refund_minor = refund_minor + excluded.refund_minor,"
            " net_minor = net_minor + excluded.net_minor")
        .bind(site_id, config, day, currency, kind, said, channel, sum.conversions,
              sum.money.value_minor, sum.money.refund_minor, sum.money.net_minor)
        .run();
    // Only what something is taken from can become empty.
    if (!(sum.conversions < 0 || has_loss(sum.money))) continue;
    connection
        .query(
            "DELETE FROM day_self_reported WHERE site_id = ? AND config = ? AND day = ? AND"
            " currency = ? AND kind = ? AND self_reported = ? AND channel = ? AND"
            " conversions_micro = 0 AND value_minor = 0 AND refund_minor = 0 AND net_minor = 0")
        .bind(site_id, config, day, currency, kind, said, channel)
        .run();
  }
}

template <class Log>
void write_paths(Connection& connection, const Log& log) {
  struct Sum {
    std::int64_t conversions = 0, lag_days = 0;
    RollupMoney money;
  };
  std::map<std::tuple<string_view, int, string_view, string_view, string_view>, Sum> sums;
  for (const auto& [site_id, delta, reason] : log) {
    Sum& sum = sums[{site_id, delta.day, delta.kind, delta.currency, delta.channels}];
    sum.conversions += delta.conversions;
    sum.lag_days += delta.lag_days;
    sum.money += delta.money;
  }
  for (const auto& [key, sum] : sums) {
    if (sum.conversions == 0 && sum.lag_days == 0 && is_zero(sum.money)) continue;
    const auto& [site_id, day, kind, currency, channels] = key;
    connection
        .query(
            "INSERT INTO day_path (site_id, day, kind, currency, channels, conversions, lag_days,"
            " value_minor, refund_minor, net_minor) VALUES (?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET conversions = conversions + excluded.conversions,"
            " lag_days = lag_days + excluded.lag_days,"
            " value_minor = value_minor + excluded.value_minor,"
            " refund_minor = refund_minor + excluded.refund_minor,"
            " net_minor = net_minor + excluded.net_minor")
        .bind(site_id, day, kind, currency, Blob{channels}, sum.conversions, sum.lag_days,
              sum.money.value_minor, sum.money.refund_minor, sum.money.net_minor)
        .run();
    // Only what something is taken from can become empty.
    if (!(sum.conversions < 0 || sum.lag_days < 0 || has_loss(sum.money))) continue;
    connection
        .query(
            "DELETE FROM day_path WHERE site_id = ? AND day = ? AND kind = ? AND currency = ? AND"
            " channels = ? AND conversions = 0 AND lag_days = 0 AND value_minor = 0 AND"
            " refund_minor = 0 AND net_minor = 0")
        .bind(site_id, day, kind, currency, Blob{channels})
        .run();
  }
}

template <class Log>
void write_conversions(Connection& connection, Revisions& revisions, const Log& log) {
  struct Sum {
    std::int64_t conversions = 0, new_customers = 0, returned = 0;
    RollupMoney money;
    RollupReason reason{};
  };
  std::map<std::tuple<string_view, int, string_view, string_view, int>, Sum> sums;
  for (const auto& [site_id, delta, reason] : log) {
    Sum& sum = sums[{site_id, delta.day, delta.kind, delta.currency, delta.lag_days}];
    sum.conversions += delta.conversions;
    sum.new_customers += delta.new_customers;
    sum.returned += delta.returned;
    sum.money += delta.money;
    sum.reason = reason;
  }
  for (const auto& [key, sum] : sums) {
    if (sum.conversions == 0 && sum.new_customers == 0 && sum.returned == 0 && is_zero(sum.money))
      continue;
    const auto& [site_id, day, kind, currency, lag_days] = key;
    if (Revisions::Change* change = revisions.published(site_id, day))
      change->reasons.insert(sum.reason);
    connection
        .query(
            "INSERT INTO day_conversions (site_id, day, kind, currency, lag_days, conversions,"
            " new_customers, value_minor, refund_minor, net_minor, returned)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?)"
            " ON CONFLICT DO UPDATE SET conversions = conversions + excluded.conversions,"
            " new_customers = new_customers + excluded.new_customers,"
            " value_minor = value_minor + excluded.value_minor,"
            " refund_minor = refund_minor + excluded.refund_minor,"
            " net_minor = net_minor + excluded.net_minor,"
            " returned = returned + excluded.returned")
        .bind(site_id, day, kind, currency, lag_days, sum.conversions, sum.new_customers,
              sum.money.value_minor, sum.money.refund_minor, sum.money.net_minor, sum.returned)
        .run();
    // Only what something is taken from can become empty.
    if (!(sum.conversions < 0 || sum.new_customers < 0 || has_loss(sum.money))) continue;
    connection
        .query(
            "DELETE FROM day_conversions WHERE site_id = ? AND day = ? AND kind = ? AND"
            " currency = ? AND lag_days = ? AND conversions = 0 AND new_customers = 0 AND"
            " value_minor = 0 AND refund_minor = 0 AND net_minor = 0")
        .bind(site_id, day, kind, currency, lag_days)
        .run();
  }
}

}  // namespace

void RollupSums::add(string_view site_id, DayTraffic delta) {
  if (delta.touches == 0 && delta.visits == 0 && delta.visitors.empty() && delta.left.empty())
    return;
  traffic_.push_back({std::string(site_id), std::move(delta), RollupReason::touch});
}
void RollupSums::add(string_view site_id, DayCredit delta, RollupReason reason) {
  credits_.push_back({std::string(site_id), std::move(delta), reason});
}
void RollupSums::add(string_view site_id, DayPath delta, RollupReason reason) {
  paths_.push_back({std::string(site_id), std::move(delta), reason});
}
void RollupSums::add(string_view site_id, DayConversions delta, RollupReason reason) {
  conversions_.push_back({std::string(site_id), std::move(delta), reason});
}

void RollupSums::cut(const Mark& mark) {
  traffic_.resize(mark.traffic);
  credits_.resize(mark.credits);
  paths_.resize(mark.paths);
  conversions_.resize(mark.conversions);
}

// What changes a published day is noted with the rows as they were, so those must be folded.
bool RollupSums::traffic_may_wait(Connection& connection, Revisions& revisions) const {
  if (count_recent(connection) + traffic_.size() > kMostRecentTraffic) return false;
  for (const auto& [site_id, delta, reason] : traffic_)
    if (!can_wait(delta) || revisions.is_published(site_id, delta.day)) return false;
  return true;
}

void RollupSums::write_sums(Connection& connection, Revisions& revisions) {
  write_credits(connection, revisions, credits_);
  write_self_reported(connection, credits_);
  write_paths(connection, paths_);
  write_conversions(connection, revisions, conversions_);
  cut({});
}

void RollupSums::settle(Connection& connection) {
  Revisions none(connection, /*is_noting=*/false);
  fold_traffic(connection, none, Log<DayTraffic>{});
}

void RollupSums::write_again(Connection& connection) {
  Revisions none(connection, /*is_noting=*/false);
  fold_traffic(connection, none, traffic_);
  write_sums(connection, none);
}

void RollupSums::write(Connection& connection) {
  if (mark() == Mark{}) return;
  Revisions revisions(connection, /*is_noting=*/true);
  if (traffic_may_wait(connection, revisions))
    for (const auto& [site_id, delta, reason] : traffic_) append_recent(connection, site_id, delta);
  else
    fold_traffic(connection, revisions, traffic_);
  write_sums(connection, revisions);
  revisions.write();
}

}  // namespace tl::server::sqlite
