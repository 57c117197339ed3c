// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/training.hpp"

#include "models/removal_effect.hpp"
#include "server/core/attribution/attribution_rules.hpp"
#include "server/core/attribution/journeys.hpp"
#include "server/core/attribution/trained_splits.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"

#include <algorithm>
#include <map>
#include <unordered_map>

namespace tl::server {
namespace {

constexpr std::uint32_t kTouchesARead = 20'000;
// A higher order wants this many conversions a state (docs/attribution.md).
constexpr std::size_t kConversionsAState = 10;
// Its inverse has so many rows and columns: 32 MB, and less than half a minute.
constexpr std::size_t kMostStates = 2048;

struct PathCount {
  std::int64_t conversions = 0, value_minor = 0, failed = 0;
};
// Channels one byte a touch, as in DayPath.
using PathCounts = std::unordered_map<std::string, PathCount>;

struct ByChannelName {
  bool operator()(Channel a, Channel b) const { return channel_name(a) < channel_name(b); }
};

// The chain of one order, with the memory that shared/models asks its caller for.
class SiteChain {
 public:
  SiteChain(const std::vector<Channel>& channels, std::uint32_t order)
      : channels_(channels),
        rows_(models::Chain::row_limit(channels.size(), order)),
        cells_(rows_.size() * channels.size()),
        chain_(channels.size(), order, rows_, cells_) {
    for (std::size_t i = 0; i < channels.size(); ++i)
      number_of_[static_cast<std::uint8_t>(channels[i])] = static_cast<std::uint8_t>(i);
  }

  Result<void> add(const std::string& path, const PathCount& count) {
    std::vector<std::uint8_t> numbers;
    for (const char channel : path)
      numbers.push_back(number_of_[static_cast<std::uint8_t>(channel)]);
    return chain_.add(numbers, static_cast<std::uint64_t>(count.conversions),
                      static_cast<double>(count.value_minor),
                      static_cast<std::uint64_t>(count.failed));
  }

  [[nodiscard]] std::size_t states() const { return models::count_states(chain_); }

  // Writes the effects, or why there are none, into the model.
  void learn(TrainedModel& model) const {
    std::vector<double> effects(channels_.size()), of_value(channels_.size());
    std::vector<double> scratch(models::removal_scratch(chain_));
    const auto totals = models::removal_effects(chain_, {effects, of_value}, scratch);
    if (!totals.ok()) {
      model.refused = totals.error().code;
      return;
    }
    for (std::size_t i = 0; i < channels_.size(); ++i)
      model.channels.push_back({channels_[i], effects[i], of_value[i]});
  }

 private:
  const std::vector<Channel>& channels_;
  std::vector<models::Chain::Row> rows_;
  std::vector<models::Chain::Cell> cells_;
  models::Chain chain_;
  std::uint8_t number_of_[256] = {};
};

std::vector<Channel> channels_in(const PathCounts& paths) {
  std::vector<Channel> channels;
  for (const auto& [path, count] : paths)
    for (const char channel : path)
      channels.push_back(static_cast<Channel>(static_cast<std::uint8_t>(channel)));
  std::sort(channels.begin(), channels.end(), ByChannelName());
  channels.erase(std::unique(channels.begin(), channels.end()), channels.end());
  return channels;
}

class Training {
 public:
  Training(Store& store, const SiteConfig& site, std::int64_t now_ms, std::stop_token stop)
      : store_(store),
        site_(site),
        now_ms_(now_ms),
        stop_(std::move(stop)),
        rules_(rules_of(site)) {
    range_.site_id = site.id;
    range_.to_day = add_days(local_day(now_ms, site.timezone), -1);
    range_.from_day = add_days(range_.to_day, 1 - static_cast<int>(site.training_days));
  }

  Outcome<TrainingResult> run() {
    TL_CHECK(read_conversions());
    if (kinds_.empty()) return std::move(result_);
    TL_CHECK(read_journeys());
    for (auto& [kind, paths] : kinds_) {
      for (const auto& [path, count] : of_no_buyer_) paths[path].failed += count.failed;
      TL_CHECK(learn(kind, paths));
    }
    TL_CHECK(store_.write([this](Tables& tables) -> Outcome<void> {
      for (auto& model : result_.models) {
        TL_TRY(version, tables.trainings().put(site_.id, model));
        model.version = version;
      }
      return {};
    }));
    for (const auto& model : result_.models) {
      if (!model.refused.empty()) continue;
      TL_TRY(split, split_by(store_, site_, model, stop_));
      result_.split += split;
    }
    return std::move(result_);
  }

