// SPDX-License-Identifier: Apache-2.0
#include "server/providers/explain.hpp"

#include "server/core/orders/order_refunds.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/json_values.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/registry.hpp"
#include "server/providers/webhook_fields.hpp"

#include <nlohmann/json.hpp>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;
using Kind = OrderChange::Kind;

std::string dump(const OrderedJson& answer) {
  return answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace);
}

std::string error_line(std::string_view code, std::string_view message) {
  return dump({{"error", {{"code", code}, {"message", message}}}});
}

OrderedJson text_or_null(const std::string& text) {
  return text.empty() ? OrderedJson(nullptr) : OrderedJson(text);
}

template <class T>
OrderedJson number_or_null(const std::optional<T>& number) {
  return number ? OrderedJson(*number) : OrderedJson(nullptr);
}

const char* kind_name(const OrderChange& change) {
  switch (change.kind) {
    case Kind::purchase:
      return "purchase";
    case Kind::refund:
      return change.reason.empty() ? "refund" : "ignored";
    case Kind::dispute:
    case Kind::dispute_closed:
      return "dispute";
    case Kind::lookup:
      return "lookup";
    case Kind::ignored:
    case Kind::unreadable:
    case Kind::pending:
    case Kind::failed:
    case Kind::enrich:
      break;
  }
  return "ignored";
}

OrderedJson explain_change(const OrderChange& change) {
  OrderedJson answer;
  answer["kind"] = kind_name(change);
  if (!change.reason.empty()) answer["reason"] = change.reason;
  answer["event_id"] = text_or_null(change.event_key);
  answer["event_type"] = text_or_null(change.event_type);
  answer["order_id"] = text_or_null(change.order_id);
  auto aliases = OrderedJson::array();
  // "sub_1#first" is our own way to say "the first invoice of sub_1".
  for (const auto& alias : change.aliases) aliases.push_back(alias.substr(0, alias.find('#')));
  answer["order_aliases"] = std::move(aliases);
  const bool has_money = !change.currency.empty();
  const bool is_refund = change.kind == Kind::refund;
  answer["amount_minor"] =
      has_money && !is_refund ? OrderedJson(change.amount_minor) : OrderedJson(nullptr);
  answer["currency"] = text_or_null(change.currency);
  // What was collected as it should be gives nothing back.
  const bool is_collected = change.refund_id && change.refund_id->starts_with(kCollectionId) &&
                            change.refund_status == "pending";
  if (change.refund_amount_minor && !is_collected)
    answer["refund_amount_minor"] =
        change.refund_status == "failed" || change.refund_status == "canceled"
            ? 0
            : *change.refund_amount_minor;
  if (change.refunded_total_minor) answer["refunded_total_minor"] = *change.refunded_total_minor;
  answer["subscription"] = subscription_name(change.subscription);
  answer["live"] = change.tells_live ? OrderedJson(change.live) : OrderedJson(nullptr);
  answer["anonymous_id"] = id_or_null(change.anonymous_id);
  answer["session_id"] = id_or_null(change.session_id);
  answer["checkout_started_at"] = number_or_null(change.checkout_started_ms);
  answer["customer"] = {{"email", text_or_null(change.customer.email)},
                        {"phone", text_or_null(change.customer.phone)},
                        {"name", text_or_null(change.customer.name)},
                        {"country", text_or_null(change.customer.country)}};
  if (const auto& email = change.customer.email;
      !email.empty() && !contact_hash(ContactKind::email, email, {}))
    answer["customer"]["unreadable"] = {"email"};
  auto items = OrderedJson::array();
  for (const auto& item : change.items)
    items.push_back({{"id", text_or_null(item.id)},
                     {"name", text_or_null(item.name)},
                     {"category", text_or_null(item.category)},
                     {"quantity", item.quantity},
                     {"price_minor", number_or_null(item.price_minor)}});
  answer["items"] = std::move(items);
  return answer;
}

OrderedJson reject(const ServerError& error) {
  return {{"kind", "reject"}, {"reason", error.code}, {"message", error.detail}};
}

// The parameters of "/api/webhook/gumroad/shop?token=…".
void read_query(std::string_view path, WebhookRequest& request) {
  const auto mark = path.find('?');
  if (mark == std::string_view::npos) return;
  const auto query = parse_form(path.substr(mark + 1));
  for (const auto& [name, value] : query.items())
    if (value.is_string()) request.query.emplace_back(name, value.get<std::string>());
}

std::string known_providers() {
  std::string names;
  for (const auto& name : provider_names()) names += (names.empty() ? "" : ", ") + name;
  return names;
}

}  // namespace

std::string explain_webhook(std::string_view line, const CustomReader& read_custom) {
  const auto input = parse_foreign_json(line);
  if (!input.is_object())
    return error_line("bad_line", "the line is no JSON object; see `throughline webhook explain`");
  const Provider* provider = find_provider(text_at(input, "provider"));
  if (provider == nullptr)
    return error_line("no_such_provider", "unknown \"provider\" \"" + text_at(input, "provider") +
                                              "\"; this server knows " + known_providers());
  const auto* body = field_at(input, "body");
  if (body == nullptr || !body->is_string())
    return error_line("bad_line", "\"body\" must hold the request's exact text");
  const auto now_s = integer_at(input, "now");
  if (!now_s) return error_line("bad_line", "\"now\" must be whole seconds since 1970");

  PaymentConfig config;
  config.provider = std::string(provider->name());
  if (const auto* secrets = field_at(input, "secrets"); secrets != nullptr && secrets->is_array())
    for (const auto& secret : *secrets)
      if (secret.is_string()) config.webhook_secrets.push_back(secret.get<std::string>());
  if (const auto tolerance = integer_at(input, "config/tolerance_s"))
    config.tolerance_s = *tolerance;
  config.notification_url = text_at(input, "config/notification_url");
  config.webhook_id = text_at(input, "config/webhook_id");
  config.certificate_pem = text_at(input, "config/certificate_pem");
  if (const auto toml = text_at(input, "config/toml"); !toml.empty() && read_custom) {
    auto description = read_custom(toml);
    if (!description.ok()) return error_line(description.error().code, description.error().detail);
    config.custom = std::make_shared<const PaymentDescription>(std::move(description.value()));
  }
  WebhookRequest request;
  const std::string text = body->get<std::string>();
  request.body = text;
  request.now_ms = *now_s * 1000;
  if (const auto* headers = field_at(input, "headers"); headers != nullptr && headers->is_object())
    for (const auto& [name, value] : headers->items())
      if (value.is_string()) request.headers.emplace_back(name, value.get<std::string>());
  read_query(text_at(input, "path"), request);

  auto list = OrderedJson::array();
  const auto explain = [&](const WebhookRequest& told) {
    const auto changes = provider->read(told, config, SiteConfig{});
    if (!changes.ok()) return list.push_back(reject(changes.error()));
    for (const auto& change : changes.value())
      list.push_back(change.kind == Kind::unreadable
                         ? reject(invalid(change.reason, change.complaint))
                         : explain_change(change));
  };
  const auto items = provider->items_of(text);
  for (const auto& item : items) {
    WebhookRequest told = request;
    told.body = item;
    explain(told);
  }
  if (items.empty()) explain(request);
  if (list.size() == 1) return dump(list.front());
  return dump({{"kind", "batch"}, {"changes", std::move(list)}});
}

}  // namespace tl::server
