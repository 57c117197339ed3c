// SPDX-License-Identifier: Apache-2.0
// Conversions in (POST, by the site's own server: 201 new, 200 the same again, 409 other content)
// and out (lists, one with all its credits). Pending orders stand in the list beside the
// conversions.
#include "server/core/rfc3339.hpp"
#include "server/core/uuid_text.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/stated_conversion.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

using Json = nlohmann::ordered_json;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Reply refused(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

Outcome<std::shared_ptr<const SiteConfig>> site_of_key(const OrderRouteParts& parts,
                                                       const Request& request,
                                                       std::string_view scope) {
  TL_TRY(site_id, parts.authorise(request, scope));
  auto site = parts.find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  return site;
}

Reply state(const OrderRouteParts& parts, const Request& request) {
  const auto allowed = site_of_key(parts, request, "write");
  if (!allowed.ok()) return refused(allowed.error());
  const SiteConfig& site = *allowed.value();
  const auto body = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object())
    return refused(invalid("malformed_body", "the body must be a JSON object"));
  if (const auto named = body.find("site");
      named != body.end() && !(named->is_string() && named->get<std::string>() == site.id))
    return refused(fail(ErrorKind::forbidden, "wrong_site",
                        "the key belongs to the site \"" + site.id + "\""));
  const auto stated = read_stated_conversion(body, parts.clock.now_ms());
  if (!stated.ok()) return refused(stated.error());
  const auto result = parts.orders.receive_stated(site, stated.value());
  if (!result.ok()) return refused(result.error());

  Json answer = {{"kind", stated.value().kind},
                 {"duplicate", !result.value().is_new},
                 {"order_id", result.value().order_id},
                 {"conversion", nullptr}};
  if (!result.value().conversion_id.is_nil()) {
    const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(conversion, tables.orders().find_conversion(site.id, result.value().conversion_id));
      if (!conversion) return {};
      TL_TRY(item, conversion_item(tables, *conversion));
      answer["conversion"] = std::move(item);
      return {};
    });
    // It is stored; that it cannot be shown now does not change the answer.
    if (!read.ok()) answer["conversion"] = nullptr;
    answer["id"] = uuid_text(result.value().conversion_id);
  }
  auto reply = Reply::json(result.value().is_new ? 201 : 200, dump(answer));
  if (!result.value().is_new) reply.header("X-Throughline", "duplicate");
  return reply;
}

// RFC 3339 or a date; a date as the end of a range means the end of that day.
Outcome<std::optional<std::int64_t>> time_query(const Request& request, std::string_view name) {
  const std::string_view text = request.query_value(name);
  if (text.empty()) return std::optional<std::int64_t>{};
  auto t_ms = parse_rfc3339(text);
  if (!t_ms)
    return invalid("bad_" + std::string(name),
                   "?" + std::string(name) + "= must be a date or an RFC 3339 time");
  constexpr std::size_t kDateLength = 10;
  constexpr std::int64_t kDay_ms = 24LL * 3600 * 1000;
  if (name == "to" && text.size() == kDateLength) *t_ms += kDay_ms;
  return std::optional(*t_ms);
}

Outcome<ListQuery> list_query(const Request& request, const std::string& site_id) {
  ListQuery query;
  query.site_id = site_id;
  TL_TRY(from, time_query(request, "from"));
  TL_TRY(to, time_query(request, "to"));
  query.from_ms = from;
  query.to_ms = to;
  const std::string_view limit = request.query_value("limit");
  std::int64_t number = 0;
  if (!limit.empty()) {
    if (!parse_decimal(limit, number) || number < 1 || number > 1000)
      return invalid("bad_limit", "?limit= must be from 1 to 1000");
    query.limit = static_cast<std::uint32_t>(number);
  }
  return query;
}

// Two lists in one, newest first. The cursor holds both places: "<conversions>~<orders>".
struct MergedPage {
  Json items = Json::array();
  std::optional<std::string> next_cursor;
};

