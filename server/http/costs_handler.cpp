// SPDX-License-Identifier: Apache-2.0
// A list's cursor is the last row of a page as a JSON list in hexadecimal.

#include "server/http/costs_handler.hpp"

#include "server/core/costs/cost_file.hpp"
#include "server/core/costs/costs.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/reports/local_day.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/id_text.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "server/http/query_names.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMostRows = 10'000;
constexpr std::size_t kLongestName = 500;
constexpr std::int64_t kMost = 1'000'000'000'000'000;  // minor units or clicks: sums stay numbers

ServerError bad_row(std::size_t index, std::string code, const std::string& what) {
  return invalid(std::move(code), "rows[" + std::to_string(index) + "]: " + what +
                                      "; nothing of the request was kept");
}

// A count that may be left out. Errors: invalid (bad_number).
Outcome<std::int64_t> read_count_at(const nlohmann::json& row, const char* name,
                                    std::size_t index) {
  const auto found = row.find(name);
  if (found == row.end() || found->is_null()) return std::int64_t{0};
  if (!found->is_number_integer() || found->get<double>() < 0 ||
      found->get<double>() > static_cast<double>(kMost))
    return bad_row(index, "bad_number",
                   std::string(name) + " must be a whole number from 0 to 10^15");
  return found->get<std::int64_t>();
}

// Ad accounts may be a day ahead of the site.
int last_cost_day(const AnalyticsParts& parts, const std::shared_ptr<const SiteConfig>& site) {
  return add_days(local_day(parts.clock.now_ms(), site ? site->timezone : "UTC"), 1);
}

Outcome<CostRow> read_row(const nlohmann::json& row, std::size_t index, int last_day,
                          const std::string& site_currency) {
  if (!row.is_object()) return bad_row(index, "bad_field", "must be an object");
  CostRow made;
  made.origin = "api";
  const std::string written = text_at(row, "day");
  const auto day = parse_day(written);
  if (!day) return bad_row(index, "bad_date", "day \"" + written + "\" " + day_complaint(written));
  if (*day > last_day)
    return bad_row(index, "bad_date",
                   write_day(*day) + " is yet to come; costs are what was spent");
  made.day = *day;
  const std::string channel = text_at(row, "channel");
  if (!parse_channel(channel, made.channel))
    return bad_row(index, "unknown_channel", "\"" + channel + "\" is no channel");
  made.source = text_at(row, "source");
  made.campaign = text_at(row, "campaign");
  made.campaign_id = text_at(row, "campaign_id");
  if (made.source.empty())
    return bad_row(index, "missing_source", "source must name where the ads ran, like google");
  for (const auto* name : {&made.source, &made.campaign, &made.campaign_id})
    if (const auto complaint = id_complaint(*name, kLongestName); !complaint.empty())
      return bad_row(index, "bad_field", "a source, campaign or campaign id " + complaint);
  for (char& c : made.source) c = ascii_lower(c);
  const std::string code = text_at(row, "currency");
  const auto currency = parse_currency(code.empty() ? site_currency : code);
  if (!currency.ok()) return bad_row(index, "bad_currency", currency.error().detail);
  made.currency = currency.value();
  if (const auto minor = row.find("amount_minor"); minor != row.end()) {
    if (!minor->is_number_integer())
      return bad_row(index, "bad_amount", "amount_minor must be a whole number");
    made.amount_minor = minor->get<std::int64_t>();
  } else {
    const auto amount = parse_decimal_amount(text_at(row, "amount"), made.currency);
    if (!amount.ok()) return bad_row(index, "bad_amount", amount.error().detail);
    made.amount_minor = amount.value();
  }
  if (made.amount_minor < 0 || made.amount_minor > kMost)
    return bad_row(index, "bad_amount", "an amount is what was spent, from 0 to 10^15 minor units");
  TL_TRY(clicks, read_count_at(row, "clicks", index));
  TL_TRY(impressions, read_count_at(row, "impressions", index));
  made.clicks = clicks;
  made.impressions = impressions;
  return made;
}

Outcome<Reply> keep_rows(const AnalyticsParts& parts, const std::string& site_id,
                         const std::vector<CostRow>& rows, bool replaces) {
  KeptCosts kept;
  TL_CHECK(parts.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(done, keep_costs(tables.costs(), site_id, rows, replaces, parts.clock.now_ms()));
    kept = done;
    return {};
  }));
  parts.cache.forget(site_id + "/");
  return answer_json(200, {{"kept", kept.kept}, {"replaced", kept.replaced}});
}

