// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/customer.hpp"

#include "server/core/access/public_address.hpp"
#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/event_facts.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::destinations {
namespace {

std::string member_text(const std::string& json_text, std::string_view name) {
  const auto json = nlohmann::json::parse(json_text, nullptr, false);
  if (!json.is_object()) return {};
  const auto found = json.find(std::string(name));
  return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Names came hashed with the payment, the country plain.
MetaValue customer_value(const OrderRow& order, MetaKey key, std::string_view name) {
  const std::string plain = member_text(order.customer, name);
  if (plain.empty()) return {};
  return meta_cleaned(key, plain, {}).value_or(MetaValue{});
}

// The lives of the vendors' own click cookies; Google, LinkedIn and Meta look back no further.
std::int64_t max_click_age_ms(std::string_view name) {
  return (name == "ttclid" ? 30 : 90) * kDayMs;
}

}  // namespace

std::string sha256_hex(std::string_view text) {
  const Digest digest = sha256(text);
  return to_hex(digest);
}

std::string plain_user_id(const Dispatch& dispatch) {
  return reads_as_contact(dispatch.user_id) ? std::string() : dispatch.user_id;
}

std::string anonymous_id_text(const Dispatch& dispatch) {
  return dispatch.anonymous_id ? uuid_text(*dispatch.anonymous_id) : std::string();
}

Customer customer_of(const Dispatch& dispatch, std::string_view email_form,
                     std::string_view phone_form) {
  Customer customer;
  customer.email = member_text(dispatch.email_variants, email_form);
  customer.phone = member_text(dispatch.phone_variants, phone_form);
  if (dispatch.order) {
    customer.first_name = customer_value(*dispatch.order, MetaKey::fn, "fn").sent;
    customer.last_name = customer_value(*dispatch.order, MetaKey::ln, "ln").sent;
    const MetaValue country = customer_value(*dispatch.order, MetaKey::country, "country");
    customer.country = country.sent;
    customer.country_code = country.text.value_or("");
  }
  if (dispatch.anonymous_id)
    customer.external_ids.push_back(sha256_hex(anonymous_id_text(dispatch)));
  if (!dispatch.user_id.empty()) customer.external_ids.push_back(sha256_hex(dispatch.user_id));
  if (dispatch.context) {
    if (is_public_address(dispatch.context->ip)) customer.ip = dispatch.context->ip;
    customer.user_agent = dispatch.context->user_agent;
  }
  return customer;
}

void add_hashed_user(JsonObject& data, const Customer& customer) {
  data.texts("em", {customer.email})
      .texts("ph", {customer.phone})
      .texts("fn", {customer.first_name})
      .texts("ln", {customer.last_name})
      .texts("country", {customer.country})
      .texts("external_id", customer.external_ids)
      .text("client_ip_address", customer.ip)
      .text("client_user_agent", customer.user_agent);
}

bool leads_somewhere(const Customer& customer) {
  return !customer.email.empty() || !customer.phone.empty() || !customer.external_ids.empty() ||
         customer.has_browser();
}

ServerError leads_to_nobody(std::string_view vendor) {
  return invalid(std::string(kTooLittleInformation),
                 "nothing in this event leads " + std::string(vendor) +
                     " to a person or browser: no e-mail, phone, id, click id or address with "
                     "user agent");
}

KnownClick click_of(const Dispatch& dispatch, std::initializer_list<std::string_view> names) {
  const auto& conversion = dispatch.conversion;
  const std::int64_t until_ms = conversion ? conversion->occurred_ms : dispatch.occurred_ms;
  KnownClick newest;
  for (const std::string_view name : names)
    for (const auto& click : dispatch.clicks) {
      if (click.name != name) continue;
      const bool is_too_old = until_ms - click.t_ms > max_click_age_ms(name);
      if (!is_too_old && (newest.value.empty() || click.t_ms > newest.t_ms)) newest = click;
      break;
    }
  return newest;
}

std::string click_id_of(const Dispatch& dispatch, std::string_view name) {
  return click_of(dispatch, {name}).value;
}

std::string cookie_of(const Dispatch& dispatch, std::string VendorCookies::*cookie) {
  return dispatch.context ? (*dispatch.context).*cookie : std::string();
}

std::string click_or_cookie(const Dispatch& dispatch, std::string_view name,
                            std::string VendorCookies::*cookie) {
  std::string click = click_id_of(dispatch, name);
  return click.empty() ? cookie_of(dispatch, cookie) : click;
}

}  // namespace tl::server::destinations
