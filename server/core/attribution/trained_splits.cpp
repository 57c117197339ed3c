// SPDX-License-Identifier: Apache-2.0
// Pages are found beside the writer; the writes judge each conversion again, for it may have
// changed or its day been sealed meanwhile.

#include "server/core/attribution/trained_splits.hpp"

#include "server/core/attribution/conversion_credits.hpp"
#include "server/core/reports/credit_rollups.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"

#include <algorithm>

namespace tl::server {
namespace {

// The intake waits for so many meanwhile.
constexpr std::uint32_t kConversionsAWrite = 25;

// The first moment of the days that are not sealed.
Outcome<std::int64_t> open_since(Tables& tables, const SiteConfig& site) {
  TL_TRY(sealed, tables.reports().sealed_day(site.id));
  return sealed == 0 ? 0 : day_start(add_days(sealed, 1), site.timezone);
}

// The other models' credits stay as they are. False: nothing was to be done.
Outcome<bool> split_again(Tables& tables, const SiteConfig& site, const Id128& id,
                          const TrainedModel& model, std::int64_t open_ms) {
  TL_TRY(row, tables.orders().find_conversion(site.id, id));
  TL_TRY(before, tables.orders().credits_of(site.id, id));
  // Under the repeat rule first_only it has none.
  if (!row || before.empty()) return false;
  const std::string name = trained_model_name(model.order);
  const auto present = std::find_if(before.begin(), before.end(),
                                    [&](const CreditRow& credit) { return credit.model == name; });
  if (present != before.end() && (present->training == model.version || row->occurred_ms < open_ms))
    return false;
  const ConversionPath path = parse_snapshot(row->snapshot);
  TL_TRY(fresh,
         credit_rows({{}, {model}}, path, row->amount_minor, read_refund_steps(row->refunds)));
  std::vector<CreditRow> after = before;
  std::erase_if(after, [&](const CreditRow& credit) { return credit.model == name; });
  after.insert(after.end(), fresh.begin(), fresh.end());
  TL_CHECK(put_credit_rows(tables, *row, path.rules, after));
  TL_CHECK(restate_rollups(tables.rollups(), site, {{*row, std::move(before)}},
                           CountedConversion{*row, std::move(after)}));
  return true;
}

}  // namespace

Outcome<void> check_not_stopping(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return fail(ErrorKind::unavailable, "server_stopping",
              "the server is stopping; what is left to do is done after its next start");
}

Outcome<std::int64_t> split_by(Store& store, const SiteConfig& site, const TrainedModel& model,
                               const std::stop_token& stop) {
  const std::string name = trained_model_name(model.order);
  std::int64_t split = 0;
  Id128 last;
  for (bool has_more = true; has_more;) {
    TL_CHECK(check_not_stopping(stop));
    std::vector<Id128> page;
    TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(open_ms, open_since(tables, site));
      TL_TRY(ids,
             tables.trainings().conversions_to_split(
                 {site.id, model.kind, name, model.version, open_ms}, last, kConversionsAWrite));
      page = std::move(ids);
      return {};
    }));
    has_more = page.size() == kConversionsAWrite;
    if (page.empty()) break;
    last = page.back();
    std::int64_t changed = 0;
    TL_CHECK(store.write([&](Tables& tables) -> Outcome<void> {
      changed = 0;
      TL_TRY(open_ms, open_since(tables, site));
      for (const auto& id : page) {
        TL_TRY(is_split, split_again(tables, site, id, model, open_ms));
        changed += is_split ? 1 : 0;
      }
      return {};
    }));
    split += changed;
  }
  return split;
}

Outcome<std::int64_t> finish_splits(Store& store, const SiteConfig& site,
                                    const std::stop_token& stop) {
  std::vector<TrainedModel> newest;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.trainings().newest(site.id));
    newest = std::move(found);
    return {};
  }));
  std::int64_t split = 0;
  for (const auto& model : newest) {
    if (!model.refused.empty()) continue;
    TL_TRY(changed, split_by(store, site, model, stop));
    split += changed;
  }
  return split;
}

}  // namespace tl::server
