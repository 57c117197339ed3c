// SPDX-License-Identifier: Apache-2.0
// What the newest training of each order knows: removal effects, and its own channel-level credit
// of the range it learned from, by largest remainder in byte order of the channels' names. The
// reports' credits are the per-conversion form, which differs (docs/attribution.md).

#include "server/http/training_json.hpp"

#include "models/credit.hpp"
#include "models/removal_effect.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/rfc3339.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

using Effect = double LearnedChannel::*;

Outcome<std::vector<std::int64_t>> channel_credits(const TrainedModel& model, Effect effect,
                                                   std::int64_t amount) {
  std::vector<double> effects;
  for (const auto& learned : model.channels) effects.push_back(learned.*effect);
  std::vector<std::int64_t> shares(effects.size());
  // Without any value there is none to give.
  if (std::all_of(effects.begin(), effects.end(), [](double each) { return each <= 0; }))
    return shares;
  if (const auto split = models::credit_channels(effects, amount, shares); !split.ok())
    return fail(ErrorKind::bug, split.error().code, "the credits of a model cannot be split");
  return shares;
}

Outcome<void> add_channels(const TrainedModel& model, ReportJson& items) {
  TL_TRY(micro, channel_credits(model, &LearnedChannel::effect,
                                model.conversions * models::kWholeConversionMicro));
  TL_TRY(minor, channel_credits(model, &LearnedChannel::effect_of_value, model.value_minor));
  for (std::size_t i = 0; i < model.channels.size(); ++i)
    items.push_back({{"model", "markov_" + std::to_string(model.order)},
                     {"version", model.version},
                     {"channel", std::string(channel_name(model.channels[i].channel))},
                     {"removal_effect", model.channels[i].effect},
                     {"removal_effect_value", model.channels[i].effect_of_value},
                     {"conversions", decimal(micro[i])},
                     {"revenue_minor", minor[i]}});
  return {};
}

}  // namespace

ReportJson training_item(const TrainedModel& model) {
  return {{"model", "markov_" + std::to_string(model.order)},
          {"kind", model.kind},
          {"order", model.order},
          {"version", model.version},
          {"from_day", write_day(model.from_day)},
          {"to_day", write_day(model.to_day)},
          {"trained_at", write_rfc3339(model.trained_ms)},
          {"rules", model.rules},
          {"currency", model.currency},
          {"conversions", model.conversions},
          {"failed", model.failed},
          {"p_conversion", model.p_conversion()},
          {"states", model.states},
          {"refused", model.refused.empty() ? ReportJson(nullptr) : ReportJson(model.refused)}};
}

Outcome<ReportJson> trained_json(const ReportContext& context) {
  TL_TRY(newest, context.tables.trainings().newest(context.site.id));
  ReportJson trainings = ReportJson::array(), items = ReportJson::array();
  for (const auto& model : newest) {
    if (model.kind != context.request.query.choice.kind) continue;
    trainings.push_back(training_item(model));
    TL_CHECK(add_channels(model, items));
  }
  return ReportJson{{"describes", kDescribesPaths},
                    {"trainings", std::move(trainings)},
                    {"items", std::move(items)}};
}

}  // namespace tl::server::http
