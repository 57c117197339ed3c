// SPDX-License-Identifier: Apache-2.0
// Conversions in (POST, by the site's own server: 201 new, 200 the same again, 409 other content)
// and out (lists, one with all its credits). Pending orders stand in the list beside the
// conversions.
#include "server/core/attribution/conversion_kind.hpp"
#include "server/core/orders/named_order.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_answer.hpp"
#include "server/http/list_request.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/stated_conversion.hpp"
#include "server/http/statement_rejects.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxStatement = std::size_t{256} * 1024;

// Of replayed input the site whose key it had.
Outcome<std::shared_ptr<const SiteConfig>> site_of_key(const OrderRouteParts& parts,
                                                       const Request& request,
                                                       std::string_view scope) {
  TL_TRY(site_id, request.replayed ? Outcome<std::string>(request.replayed->site_id)
                                   : parts.authorise(request, scope));
  auto site = parts.find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  return site;
}

Outcome<StatedConversion> read_statement(const Request& request, const SiteConfig& site) {
  if (auto too_long = long_body_error(request, kMaxStatement)) return std::move(*too_long);
  TL_TRY(body, read_json_object(request.body));
  if (const auto named = body.find("site");
      named != body.end() && !(named->is_string() && named->get<std::string>() == site.id))
    return fail(ErrorKind::forbidden, "wrong_site",
                "the key belongs to the site \"" + site.id + "\"");
  TL_TRY(stated, read_stated_conversion(body, request.received_ms));
  const std::string& email = stated.customer.email;
  if (!email.empty() && !contact_hash(ContactKind::email, email, {}))
    return invalid("bad_email", "\"email\" is no e-mail address; leave it out where there is none");
  return stated;
}

Reply state(const OrderRouteParts& parts, const Request& request) {
  const auto allowed = site_of_key(parts, request, "write");
  if (!allowed.ok()) return refused(allowed.error());
  const SiteConfig& site = *allowed.value();
  const auto stated = read_statement(request, site);
  if (!stated.ok()) return refuse_statement(parts.store, request, site.id, stated.error());
  const auto result = parts.orders.receive_stated(site, stated.value());
  if (!result.ok()) return refuse_statement(parts.store, request, site.id, result.error());

  OrderedJson answer = {{"kind", stated.value().kind},
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
  auto reply = answer_json(result.value().is_new ? 201 : 200, answer);
  std::string flags = result.value().is_new ? "" : "duplicate";
  // A phone is not refused, for what can be read as a number depends on a country that the seller
  // may not know: the sale counts without it, and the answer says so.
  for (const auto& contact : unreadable_contacts(stated.value().customer, site))
    flags += (flags.empty() ? "bad_" : ", bad_") + contact;
  if (!flags.empty()) reply.header("X-Throughline", flags);
  return reply;
}

// Two lists in one, newest first. The cursor holds both places: "<conversions>~<orders>".
// An order that is not paid yet would be a purchase.
Outcome<ListPage> read_page(Tables& tables, ListQuery query, const ConversionFilter& filter) {
  const std::string cursor = query.cursor;
  const auto tilde = cursor.find('~');
  std::string conversions_from = cursor.substr(0, tilde);
  std::string orders_from = tilde == std::string::npos ? std::string() : cursor.substr(tilde + 1);
  query.cursor = conversions_from;
  TL_TRY(conversions, tables.orders().list_conversions(query, filter));
  query.cursor = orders_from;
  Page<OrderRow> pending;
  if (filter.kind.empty() || filter.kind == "purchase") {
    TL_TRY(found, tables.orders().list_orders(query, OrderState::pending));
    pending = std::move(found);
  }

  ListPage page;
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
    return tables.orders().list_conversions(again, filter);
  }));
  TL_CHECK(place_after(pending, taken_pending, orders_from, [&](const ListQuery& again) {
    return tables.orders().list_orders(again, OrderState::pending);
  }));
  page.next_cursor = conversions_from + "~" + orders_from;
  return page;
}

std::vector<std::string> conversion_columns() {
  return with_touches({"id",
                       "kind",
                       "provider",
                       "order_id",
                       "occurred_at",
                       "amount",
                       "refunded",
                       "currency",
                       "amount_minor",
                       "refunded_minor",
                       "status",
                       "live",
                       "subscription",
                       "match_type",
                       "session_id",
                       "anonymous_id",
                       "touches",
                       "days_to_convert",
                       "checkout_duration_s",
                       "self_reported",
                       "bot"});
}

Outcome<Reply> list(const OrderRouteParts& parts, const Request& request) {
  TL_TRY(site, site_of_key(parts, request, "read"));
  TL_TRY(query, read_list_request(request, site->id, parts.find_site, {"kind", "format"}));
  ConversionFilter filter;
  filter.kind = request.query_value("kind");
  const auto read = [parts, site = site, filter](const ListQuery& asked) -> Outcome<ListPage> {
    ListPage page;
    TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(merged, read_page(tables, asked, filter));
      page = std::move(merged);
      return {};
    }));
    // Events that counted once have their history, whatever the site's kinds are now.
    if (!filter.kind.empty() && page.items.empty() && asked.cursor.empty())
      TL_CHECK(check_conversion_kind(*site, filter.kind));
    return page;
  };
  return answer_list(request, query, {"conversions", conversion_columns()}, read);
}

Reply show(const OrderRouteParts& parts, const Request& request) {
  const auto allowed = site_of_key(parts, request, "read");
  if (!allowed.ok()) return refused(allowed.error());
  const std::string& site_id = allowed.value()->id;
  const std::string& wanted = request.params.at("id");
  OrderedJson answer;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    std::optional<ConversionRow> conversion;
    if (const auto id = parse_uuid(wanted); id.ok()) {
      TL_TRY(found, tables.orders().find_conversion(site_id, id.value()));
      conversion = std::move(found);
    } else {
      TL_TRY(order, find_named_order(tables.orders(), site_id, wanted));
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
  return answer_json(200, answer);
}

}  // namespace

std::vector<Route> conversion_routes(const OrderRouteParts& parts) {
  Route post;
  post.method = "POST";
  post.pattern = "/api/conversions";
  post.handler = [parts](const Request& request) { return state(parts, request); };
  post.max_body = kMaxStatement;
  post.max_kept_body = kMaxKeptBody;
  post.keep_unread = keep_unread_statement(parts);
  post.summary =
      "States a purchase, refund, lead or later stage, signup or own conversion (secret key, "
      "write)";
  Route get_all;
  get_all.method = "GET";
  get_all.pattern = "/api/conversions";
  get_all.handler = [parts](const Request& request) {
    auto reply = list(parts, request);
    return reply.ok() ? std::move(reply).value() : refused(reply.error());
  };
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
