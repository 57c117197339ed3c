// SPDX-License-Identifier: Apache-2.0
// A checkout_completed event that a server sent with a secret key (the CRM shape): its properties
// say the order, under the names such senders use. Without an order id or amount it stays an event.
#include "server/core/orders/order_fact.hpp"
#include "server/core/text/id_text.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/stated_conversion.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

const Json* first_of(const Json& object, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (const auto found = object.find(name); found != object.end() && !found->is_null())
      return &*found;
  return nullptr;
}

// Amounts of such senders are decimal text or JSON numbers; the number's own shortest text is read.
Json amount_text(const Json& value) {
  if (value.is_string()) return value;
  return value.is_number() ? Json(value.dump()) : Json(nullptr);
}

// Whatever it is, the order stands: what is no text of a contact is read as one that is none.
std::string contact_text(const Json& value) {
  std::string text = value.is_string() ? value.get<std::string>() : value.dump();
  return id_complaint(text).empty() ? text : "?";
}

}  // namespace

StatedEventRecorder stated_event_recorder(Orders& orders) {
  return [&orders](const SiteConfig& site,
                   const WireEvent& event) -> Outcome<std::vector<std::string>> {
    const Json props = Json::parse(event.props, nullptr, /*allow_exceptions=*/false);
    if (!props.is_object()) return std::vector<std::string>{};
    const Json* order_id = first_of(props, {"order_id", "orderId", "transaction_id"});
    const Json* amount = first_of(props, {"amount", "value", "revenue", "total", "price"});
    if (order_id == nullptr || amount == nullptr) return std::vector<std::string>{};
    Json body = {{"kind", "purchase"}};
    // A repeat arrives at another time and is the same statement.
    if (event.is_dated) body["occurred_at"] = event.t_ms;
    body["order_id"] = order_id->is_string() ? *order_id : Json(order_id->dump());
    body["amount"] = amount_text(*amount);
    const Json* currency = first_of(props, {"currency"});
    body["currency"] = currency != nullptr ? *currency : Json(site.currency);
    for (const char* name : {"email", "phone"})
      if (const Json* value = first_of(props, {name})) body[name] = contact_text(*value);
    for (const char* name : {"name", "country"})
      if (const Json* value = first_of(props, {name})) body[name] = *value;
    if (const Json* user_id = first_of(props, {"user_id", "userId"})) body["user_id"] = *user_id;
    TL_TRY(stated, read_stated_conversion(body, event.t_ms));
    stated.anonymous_id = event.anonymous_id;
    stated.session_id = event.session_id;
    stated.consent = event.consent;
    TL_TRY(recorded, orders.receive_stated(site, stated));
    static_cast<void>(recorded);
    return unreadable_contacts(stated.customer, site);
  };
}

}  // namespace tl::server::http