// What the query says over a file. Errors: invalid (unknown_channel, bad_format, bad_cost_map).
Outcome<CostFileOptions> read_file_options(const Request& request,
                                           const std::string& site_currency) {
  CostFileOptions options;
  options.door = CostDoor::request;
  for (const auto& [name, value] : request.query)
    if (name == "map") TL_CHECK(add_to_cost_mapping(value, options.mapping));
  options.source = request.query_value("source");
  options.currency = request.query_value("currency");
  options.site_currency = site_currency;
  options.origin = "file";
  if (const auto name = request.query_value("channel"); !name.empty()) {
    Channel channel{};
    if (!parse_channel(name, channel))
      return invalid("unknown_channel", "channel=" + std::string(name) + " is no channel");
    options.channel = channel;
  }
  if (const auto order = request.query_value("date_format"); !order.empty()) {
    if (order != "mdy" && order != "dmy")
      return invalid("bad_format", "date_format must be mdy or dmy");
    options.date_order = order == "mdy" ? DateOrder::month_first : DateOrder::day_first;
  }
  if (const auto mark = request.query_value("decimal"); !mark.empty()) {
    if (mark != "point" && mark != "comma")
      return invalid("bad_format", "decimal must be point or comma");
    options.decimal = mark == "point" ? DecimalMark::point : DecimalMark::comma;
  }
  return options;
}

// A CSV as `import-costs` reads it: every line that cannot be read is told.
Outcome<Reply> keep_file(const AnalyticsParts& parts, const std::string& site_id,
                         const Request& request) {
  constexpr std::size_t kMostTold = 50;
  TL_CHECK(check_query_names(
      request, {"site", "source", "currency", "channel", "date_format", "decimal", "map"}, "map"));
  const auto site = parts.find_site(site_id);
  TL_TRY(options, read_file_options(request, site ? site->currency : ""));
  options.last_day = last_cost_day(parts, site);
  TL_TRY(file, read_cost_file(request.body, options));
  if (file.errors.empty()) return keep_rows(parts, site_id, file.rows, /*replaces=*/true);
  OrderedJson lines = OrderedJson::array();
  for (const auto& error : file.errors)
    if (lines.size() < kMostTold)
      lines.push_back({{"line", error.line}, {"code", error.code}, {"message", error.message}});
  Reply reply = answer_json(
      400, {{"error",
             {{"code", "bad_cost_lines"},
              {"message", std::to_string(file.errors.size()) +
                              " lines of the file cannot be read; nothing of it was kept"}}},
            {"lines", std::move(lines)}});
  reply.header("X-Throughline", "bad_cost_lines");
  return reply;
}

Outcome<Reply> keep(const AnalyticsParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "manage"));
  if (request.header("content-type").starts_with("text/csv"))
    return keep_file(parts, site_id, request);
  TL_CHECK(check_query_names(request, {"site"}));
  TL_TRY(body, read_json_object(request.body));
  TL_CHECK(check_body_site(text_at(body, "site"), site_id));
  const auto site = parts.find_site(site_id);
  const auto rows = body.find("rows");
  if (rows == body.end() || !rows->is_array() || rows->empty() || rows->size() > kMostRows)
    return invalid("bad_rows", "rows must be a list of 1 to 10,000 objects");
  const auto replace = body.find("replace");
  if (replace != body.end() && !replace->is_boolean())
    return invalid("bad_field", "replace must be true or false");
  const int last_day = last_cost_day(parts, site);
  std::vector<CostRow> made;
  for (std::size_t i = 0; i < rows->size(); ++i) {
    TL_TRY(row, read_row((*rows)[i], i, last_day, site ? site->currency : ""));
    made.push_back(std::move(row));
  }
  return keep_rows(parts, site_id, made, replace == body.end() || replace->get<bool>());
}

OrderedJson row_json(const CostRow& row) {
  return {{"day", write_day(row.day)},
          {"channel", std::string(channel_name(row.channel))},
          {"source", row.source},
          {"campaign", row.campaign},
          {"campaign_id", row.campaign_id},
          {"currency", row.currency},
          {"amount_minor", row.amount_minor},
          {"clicks", row.clicks},
          {"impressions", row.impressions},
          {"imported_at", write_rfc3339(row.imported_ms)},
          {"origin", row.origin},
          {"platform", row.platform}};
}

