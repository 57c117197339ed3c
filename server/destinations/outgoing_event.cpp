// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/outgoing_event.hpp"

#include "server/core/text/rfc3339.hpp"
#include "server/destinations/customer.hpp"
#include "server/destinations/json_object.hpp"
#include "throughline/channel.hpp"

#include <set>

namespace tl::server::destinations {

std::string_view choice_text(Choice choice) {
  switch (choice) {
    case Choice::granted:
      return "granted";
    case Choice::denied:
      return "denied";
    default:
      return "unknown";
  }
}

std::string consent_json(const Consent& consent) {
  JsonObject json;
  json.text("storage", choice_text(consent.storage))
      .text("marketing", choice_text(consent.marketing));
  if (consent.opted_out_of_sale) json.flag("opted_out_of_sale", true);
  return json.finish();
}

std::string touch_json(const TouchRow& touch) {
  JsonObject json;
  json.text("channel", channel_name(touch.channel))
      .text("source", touch.source)
      .text("medium", touch.medium)
      .text("campaign", touch.campaign)
      .text("term", touch.term)
      .text("content", touch.content)
      .text("time", write_rfc3339(touch.t_ms));
  return json.finish();
}

std::string contact_json(const Dispatch& dispatch) {
  const Customer customer = customer_of(dispatch, "digits", "e164");
  JsonObject json;
  json.text("email_sha256", customer.email).text("phone_sha256", customer.phone);
  return json.is_empty() ? std::string() : json.finish();
}

std::string consented_click_ids(const Dispatch& dispatch) {
  JsonObject json;
  std::set<std::string_view> told;
  for (const auto& click : dispatch.clicks)
    if (told.insert(click.name).second) json.text(click.name, click.value);
  return json.is_empty() ? std::string() : json.finish();
}

}  // namespace tl::server::destinations
