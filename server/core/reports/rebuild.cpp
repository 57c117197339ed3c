// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/rebuild.hpp"

#include "server/core/attribution/conversions.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/attribution/training.hpp"
#include "server/core/classify/stored_touch.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/orders/order_fold.hpp"
#include "server/core/reports/credit_rollups.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/visitor_sketch.hpp"

#include <array>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

namespace tl::server {
namespace {

constexpr std::uint32_t kTouchesAPage = 5000;
constexpr std::uint32_t kOrdersAWrite = 100;
constexpr std::string_view kReclassified = "reclassified";  // why there is no model

class Rebuilding {
 public:
  Rebuilding(Store& store, const SiteConfig& site, const RebuildOptions& options,
             std::int64_t now_ms)
      : store_(store), site_(site), options_(options), now_ms_(now_ms) {}

  Outcome<RebuildTotals> run() {
    TL_CHECK(store_.write([this](Tables& tables) -> Outcome<void> {
      totals_ = {};
      TL_TRY(before, published_traffic(tables));
      TL_CHECK(rebuild_traffic(tables));
      TL_TRY(must_learn, outdate_models(tables));
      must_learn_ = must_learn;
      return revise_published(tables, before);
    }));
    TL_CHECK(rebuild_attribution());
    if (must_learn_) {
      TL_TRY(learned, train(store_, site_, now_ms_));
      static_cast<void>(learned);
      TL_CHECK(rebuild_attribution());
    }
    return totals_;
  }

 private:
  Outcome<void> rebuild_attribution() {
    TL_CHECK(rebuild_orders());
    TL_CHECK(rebuild_conversions());
    return store_.write([this](Tables& tables) -> Outcome<void> {
      TL_CHECK(rebuild_credits(tables));
      return tables.rollups().set_zone(site_.id, {site_.timezone, site_.timezone});
    });
  }

  // What models learned was of paths whose channels are now called otherwise. The store says so
  // until they have learned again, also when this rebuild is stopped before. Whether any has to.
  Outcome<bool> outdate_models(Tables& tables) const {
    bool must_learn = false;
    if (!options_.reclassifies) return must_learn;
    TL_TRY(newest, tables.trainings().newest(site_.id));
    for (TrainedModel& model : newest) {
      if (totals_.reclassified > 0 && model.refused != kReclassified) {
        model.refused = kReclassified;
        model.channels.clear();
        TL_TRY(version, tables.trainings().put(site_.id, model));
        static_cast<void>(version);
      }
      must_learn |= model.refused == kReclassified;
    }
    return must_learn;
  }

  using ChannelTraffic = std::map<std::pair<int, Channel>, DayTraffic>;
  Outcome<ChannelTraffic> published_traffic(Tables& tables) const {
    ChannelTraffic sums;
    if (!options_.reclassifies) return sums;
    TL_TRY(rows, tables.rollups().published_traffic(site_.id));
    for (DayTraffic& row : rows) sums[{row.day, row.source.channel}] = std::move(row);
    return sums;
  }

  // Published days are never changed in silence.
  Outcome<void> revise_published(Tables& tables, ChannelTraffic before) const {
    TL_TRY(now, published_traffic(tables));
    for (const auto& [place, row] : now)  // what was nothing before
      before.try_emplace(place,
                         DayTraffic{row.day, {row.source.channel, "", "", "", ""}, 0, 0, {}});
    std::vector<DayTraffic> changed;
    for (const auto& [place, row] : before) {
      const DayTraffic& is = now[place];
      if (is.touches != row.touches || is.visits != row.visits) changed.push_back(row);
    }
    return tables.rollups().revise_traffic(site_.id, changed);
  }

  void tell(std::string_view step, std::int64_t done, std::int64_t all) const {
    if (options_.progress) options_.progress(step, done, all);
  }

  DayTraffic delta_of(const TouchRow& touch) const {
    return {local_day(touch.t_ms, site_.timezone),
            {touch.channel, touch.source, touch.campaign, touch.content, touch.landing_path},
            0,
            0,
            {}};
  }