Outcome<MergedPage> read_page(Tables& tables, ListQuery query, std::string_view cursor) {
  const auto tilde = cursor.find('~');
  std::string conversions_from(cursor.substr(0, tilde));
  std::string orders_from(tilde == std::string_view::npos ? std::string_view{}
                                                          : cursor.substr(tilde + 1));
  query.cursor = conversions_from;
  TL_TRY(conversions, tables.orders().list_conversions(query));
  query.cursor = orders_from;
  TL_TRY(pending, tables.orders().list_orders(query, OrderState::pending));

  MergedPage page;
  std::size_t taken = 0, taken_pending = 0;
  while (page.items.size() < query.limit) {
    const bool has_conversion = taken < conversions.items.size();
    const bool has_pending = taken_pending < pending.items.size();
    if (!has_conversion && !has_pending) break;
    if (has_conversion && (!has_pending || conversions.items[taken].occurred_ms >=
                                               pending.items[taken_pending].created_ms)) {
      TL_TRY(item, conversion_item(tables, conversions.items[taken++]));
      page.items.push_back(std::move(item));
    } else {
      page.items.push_back(pending_item(pending.items[taken_pending++]));
    }
  }
  const bool has_more = taken < conversions.items.size() || conversions.next_cursor ||
                        taken_pending < pending.items.size() || pending.next_cursor;
  if (!has_more) return page;
  // The place after what was taken of a list is the cursor of a page of just that many.
  const auto place_after = [&](auto& list, std::size_t count, std::string& from,
                               auto&& read_again) -> Outcome<void> {
    if (count == 0) return {};
    query.limit = static_cast<std::uint32_t>(count);
    query.cursor = from;
    if (count == list.items.size() && !list.next_cursor) {
      // Nothing is left of this list: a place before everything keeps it empty.
      from = "0.";
      return {};
    }
    TL_TRY(again, read_again(query));
    from = again.next_cursor.value_or("0.");
    return {};
  };
  TL_CHECK(place_after(conversions, taken, conversions_from, [&](const ListQuery& again) {
    return tables.orders().list_conversions(again);
  }));
  TL_CHECK(place_after(pending, taken_pending, orders_from, [&](const ListQuery& again) {
    return tables.orders().list_orders(again, OrderState::pending);
  }));
  page.next_cursor = conversions_from + "~" + orders_from;
  return page;
}

Reply list(const OrderRouteParts& parts, const Request& request) {
  const auto allowed = site_of_key(parts, request, "read");
  if (!allowed.ok()) return refused(allowed.error());
  const auto query = list_query(request, allowed.value()->id);
  if (!query.ok()) return refused(query.error());
  MergedPage page;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(merged, read_page(tables, query.value(), request.query_value("cursor")));
    page = std::move(merged);
    return {};
  });
  if (!read.ok()) return refused(read.error());
  const Json answer = {{"items", std::move(page.items)},
                       {"next_cursor", page.next_cursor ? Json(*page.next_cursor) : Json(nullptr)}};
  return Reply::json(200, dump(answer));
}

Reply show(const OrderRouteParts& parts, const Request& request) {
  const auto allowed = site_of_key(parts, request, "read");
  if (!allowed.ok()) return refused(allowed.error());
  const std::string& site_id = allowed.value()->id;
  const std::string& wanted = request.params.at("id");
  Json answer;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    std::optional<ConversionRow> conversion;
    if (const auto id = parse_uuid(wanted); id.ok()) {
      TL_TRY(found, tables.orders().find_conversion(site_id, id.value()));
      conversion = std::move(found);
    } else {
      TL_TRY(order, tables.orders().find_order_by_reference(site_id, wanted));
      if (order) {
        TL_TRY(found, tables.orders().find_conversion_of_order(site_id, order->provider,
                                                               order->order_id, "purchase"));
        conversion = std::move(found);
      }
    }
    if (!conversion)
      return fail(
          ErrorKind::not_found, "unknown_conversion",
          "the site has no conversion \"" + wanted + "\", by id or by an order's reference");
    TL_TRY(details, conversion_details(tables, *conversion));
    answer = std::move(details);
    return {};
  });
  if (!read.ok()) return refused(read.error());
  return Reply::json(200, dump(answer));
}

}  // namespace

std::vector<Route> conversion_routes(const OrderRouteParts& parts) {
  Route post;
  post.method = "POST";
  post.pattern = "/api/conversions";
  post.handler = [parts](const Request& request) { return state(parts, request); };
  post.max_body = 256 * 1024;
  post.summary = "States a purchase, refund, lead, signup or own conversion (secret key, write)";
  Route get_all;
  get_all.method = "GET";
  get_all.pattern = "/api/conversions";
  get_all.handler = [parts](const Request& request) { return list(parts, request); };
  get_all.summary = "Conversions and pending orders, newest first (secret key, read)";
  Route get_one;
  get_one.method = "GET";
  get_one.pattern = "/api/conversions/{id}";
  get_one.handler = [parts](const Request& request) { return show(parts, request); };
  get_one.summary = "One conversion with the credits of every model and its path";
  std::vector<Route> routes;
  routes.push_back(std::move(post));
  routes.push_back(std::move(get_all));
  routes.push_back(std::move(get_one));
  return routes;
}

}  // namespace tl::server::http
