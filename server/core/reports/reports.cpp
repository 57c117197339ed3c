// SPDX-License-Identifier: Apache-2.0
#include "server/core/reports/reports.hpp"

#include "models/credit.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace tl::server {
namespace {

using models::kWholeConversionMicro;

constexpr auto kMicro = static_cast<double>(kWholeConversionMicro);

std::optional<double> ratio(double part, double whole) {
  if (whole == 0) return std::nullopt;
  return part / whole;
}

std::optional<std::int64_t> rounded(const std::optional<double>& value) {
  if (!value) return std::nullopt;
  return std::llround(*value);
}

void add_credit(Figures& figures, const CreditSum& credit) {
  figures.conversions_micro += credit.conversions_micro;
  figures.new_customers_micro += credit.new_customers_micro;
  figures.returned_micro += credit.returned_micro;
  figures.money += credit.money;
}
void add_conversion_sum(Figures& figures, const ConversionSum& sum) {
  figures.conversions_micro += sum.conversions * kWholeConversionMicro;
  figures.new_customers_micro += sum.new_customers * kWholeConversionMicro;
  figures.returned_micro += sum.returned * kWholeConversionMicro;
  figures.money += sum.money;
}
void add_cost(Figures& figures, const CostSum& cost) {
  figures.cost_minor = figures.cost_minor.value_or(0) + cost.amount_minor;
  figures.clicks += cost.clicks;
  figures.impressions += cost.impressions;
}

}  // namespace

bool is_filtered(const SourceFilter& filter) {
  return filter.channel || filter.source || filter.campaign || filter.content ||
         filter.landing_path;
}

std::int64_t revenue_of(const RollupMoney& money, Basis basis) {
  return basis == Basis::accrual ? money.net_minor : money.value_minor + money.refund_minor;
}
std::int64_t refunded_of(const RollupMoney& money, Basis basis) {
  return basis == Basis::accrual ? money.value_minor - money.net_minor : -money.refund_minor;
}

Figures& Figures::operator+=(const Figures& other) {
  visits += other.visits;
  conversions_micro += other.conversions_micro;
  new_customers_micro += other.new_customers_micro;
  returned_micro += other.returned_micro;
  money += other.money;
  if (other.cost_minor) cost_minor = cost_minor.value_or(0) + *other.cost_minor;
  clicks += other.clicks;
  impressions += other.impressions;
  return *this;
}

std::optional<double> Figures::conversion_rate() const {
  return ratio(static_cast<double>(conversions_micro) / kMicro, static_cast<double>(visits));
}
std::optional<std::int64_t> Figures::average_order_value_minor(Basis basis) const {
  const auto micro = basis == Basis::accrual ? net_conversions_micro() : conversions_micro;
  return rounded(
      ratio(static_cast<double>(revenue_of(money, basis)) * kMicro, static_cast<double>(micro)));
}
std::optional<double> Figures::roas(Basis basis) const {
  return ratio(static_cast<double>(revenue_of(money, basis)),
               static_cast<double>(cost_minor.value_or(0)));
}
std::optional<double> Figures::roi(Basis basis) const {
  const auto cost = cost_minor.value_or(0);
  return ratio(static_cast<double>(revenue_of(money, basis) - cost), static_cast<double>(cost));
}
std::optional<std::int64_t> Figures::cpa_minor() const {
  if (!cost_minor) return std::nullopt;
  return rounded(ratio(static_cast<double>(*cost_minor) * kMicro,
                       static_cast<double>(net_conversions_micro())));
}
std::optional<std::int64_t> Figures::cac_minor() const {
  if (!cost_minor) return std::nullopt;
  return rounded(
      ratio(static_cast<double>(*cost_minor) * kMicro, static_cast<double>(new_customers_micro)));
}

