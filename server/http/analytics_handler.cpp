// SPDX-License-Identifier: Apache-2.0
// The key decides before the cache is asked. A cached answer is the whole reply body; its key is
// the site, the route and the sorted query, so that the same question in another order is the same.
// `Cache-Control: no-cache` asks afresh.

#include "server/http/analytics_handler.hpp"

#include "server/core/attribution/conversion_kind.hpp"
#include "server/core/attribution/training.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/analytics_json.hpp"
#include "server/http/csv_table.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "server/http/training_json.hpp"

#include <algorithm>
#include <array>

namespace tl::server::http {
namespace {

constexpr std::int64_t kKeepMs = 60'000;

struct Report {
  const char* name;
  const char* alias;  // another name of the same, or null
  const char* summary;
  WriteReport write;
  ReportTakes takes;
  const char* columns = "channel";  // of its lines, beside those that its totals have
};
using Filters = ReportTakes::Filters;
using Groups = ReportTakes::Groups;
using Compares = ReportTakes::Compares;
constexpr ReportTakes kOfPaths = {Filters::channel, Groups::none, Compares::whole};
constexpr std::array kReports = {
    Report{"overview", "summary", "Visits, orders, revenue, costs and shares of a period",
           overview_json, ReportTakes{Filters::all, Groups::none, Compares::whole}},
    Report{"by-channel", "channels", "What each channel, source, campaign or page earned and cost",
           by_channel_json, ReportTakes{Filters::all, Groups::all, Compares::lines, true}},
    Report{"models-compare", "compare", "The same money under every model", models_compare_json,
           ReportTakes{Filters::all, Groups::all, Compares::whole}},
    Report{"trained", nullptr, "What Markov models learned from the paths of a kind of conversion",
           trained_json, ReportTakes{},
           "model,version,channel,removal_effect,removal_effect_value,conversions,revenue_minor"},
    Report{"paths", nullptr, "Sequences of channels before conversions", paths_json, kOfPaths,
           "path,conversions,revenue_minor,average_days_to_convert,share"},
    Report{"time-series", nullptr, "Figures day by day", time_series_json,
           ReportTakes{Filters::all, Groups::channel, Compares::whole}},
    Report{"time-lag", nullptr, "Days from first touch to conversion", time_lag_json,
           ReportTakes{Filters::none, Groups::none, Compares::whole},
           "from_days,to_days,conversions,revenue_minor"},
    Report{"path-length", nullptr, "Touches before conversions", path_length_json, kOfPaths,
           "touches,and_more,conversions,revenue_minor"},
    Report{"assists", nullptr, "How often each channel began, ended and helped", assists_json,
           kOfPaths, "channel,first,last,assisted,assist_ratio,revenue_assisted_minor"},
    Report{"self-reported", nullptr, "What buyers said beside what was measured",
           self_reported_json, kOfPaths, "self_reported,channel,conversions,revenue_minor"},
    Report{"revisions", nullptr, "Changes of published days", revisions_json, ReportTakes{},
           "day,revision,changed_at,reasons,before"}};

std::string cache_key(const std::string& site_id, const char* name, const Request& request) {
  auto query = request.query;
  std::sort(query.begin(), query.end());
  std::string key = site_id + "/analytics/" + name;
  for (const auto& [field, value] : query) {
    if (field == "site") continue;
    for (const auto* part : {&field, &value})
      key += "\x1f" + std::to_string(part->size()) + ":" + *part;
  }
  return key;
}

Outcome<ReportJson> configurations_of(const ReportContext& context) {
  const ReportQuery& query = context.request.query;
  TL_TRY(credited, context.tables.reports().credited(query.range, query.choice));
  ReportJson configs = ReportJson::array();
  for (const auto& row : context.model.rows)
    if (std::find(credited.begin(), credited.end(), row.config) != credited.end())
      configs.push_back(
          {{"config", std::to_string(row.config)}, {"model", row.model}, {"rules", row.rules}});
  return configs;
}

Outcome<ReportJson> head_of(const ReportContext& context, std::int64_t now_ms) {
  const ReportQuery& query = context.request.query;
  TL_TRY(known, currencies(context.tables.reports(), query.range));
  TL_TRY(configurations, configurations_of(context));
  ReportJson head = {{"site", context.site.id},
                     {"start_date", write_day(query.range.from_day)},
                     {"end_date", write_day(query.range.to_day)},
                     {"timezone", context.site.timezone},
                     {"model", context.model.name},
                     {"currency", query.choice.currency},
                     {"basis", query.basis == Basis::cash ? "cash" : "accrual"},
                     {"kind", query.choice.kind},
                     {"currencies", known},
                     {"configurations", std::move(configurations)}};
  if (is_data_driven(context.model.name)) head["describes"] = kDescribesPaths;
  head["generated_at"] = write_rfc3339(now_ms);
  return head;
}

// Its lines; of what has none, all. The lines of a whole period before would be lost.
constexpr const char* kLines[] = {"items", "buckets"};

bool has_lines(const ReportJson& body) {
  return std::any_of(std::begin(kLines), std::end(kLines),
                     [&](const char* list) { return body.contains(list); });
}

// What stands once beside the lines and is true of each: a file of lines has no other place.
constexpr const char* kOfEveryLine[] = {"describes", "data_driven"};

// What a line would be, for the header of a table without any.
ReportJson blank_line(const Report& report, const ReportJson& json) {
  ReportJson line;
  std::string_view names = report.columns;
  while (!names.empty()) {
    const auto comma = names.find(',');
    line[std::string(names.substr(0, comma))] = nullptr;
    names.remove_prefix(comma == names.npos ? names.size() : comma + 1);
  }
  if (const auto totals = json.find("totals"); totals != json.end())
    line.update(json.contains("models") ? ReportJson{{"models", *totals}} : *totals);
  return line;
}

std::string csv_of(const Report& report, const ReportJson& json) {
  for (const char* list : kLines) {
    if (!json.contains(list)) continue;
    ReportJson lines = json.at(list);
    const bool is_empty = lines.empty();
    if (is_empty) lines.push_back(blank_line(report, json));
    for (auto& line : lines)
      for (const char* name : kOfEveryLine)
        if (const auto said = json.find(name); said != json.end()) line[name] = *said;
    return is_empty ? csv_header(csv_columns(lines.front())) : csv_table(lines);
  }
  return csv_table(ReportJson::array({json}));
}

// One of the site's, or one that it had: events that counted once have their history.
Outcome<void> check_kind(ReportStore& store, const SiteConfig& site, const ReportQuery& query) {
  const std::string& kind = query.choice.kind;
  auto known = check_conversion_kind(site, kind);
  if (known.ok()) return known;
  TL_TRY(sums, store.conversions(query.range, /*by_day=*/false));
  const bool has_any = std::any_of(sums.begin(), sums.end(),
                                   [&](const ConversionSum& sum) { return sum.kind == kind; });
  return has_any ? Outcome<void>{} : known;
}

struct Answer {
  ReportJson json;
  bool is_csv = false;
};

Outcome<Answer> make(const AnalyticsParts& parts, const SiteConfig& site, const Report& report,
                     const Request& request) {
  const auto now_ms = parts.clock.now_ms();
  TL_TRY(asked, read_analytics_request(request, site, now_ms));
  TL_CHECK(check_takes(asked, report.takes, report.name));
  Answer answer;
  answer.is_csv = asked.is_csv;
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(check_kind(tables.reports(), site, asked.query));
    TL_TRY(model, choose_model(tables.reports(), site, asked.model));
    asked.query.choice.configs = model.configs;
    const ReportContext context{tables, site, asked, model};
    TL_TRY(body, report.write(context));
    if (asked.compares && report.takes.compares == Compares::whole) {
      if (asked.is_csv && has_lines(body))
        return invalid("bad_compare", "a table of " + std::string(report.name) +
                                          " holds one period; ask for the days before it apart");
      AnalyticsRequest before = asked;
      before.query = previous_period(asked.query);
      TL_TRY(earlier, report.write({tables, site, before, model}));
      body["previous"] = std::move(earlier);
    }
    TL_TRY(head, head_of(context, now_ms));
    answer.json = std::move(head);
    answer.json.update(body);
    return {};
  }));
  return answer;
}