  // By today's rules and lists, which the evidence then names; false when nothing changes.
  bool reclassify(TouchRow& touch) {
    const auto found = classify_stored(touch, site_, classifier_);
    if (!found.ok()) return false;  // erased evidence: the class is what is left of it
    const StoredClass& now = found.value();
    const auto names = [](const auto& one) {
      return std::tie(one.channel, one.source, one.medium, one.campaign);
    };
    const bool is_same = names(now) == names(touch);
    if (is_same && !is_classified_by_others(touch)) return false;
    touch.channel = now.channel;
    touch.source = now.source;
    touch.medium = now.medium;
    touch.campaign = now.campaign;
    constexpr std::string_view kVersion = "\"cv\":\"";
    std::array<char, 8> version{};
    Out out(version.data(), version.size());
    write_classification_version(out);
    if (const auto at = touch.evidence.find(kVersion); at != std::string::npos)
      touch.evidence.replace(at + kVersion.size(), version.size(), out.view());
    if (!is_same) ++totals_.reclassified;
    return true;
  }

  // A session's visit counts under its first touch.
  Outcome<void> count_visit(Tables& tables, const std::optional<TouchRow>& first) {
    if (!first || !counts_in_reports(*first)) return {};
    DayTraffic delta = delta_of(*first);
    delta.visits = 1;
    return tables.rollups().add_traffic(site_.id, std::move(delta));
  }

  Outcome<void> rebuild_traffic(Tables& tables) {
    EvidenceStore& evidence = tables.evidence();
    TL_CHECK(evidence.recount_sessions(site_.id));
    TL_CHECK(evidence.clear_traffic(site_.id));
    TL_TRY(all, evidence.count_touches(site_.id));
    std::optional<TouchRow> last, first_of_session;
    for (;;) {
      TL_TRY(page, evidence.touches_after(site_.id, last, kTouchesAPage));
      for (TouchRow& touch : page) {
        if (options_.reclassifies && reclassify(touch)) TL_CHECK(evidence.set_class(touch));
        if (counts_in_reports(touch)) {
          DayTraffic delta = delta_of(touch);
          delta.touches = 1;
          delta.visitors.push_back(VisitorSketch::hash_of(touch.anonymous_id));
          TL_CHECK(tables.rollups().add_traffic(site_.id, std::move(delta)));
        }
        const auto place = [](const TouchRow& row) { return std::tie(row.t_ms, row.seq, row.id); };
        if (!first_of_session || first_of_session->session_id != touch.session_id) {
          TL_CHECK(count_visit(tables, first_of_session));
          first_of_session = touch;
        } else if (place(touch) < place(*first_of_session)) {
          first_of_session = touch;
        }
      }
      totals_.touches += static_cast<std::int64_t>(page.size());
      tell("touches", totals_.touches, all);
      TL_CHECK(evidence.write_rollups());
      if (page.size() < kTouchesAPage) break;
      last = std::move(page.back());
    }
    TL_CHECK(count_visit(tables, first_of_session));
    return evidence.write_rollups();
  }

  [[nodiscard]] Restates restates() const {
    return options_.keeps_configuration ? Restates::whole : Restates::anew;
  }

  Outcome<void> rebuild_order(Tables& tables, const OrderKey& key) {
    TL_TRY(changes, tables.orders().changes_of(site_.id, key.provider, key.order_id));
    if (changes.empty()) return {};
    std::vector<OrderFact> facts;
    for (const auto& change : changes) facts.push_back(read_fact(change));
    const OrderRow order = fold_order(site_.id, key.provider, std::move(facts));
    TL_CHECK(tables.orders().put_order(order));
    if (order.state != OrderState::paid) return {};
    TL_TRY(draft, draft_of(tables.orders(), order));
    draft.restates = restates();
    const DestinationTakes none = [](const DestinationConfig&, std::string_view) { return false; };
    TL_CHECK(record_conversion(tables, site_, draft, none, now_ms_));
    return {};
  }