 private:
  Outcome<void> read_conversions() {
    return store_.read([this](Tables& tables) -> Outcome<void> {
      kinds_.clear();
      TL_TRY(sums, tables.reports().conversions(range_, /*by_day=*/false));
      std::map<std::string, std::vector<std::string>> currencies;
      for (const auto& sum : sums) {
        auto& known = currencies[sum.kind];
        if (std::find(known.begin(), known.end(), sum.currency) == known.end())
          known.push_back(sum.currency);
      }
      for (const auto& [kind, known] : currencies)
        for (const auto& currency : known) {
          TL_TRY(paths, tables.reports().paths(range_, kind, currency));
          for (const auto& path : paths) {
            // Whom no touch led to, no model can learn from.
            if (path.channels.empty() || path.conversions <= 0) continue;
            PathCount& count = kinds_[kind][path.channels];
            count.conversions += path.conversions;
            if (currency == site_.currency) count.value_minor += path.money.net_minor;
          }
        }
      return {};
    });
  }

  Outcome<void> read_journeys() {
    const std::int64_t from_ms = day_start(range_.from_day, site_.timezone);
    const std::int64_t to_ms = day_start(add_days(range_.to_day, 1), site_.timezone);
    ChannelTouch last;
    std::vector<ChannelTouch> waiting;  // of the page's last visitor, who may go on in the next
    for (bool has_more = true; has_more;) {
      TL_CHECK(check_not_stopping(stop_));
      std::vector<ChannelTouch> page;
      std::vector<VisitorConversion> conversions;
      TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
        TL_TRY(found,
               tables.trainings().touches_after(site_.id, last, from_ms, to_ms, kTouchesARead));
        page = waiting;
        page.insert(page.end(), found.begin(), found.end());
        has_more = found.size() == kTouchesARead;
        conversions.clear();
        if (page.empty()) return {};
        TL_TRY(told, tables.trainings().conversions_of_visitors(site_.id, page.front().anonymous_id,
                                                                page.back().anonymous_id));
        conversions = std::move(told);
        return {};
      }));
      if (page.empty()) return {};
      last = page.back();
      const auto begin_of_last = std::find_if(
          page.begin(), page.end(),
          [&](const ChannelTouch& touch) { return touch.anonymous_id == last.anonymous_id; });
      const auto complete = has_more ? begin_of_last : page.end();
      waiting.assign(complete, page.end());
      page.erase(complete, page.end());
      count_visitors(page, conversions);
    }
    return {};
  }

  // Both by visitor.
  void count_visitors(const std::vector<ChannelTouch>& page,
                      const std::vector<VisitorConversion>& conversions) {
    auto told = conversions.begin();
    for (auto touch = page.begin(); touch != page.end();) {
      const Id128 visitor = touch->anonymous_id;
      std::vector<models::PathTouch> touches;
      for (; touch != page.end() && touch->anonymous_id == visitor; ++touch)
        touches.push_back({touch->id, touch->t_ms, touch->seq, touch->channel, touch->is_view});
      std::map<std::string, std::vector<std::int64_t>> times;
      while (told != conversions.end() && told->anonymous_id < visitor) ++told;
      for (; told != conversions.end() && told->anonymous_id == visitor; ++told)
        times[told->kind].push_back(told->t_ms);
      if (times.empty()) {
        for (auto& path : failed_journeys(std::move(touches), {}, rules_))
          ++of_no_buyer_[std::move(path)].failed;
        continue;
      }
      for (auto& [kind, paths] : kinds_)
        for (auto& path : failed_journeys(touches, times[kind], rules_))
          ++paths[std::move(path)].failed;
    }
  }

  Outcome<void> learn(const std::string& kind, const PathCounts& paths) {
    const std::vector<Channel> channels = channels_in(paths);
    for (std::uint32_t order = 1; order <= models::kMaxChainOrder; ++order) {
      TL_CHECK(check_not_stopping(stop_));
      TrainedModel model;
      model.kind = kind;
      model.order = order;
      model.from_day = range_.from_day;
      model.to_day = range_.to_day;
      model.trained_ms = now_ms_;
      model.rules = rules_text(rules_);
      model.currency = site_.currency;
      SiteChain chain(channels, order);
      for (const auto& [path, count] : paths) {
        model.conversions += count.conversions;
        model.value_minor += count.value_minor;
        model.failed += count.failed;
        if (const auto added = chain.add(path, count); !added.ok())
          model.refused = added.error().code;
      }
      const std::size_t states = chain.states();
      model.states = static_cast<std::int64_t>(states);
      if (model.refused.empty() && states > kMostStates) model.refused = "too_many_states";
      if (model.refused.empty() && order > 1 &&
          states * kConversionsAState > static_cast<std::size_t>(model.conversions))
        model.refused = "too_few_conversions";
      if (model.refused.empty()) chain.learn(model);
      result_.models.push_back(std::move(model));
    }
    return {};
  }

  Store& store_;
  const SiteConfig& site_;
  std::int64_t now_ms_;
  std::stop_token stop_;
  models::AttributionRules rules_;
  DayRange range_;
  std::map<std::string, PathCounts> kinds_;
  PathCounts of_no_buyer_;  // failed, whatever the kind
  TrainingResult result_;
};

}  // namespace

Outcome<TrainingResult> train(Store& store, const SiteConfig& site, std::int64_t now_ms,
                              std::stop_token stop) {
  return Training(store, site, now_ms, std::move(stop)).run();
}

}  // namespace tl::server