Outcome<Reply> answer(const AnalyticsParts& parts, const Report& report, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  const auto site = parts.find_site(site_id);
  if (!site)
    return fail(ErrorKind::not_found, "unknown_site", "the key's site is not configured any more");
  const std::string key = cache_key(site_id, report.name, request);
  const bool is_csv = request.query_value("format") == "csv";
  std::optional<std::string> body;
  if (request.header("cache-control").find("no-cache") == std::string_view::npos)
    body = parts.cache.get(key, parts.clock.now_ms());
  if (!body) {
    TL_TRY(made, make(parts, *site, report, request));
    body = made.is_csv ? csv_of(report, made.json)
                       : made.json.dump(-1, ' ', false, ReportJson::error_handler_t::replace);
    parts.cache.put(key, *body, parts.clock.now_ms() + kKeepMs);
  }
  Reply reply = is_csv ? Reply::text(200, std::move(*body), "text/csv; charset=utf-8")
                       : Reply::json(200, std::move(*body));
  if (is_csv)
    reply.header("Content-Disposition",
                 "attachment; filename=\"" + site_id + "-" + report.name + ".csv\"");
  reply.header("Cache-Control", "no-store");
  return reply;
}

Route report_route(const AnalyticsParts& parts, const Report& report, const char* name) {
  Route route;
  route.method = "GET";
  route.pattern = std::string("/api/analytics/attribution/") + name;
  route.summary = report.summary;
  route.handler = [parts, report](const Request& request) {
    auto reply = answer(parts, report, request);
    return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
  };
  return route;
}