  Outcome<void> rebuild_orders() {
    std::int64_t all = 0;
    TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(count, tables.evidence().count_orders(site_.id));
      all = count;
      return {};
    }));
    totals_.orders = 0;
    OrderKey last;
    for (std::size_t found = kOrdersAWrite; found == kOrdersAWrite;) {
      OrderKey next;
      const auto written = store_.write([&](Tables& tables) -> Outcome<void> {
        TL_TRY(keys, tables.evidence().orders_after(site_.id, last, kOrdersAWrite));
        for (const auto& key : keys) TL_CHECK(rebuild_order(tables, key));
        found = keys.size();
        if (!keys.empty()) next = keys.back();
        return {};
      });
      if (!written.ok()) return written.error();
      last = std::move(next);
      totals_.orders += static_cast<std::int64_t>(found);
      tell("orders", totals_.orders, all);
    }
    return {};
  }

  // Those without an order; those whose order is not paid, or gone, are none.
  Outcome<void> rebuild_conversion(Tables& tables, const Id128& id) {
    TL_TRY(row, tables.orders().find_conversion(site_.id, id));
    if (!row) return {};
    if (row->kind != "purchase")
      return restate_conversion(tables, site_, *row, now_ms_, restates());
    TL_TRY(order, tables.orders().find_order(site_.id, row->provider, row->order_id));
    if (order && order->order_id == row->order_id && order->state == OrderState::paid) return {};
    TL_TRY(credits, tables.orders().credits_of(site_.id, id));
    TL_CHECK(tables.orders().remove_conversion(site_.id, id));
    return restate_rollups(tables.rollups(), site_, {{*row, std::move(credits)}}, std::nullopt);
  }

  template <class Each>
  Outcome<std::size_t> each_conversion(Tables& tables, Id128& last, Each&& each) {
    TL_TRY(ids, tables.evidence().conversions_after(site_.id, last, kOrdersAWrite));
    for (const auto& id : ids) TL_CHECK(each(id));
    if (!ids.empty()) last = ids.back();
    return ids.size();
  }

  Outcome<void> rebuild_conversions() {
    Id128 last;
    for (std::size_t found = kOrdersAWrite; found == kOrdersAWrite;) {
      Id128 next = last;
      TL_CHECK(store_.write([&](Tables& tables) -> Outcome<void> {
        next = last;
        TL_TRY(count, each_conversion(tables, next, [&](const Id128& id) {
                 return rebuild_conversion(tables, id);
               }));
        found = count;
        return {};
      }));
      last = next;
    }
    return {};
  }

  Outcome<void> rebuild_credits(Tables& tables) {
    totals_.conversions = 0;
    TL_CHECK(tables.evidence().clear_credits(site_.id));
    TL_TRY(all, tables.evidence().count_conversions(site_.id));
    Id128 last;
    for (std::size_t found = kOrdersAWrite; found == kOrdersAWrite;) {
      TL_TRY(count, each_conversion(tables, last, [&](const Id128& id) -> Outcome<void> {
               TL_TRY(row, tables.orders().find_conversion(site_.id, id));
               TL_TRY(credits, tables.orders().credits_of(site_.id, id));
               return restate_rollups(tables.rollups(), site_, {},
                                      CountedConversion{*row, std::move(credits)});
             }));
      found = count;
      totals_.conversions += static_cast<std::int64_t>(found);
      TL_CHECK(tables.evidence().write_rollups());
      tell("conversions", totals_.conversions, all);
    }
    return tables.evidence().forget_configs(site_.id);
  }

  Store& store_;
  const SiteConfig& site_;
  const RebuildOptions& options_;
  std::int64_t now_ms_;
  TouchClassifier classifier_;
  RebuildTotals totals_;
  bool must_learn_ = false;
};

}  // namespace

Outcome<RebuildTotals> rebuild(Store& store, const SiteConfig& site, const RebuildOptions& options,
                               std::int64_t now_ms) {
  return Rebuilding(store, site, options, now_ms).run();
}

}  // namespace tl::server