Outcome<SourceReport> figures_by_source(ReportStore& store, const ReportQuery& query) {
  SourceReport report;
  std::map<TrafficSource, Figures> lines;
  TL_TRY(traffic, store.traffic(query.range, query.filter, query.group));
  for (const auto& sum : traffic.by_source) {
    lines[sum.source].visits = sum.visits;
    lines[sum.source].unique_visitors = sum.unique_visitors;
  }
  report.all.visits = traffic.all.visits;
  report.all.unique_visitors = traffic.all.unique_visitors;
  TL_TRY(credits, store.credits(query.range, query.choice, query.filter, query.group));
  for (const auto& sum : credits) {
    add_credit(lines[sum.source], sum);
    add_credit(report.all, sum);
  }
  TL_TRY(costs, store.costs(query.range, query.choice.currency, query.filter, query.group));
  std::map<TrafficSource, std::string> names;
  for (const auto& sum : costs) {
    add_cost(lines[sum.source], sum);
    add_cost(report.all, sum);
    if (!sum.campaign_name.empty()) names.emplace(sum.source, sum.campaign_name);
  }
  if (query.group >= GroupBy::content) {  // their lines have no costs; all of them together have
    TL_TRY(cost, store.costs(query.range, query.choice.currency, query.filter, GroupBy::none));
    for (const auto& sum : cost) add_cost(report.all, sum);
  }

  for (auto& [source, figures] : lines) report.lines.push_back({source, figures, names[source]});
  std::stable_sort(report.lines.begin(), report.lines.end(),
                   [&](const SourceFigures& a, const SourceFigures& b) {
                     const auto rank = [&](const Figures& f) {
                       return std::tuple(revenue_of(f.money, query.basis), f.conversions_micro,
                                         f.visits);
                     };
                     return rank(a.figures) > rank(b.figures);
                   });
  return report;
}

Outcome<ConversionFigures> conversion_figures(ReportStore& store, const ReportQuery& query) {
  ConversionFigures made;
  TL_TRY(conversions, store.conversions(query.range, /*by_day=*/false));
  for (const auto& sum : conversions) {
    if (sum.kind == "lead") made.leads += sum.conversions;
    if (sum.kind != query.choice.kind || sum.currency != query.choice.currency) continue;
    add_conversion_sum(made.all, sum);
    if (sum.lag_days == kLagSuppressed) add_conversion_sum(made.suppressed, sum);
    if (sum.lag_days < 0) continue;
    add_conversion_sum(made.attributed, sum);
    made.lag_days += sum.conversions * sum.lag_days;
  }
  return made;
}

Outcome<Overview> overview(ReportStore& store, const ReportQuery& query) {
  Overview made;
  ReportQuery whole = query;
  whole.group = GroupBy::none;
  TL_TRY(report, figures_by_source(store, whole));
  made.figures = report.all;
  if (is_filtered(query.filter)) return made;
  TL_TRY(conversions, conversion_figures(store, query));
  const Figures &all = conversions.all, &attributed = conversions.attributed;
  made.figures.conversions_micro = all.conversions_micro;
  made.figures.new_customers_micro = all.new_customers_micro;
  made.figures.returned_micro = all.returned_micro;
  made.figures.money = all.money;
  made.orders = all.conversions_micro / kWholeConversionMicro;
  made.leads = conversions.leads;
  made.suppressed = conversions.suppressed.conversions_micro / kWholeConversionMicro;
  made.suppressed_minor = revenue_of(conversions.suppressed.money, query.basis);
  const std::int64_t revenue = revenue_of(all.money, query.basis);
  const std::int64_t attributed_revenue = revenue_of(attributed.money, query.basis);
  made.attributed_share = ratio(static_cast<double>(attributed.conversions_micro),
                                static_cast<double>(all.conversions_micro));
  made.attributed_revenue_share =
      ratio(static_cast<double>(attributed_revenue), static_cast<double>(revenue));
  made.unmeasurable_share =
      ratio(static_cast<double>(revenue - attributed_revenue - *made.suppressed_minor),
            static_cast<double>(revenue));
  made.average_days_to_convert = ratio(static_cast<double>(conversions.lag_days) * kMicro,
                                       static_cast<double>(attributed.conversions_micro));
  return made;
}

Outcome<std::vector<std::string>> currencies(ReportStore& store, const DayRange& range) {
  TL_TRY(conversions, store.conversions(range, /*by_day=*/false));
  std::vector<std::string> list;
  for (const auto& sum : conversions)
    if (!(sum.money == RollupMoney{})) list.push_back(sum.currency);
  std::sort(list.begin(), list.end());
  list.erase(std::unique(list.begin(), list.end()), list.end());
  return list;
}

}  // namespace tl::server