// The site of the path, which is the key's.
Outcome<std::shared_ptr<const SiteConfig>> managed_site(const AnalyticsParts& parts,
                                                        const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "manage"));
  const auto wanted = request.params.find("site");
  auto site = parts.find_site(site_id);
  if (!site || wanted == request.params.end() || wanted->second != site_id)
    return fail(ErrorKind::forbidden, "wrong_site",
                "This key belongs to another site than the one in the path.");
  return site;
}

Outcome<Reply> choose_default(const AnalyticsParts& parts, const Request& request) {
  TL_TRY(site, managed_site(parts, request));
  TL_TRY(body, read_json_object(request.body));
  const std::string model = text_at(body, "model");
  if (model.empty()) return invalid("unknown_model", "name a model as {\"model\":\"linear\"}");
  std::string name;
  TL_CHECK(parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(choice, choose_model(tables.reports(), *site, model));
    name = choice.name;
    return tables.reports().set_default_model(site->id, name, parts.clock.now_ms());
  }));
  parts.cache.forget(site->id + "/");
  return answer_json(200, {{"site", site->id}, {"model", name}});
}

Outcome<Reply> train_now(const AnalyticsParts& parts, const Request& request) {
  TL_TRY(site, managed_site(parts, request));
  TL_TRY(result, train(parts.store, *site, parts.clock.now_ms(), parts.stop));
  parts.cache.forget(site->id + "/");
  ReportJson models = ReportJson::array();
  for (const auto& model : result.models) models.push_back(training_item(model));
  return answer_json(200,
                     {{"site", site->id}, {"models", std::move(models)}, {"split", result.split}});
}

}  // namespace

std::vector<Route> analytics_routes(const AnalyticsParts& parts) {
  std::vector<Route> routes;
  for (const auto& report : kReports) {
    routes.push_back(report_route(parts, report, report.name));
    if (report.alias != nullptr) routes.push_back(report_route(parts, report, report.alias));
  }
  return routes;
}

std::vector<Route> site_model_routes(const AnalyticsParts& parts) {
  const auto make = [&parts](const char* pattern, const char* action, const char* summary,
                             Outcome<Reply> (*run)(const AnalyticsParts&, const Request&)) {
    Route route;
    route.method = "POST";
    route.pattern = pattern;
    route.audit_action = action;
    route.summary = summary;
    route.handler = [parts, run](const Request& request) {
      auto reply = run(parts, request);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return route;
  };
  return {make("/api/sites/{site}/model", "model_changed",
               "Makes a model the one that the site's reports show first", choose_default),
          make("/api/sites/{site}/train", "models_trained",
               "Markov models learn from the site's paths now, as they do every night", train_now)};
}

}  // namespace tl::server::http