std::string hex(std::string_view text) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string made;
  for (const char c : text) {
    made += kDigits[static_cast<unsigned char>(c) >> 4];
    made += kDigits[static_cast<unsigned char>(c) & 15];
  }
  return made;
}

std::string write_cursor(const CostRow& row) {
  return hex(nlohmann::json({row.day, static_cast<int>(row.channel), row.source, row.campaign,
                             row.campaign_id, row.currency})
                 .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

Outcome<std::optional<CostRow>> read_cursor(std::string_view cursor) {
  if (cursor.empty()) return std::optional<CostRow>{};
  const auto wrong = invalid("bad_cursor", "cursor is not one that this list gave");
  std::string text;
  for (std::size_t i = 0; i + 1 < cursor.size(); i += 2) {
    const int high = hex_value(cursor[i]), low = hex_value(cursor[i + 1]);
    if (high < 0 || low < 0) return wrong;
    text += static_cast<char>(high * 16 + low);
  }
  const auto place = nlohmann::json::parse(text, nullptr, false);
  const bool is_place = place.is_array() && place.size() == 6 && place[0].is_number_integer() &&
                        place[1].is_number_integer() &&
                        std::all_of(place.begin() + 2, place.end(),
                                    [](const nlohmann::json& part) { return part.is_string(); });
  if (!is_place) return wrong;
  CostRow row;
  row.day = place[0].get<int>();
  row.channel = static_cast<Channel>(place[1].get<int>());
  row.source = place[2].get<std::string>();
  row.campaign = place[3].get<std::string>();
  row.campaign_id = place[4].get<std::string>();
  row.currency = place[5].get<std::string>();
  return std::optional(std::move(row));
}

Outcome<int> read_bound(const Request& request, const char* name, int otherwise) {
  const auto text = request.query_value(name);
  if (text.empty()) return otherwise;
  const auto day = parse_day(text);
  if (!day)
    return invalid("bad_date",
                   std::string(name) + "=" + std::string(text) + " " + day_complaint(text));
  return *day;
}

Outcome<Reply> list(const AnalyticsParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  TL_CHECK(check_query_names(request, {"site", "from", "to", "limit", "cursor"}));
  TL_TRY(from, read_bound(request, "from", 0));
  TL_TRY(to, read_bound(request, "to", 99991231));
  if (from > to)
    return invalid("bad_date",
                   "from=" + write_day(from) + " is after to=" + write_day(to) + "; swap them");
  std::int64_t limit = 100;
  if (const auto text = request.query_value("limit"); !text.empty())
    if (!parse_decimal(text, limit) || limit < 1 || limit > 1000)
      return invalid("bad_limit", "limit must be a whole number from 1 to 1000");
  TL_TRY(after, read_cursor(request.query_value("cursor")));
  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(rows,
           tables.costs().list(site_id, from, to, after, static_cast<std::uint32_t>(limit) + 1));
    const bool has_more = rows.size() > static_cast<std::size_t>(limit);
    if (has_more) {
      rows.pop_back();
      next_cursor = write_cursor(rows.back());
    }
    for (const auto& row : rows) items.push_back(row_json(row));
    return {};
  }));
  return answer_list(std::move(items), next_cursor);
}

Route route_of(const AnalyticsParts& parts, const char* method, const char* summary,
               Outcome<Reply> (*answer)(const AnalyticsParts&, const Request&)) {
  Route route;
  route.method = method;
  if (route.method != "GET") route.audit_action = "costs_imported";
  route.pattern = "/api/costs";
  route.summary = summary;
  route.handler = [parts, answer](const Request& request) {
    auto reply = answer(parts, request);
    return reply.ok() ? std::move(reply).value()
                      : Reply::error(reply.error()).header("X-Throughline", reply.error().code);
  };
  return route;
}

}  // namespace

std::vector<Route> costs_routes(const AnalyticsParts& parts) {
  std::vector<Route> routes = {
      route_of(parts, "GET", "Costs, newest day first", list),
      route_of(parts, "POST", "Keeps costs of ads, all rows or none", keep)};
  routes.back().max_body = std::size_t{4} * 1024 * 1024;
  return routes;
}

}  // namespace tl::server::http
