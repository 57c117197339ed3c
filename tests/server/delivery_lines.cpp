// SPDX-License-Identifier: Apache-2.0
// Lets the vendors' own packages be compared with ours (tests/vendor):
//   delivery_lines normalise   a line {"key","value"} each -> reference and sent
//   (meta_cleaning.hpp) delivery_lines lower       a JSON string each -> lower-cased
//   (ecma_text.hpp) delivery_lines requests    one line of facts each ->
//   {"meta":REQUEST,"posthog":REQUEST}, and REQUEST of each kind in "configs": {kind: settings}
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/text/ecma_text.hpp"
#include "server/destinations/registry.hpp"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

namespace {

using namespace tl;
using namespace tl::server;
using Json = nlohmann::json;

std::optional<Id128> id_at(const Json& facts, const char* key) {
  const auto id = parse_uuid(facts.value(key, ""));
  return id.ok() ? std::optional(id.value()) : std::nullopt;
}

// {"u": landing URL, "r": referrer, "channel"}
std::optional<TouchRow> touch_at(const Json& facts, const char* key) {
  if (!facts.contains(key)) return {};
  TouchRow touch;
  static_cast<void>(parse_channel(facts[key].value("channel", ""), touch.channel));
  touch.evidence = facts[key].dump();
  return touch;
}

Dispatch dispatch_of(const Json& facts) {
  Dispatch dispatch;
  dispatch.event_name = facts.value("event_name", "");
  dispatch.event_id = id_at(facts, "event_id").value_or(Id128{});
  dispatch.occurred_ms = facts.value("occurred_ms", std::int64_t{0});
  dispatch.anonymous_id = id_at(facts, "anonymous_id");
  dispatch.session_id = id_at(facts, "session_id");
  dispatch.user_id = facts.value("user_id", "");
  dispatch.consent = {Choice::granted, Choice::granted, Choice::unknown, false};
  dispatch.url = facts.value("url", "");
  dispatch.title = facts.value("title", "");
  dispatch.first_touch = touch_at(facts, "first_touch");
  dispatch.last_touch = touch_at(facts, "last_touch");
  dispatch.refunded_minor = facts.value("refunded_minor", std::int64_t{0});
  dispatch.props = facts.value("props", Json::object()).dump();
  dispatch.email_variants = contact_variants(ContactKind::email, facts.value("email", ""), "");
  dispatch.phone_variants = contact_variants(ContactKind::phone, facts.value("phone", ""), "");
  SessionContext context;
  context.ip = facts.value("ip", "");
  context.user_agent = facts.value("user_agent", "");
  context.fbc = facts.value("fbc", "");
  context.fbp = facts.value("fbp", "");
  dispatch.context = context;
  const Json clicks = facts.value("click_ids", Json::object());
  for (const auto& [name, value] : clicks.items())
    dispatch.clicks.push_back({name, value.get<std::string>(), dispatch.occurred_ms});
  if (!facts.contains("order_id")) return dispatch;
  ConversionRow conversion;
  conversion.order_id = facts.value("order_id", "");
  conversion.amount_minor = facts.value("amount_minor", std::int64_t{0});
  conversion.currency = facts.value("currency", "");
  conversion.content = facts.value("content", Json::object()).dump();
  dispatch.conversion = conversion;
  OrderRow order;
  order.items = facts.value("items", Json::array()).dump();
  dispatch.order = order;
  return dispatch;
}

Json request_of(const char* kind, const DestinationConfig& config, const Dispatch& dispatch) {
  const Destination* destination = destinations::find_destination(kind);
  const auto body = destination->build(dispatch, config, dispatch.occurred_ms);
  if (!body.ok()) return {{"error", body.error().code}};
  OutgoingRequest request = destination->envelope({body.value()}, config);
  destination->sign(request, config, {dispatch.occurred_ms, std::string(32, 'a'), "token"});
  return {{"method", request.method},
          {"url", request.url},
          {"headers", request.headers},
          {"text", request.body},
          {"body", Json::parse(request.body)}};
}

std::string requests_line(const std::string& line) {
  const Json facts = Json::parse(line);
  const Dispatch dispatch = dispatch_of(facts);
  DestinationConfig meta{"meta", "meta", {{"pixel_id", "123"}, {"access_token", "token"}}, {}};
  for (const char* name : {"app_secret", "test_event_code"})
    meta.settings[name] = facts.value(name, "");
  DestinationConfig posthog{"posthog", "posthog", {{"api_key", "phc_x"}}, {}};
  Json requests{{"meta", request_of("meta", meta, dispatch)},
                {"posthog", request_of("posthog", posthog, dispatch)}};
  const Json configs = facts.value("configs", Json::object());
  for (const auto& [kind, settings] : configs.items()) {
    DestinationConfig config{kind, kind, {}, {}};
    for (const auto& [name, value] : settings.items()) config.settings[name] = value;
    requests[kind] = request_of(kind.c_str(), config, dispatch);
  }
  return requests.dump();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc == 2 ? argv[1] : "";
  std::string line;
  while (std::getline(std::cin, line)) {
    if (mode == "normalise") {
      std::cout << tl::server::explain_meta_normalisation(line, "") << '\n';
    } else if (mode == "lower") {
      const auto text = Json::parse(line).get<std::string>();
      std::cout << Json(ecma_lower(text)).dump() << '\n';
    } else if (mode == "requests") {
      std::cout << requests_line(line) << '\n';
    } else {
      std::cerr << "usage: delivery_lines normalise|lower|requests < lines\n";
      return 2;
    }
  }
  return 0;
}
