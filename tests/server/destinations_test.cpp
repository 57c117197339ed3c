// SPDX-License-Identifier: Apache-2.0
// What holds for every destination: its settings are checked at start, its body is the same bytes
// every time and carries the event's id, and an answer means the same everywhere where the vendor
// says nothing finer.
#include "tests/server/destination_support.hpp"

#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

std::vector<std::string> all_kinds() {
  std::vector<std::string> kinds;
  for (const auto kind : destinations::destination_kinds()) kinds.emplace_back(kind);
  return kinds;
}

Dispatch given_known_buyer() {
  Dispatch dispatch = given_sale();
  add_contacts(add_browser(dispatch));
  dispatch.anonymous_id = id(2001);
  return dispatch;
}

std::string check_code(const DestinationConfig& config) {
  const auto checked = destinations::check_destination(config);
  return checked.ok() ? "ok" : checked.error().code;
}

}  // namespace

TEST_CASE("what tells two accounts apart is known of every destination", "[destinations]") {
  const std::map<std::string, std::string> kTelling = {{"meta", "pixel_id"},
                                                       {"posthog", "api_key"},
                                                       {"ga4", "measurement_id"},
                                                       {"google_ads", "customer_id"},
                                                       {"tiktok", "pixel_code"},
                                                       {"linkedin", "conversions.purchase"},
                                                       {"pinterest", "ad_account_id"},
                                                       {"snap", "pixel_id"},
                                                       {"reddit", "pixel_id"},
                                                       {"microsoft", "tag_id"},
                                                       {"x", "pixel_id"},
                                                       {"webhook", "url"},
                                                       {"crm", "url"}};
  std::set<std::int64_t> accounts;
  for (const auto kind : destinations::destination_kinds()) {
    const std::string text(kind);
    INFO(text);
    const auto sound = sound_config(text);
    CHECK(accounts.insert(account_of(sound)).second);
    auto other = sound;
    REQUIRE(other.settings.count(kTelling.at(text)) == 1);
    other.settings[kTelling.at(text)] += "7";
    CHECK(account_of(other) != account_of(sound));
    // Tokens change, and names.
    auto same = sound;
    same.name = text + ":named";
    for (const auto& each : destinations::find_destination(kind)->settings())
      if (each.is_secret && each.name != kTelling.at(text))
        same.settings[std::string(each.name)] = "other";
    CHECK(account_of(same) == account_of(sound));
  }
}

TEST_CASE("every destination takes a sound configuration and names what is missing",
          "[destinations]") {
  for (const auto& kind : all_kinds()) {
    INFO(kind);
    const DestinationConfig sound = sound_config(kind);
    CHECK(check_code(sound) == "ok");
    for (const auto& known : destination_of(kind).settings()) {
      if (!known.is_required) continue;
      DestinationConfig config = sound;
      std::erase_if(config.settings, [&](const auto& entry) {
        return entry.first == known.name || entry.first.starts_with(std::string(known.name) + ".");
      });
      INFO(known.name);
      CHECK(check_code(config) == "missing_setting");
    }
    DestinationConfig config = sound;
    config.settings["pixl_id"] = "1";
    CHECK(check_code(config) == "unknown_setting");
  }
}

TEST_CASE("a setting with a character that cannot be part of it is refused", "[destinations]") {
  for (const auto& kind : all_kinds())
    for (const auto& known : destination_of(kind).settings()) {
      if (known.form == Setting::Form::text || known.is_map) continue;
      DestinationConfig config = sound_config(kind);
      config.settings[std::string(known.name)] = "a b\r\nX-Evil: 1";
      INFO(kind << " " << known.name);
      CHECK(check_code(config) == "bad_setting");
    }
}

TEST_CASE("ad platforms are never sent everything or the end of a session", "[destinations]") {
  for (const auto& kind : all_kinds()) {
    if (destination_of(kind).purpose(sound_config(kind)) != Purpose::marketing) continue;
    for (const char* name : {"*", "session_end"}) {
      DestinationConfig config = sound_config(kind);
      config.events = {name};
      INFO(kind << " " << name);
      CHECK(check_code(config) == "bad_setting");
    }
  }
}

TEST_CASE("own measurement and own endpoints need storage, ad platforms marketing",
          "[destinations][consent]") {
  std::vector<std::string> own;
  for (const auto& kind : all_kinds())
    if (destination_of(kind).purpose(sound_config(kind)) == Purpose::storage) own.push_back(kind);
  CHECK(own == std::vector<std::string>{"posthog", "ga4", "webhook", "crm"});
  DestinationConfig config = sound_config("webhook");
  config.settings["needs_marketing"] = "true";
  CHECK(destination_of("webhook").purpose(config) == Purpose::marketing);
}

TEST_CASE("a body is the same bytes every time and knows the event", "[destinations]") {
  const Dispatch dispatch = given_known_buyer();
  for (const auto& kind : all_kinds()) {
    INFO(kind);
    const std::string body = built_text(kind, dispatch, kSaleMs + kMinute);
    CHECK(body == built_text(kind, dispatch, kSaleMs + 2 * kHour));
    const bool knows = body.find(kSaleId) != std::string::npos ||
                       body.find("o-1001") != std::string::npos;  // Google knows the order's
    CHECK(knows);
  }
}

TEST_CASE("a user id that is a contact is told to nobody as it is", "[destinations][consent]") {
  for (const auto& kind : all_kinds()) {
    Dispatch dispatch = given_known_buyer();
    INFO(kind);
    for (const char* contact :
         {"jane.doe@mail.example", " Jane.Doe@Mail.Example ", "auth|jane.doe%40mail.example",
          "+351 912 345 678", "00351912345678"}) {
      dispatch.user_id = contact;
      CHECK(built_text(kind, dispatch).find(contact) == std::string::npos);
      dispatch.anonymous_id.reset();  // an id in place of the browser's
      CHECK(built_text(kind, dispatch).find(contact) == std::string::npos);
      dispatch.anonymous_id = id(2001);
    }
    if (destination_of(kind).purpose(sound_config(kind)) == Purpose::marketing) continue;
    for (const char* own : {"u-7", "351912345678", "0000012345", "@jane"}) {
      dispatch.user_id = own;
      CHECK(built_text(kind, dispatch).find(own) != std::string::npos);
    }
  }
}

TEST_CASE("a destination says whether it uses the visitor's address", "[destinations]") {
  Dispatch dispatch = given_known_buyer();
  REQUIRE(dispatch.context);
  const std::string address = dispatch.context->ip, hash = to_hex(sha256(address));
  std::string users;
  for (const auto& kind : all_kinds()) {
    INFO(kind);
    const std::string body = built_text(kind, dispatch, kSaleMs + kMinute);
    const bool is_told =
        body.find(address) != std::string::npos || body.find(hash) != std::string::npos;
    CHECK(destination_of(kind).uses_address(sound_config(kind)) == is_told);
    if (is_told) users += kind + " ";
  }
  CHECK(users.find("meta ") != std::string::npos);
  DestinationConfig posthog = sound_config("posthog");
  posthog.settings["send_ip"] = "true";
  CHECK(destination_of("posthog").uses_address(posthog));
}

TEST_CASE("an event that leads to nobody is not sent to an ad platform", "[destinations]") {
  for (const auto& kind : all_kinds()) {
    if (destination_of(kind).purpose(sound_config(kind)) != Purpose::marketing) continue;
    INFO(kind);
    CHECK(build_error(kind, given_sale()) == "too_little_customer_information");
  }
}

TEST_CASE("answers that vendors share mean the same everywhere", "[destinations]") {
  for (const auto& kind : all_kinds()) {
    if (kind == "meta") continue;  // by its own codes: meta_test.cpp
    INFO(kind);
    CHECK(judged(kind, 401, "").kind == VerdictKind::auth_failed);
    CHECK(judged(kind, 403, "").kind == VerdictKind::auth_failed);
    CHECK(judged(kind, 302, "").kind == VerdictKind::auth_failed);
    CHECK(judged(kind, 410, "").kind ==
          (kind == "webhook" ? VerdictKind::gone : VerdictKind::auth_failed));
    CHECK(judged(kind, 429, "").kind == VerdictKind::rate_limited);
    CHECK(judged(kind, 408, "").kind == VerdictKind::retry);
    CHECK(judged(kind, 500, "").kind == VerdictKind::retry);
    CHECK(judged(kind, 503, "<html>").kind == VerdictKind::retry);
    CHECK(judged(kind, 400, "").kind == VerdictKind::reject);
    CHECK(judged(kind, 400, "", 2).kind == VerdictKind::bisect);
    CHECK(judged(kind, 413, "", 2).kind == VerdictKind::bisect);
    CHECK(destination_of(kind).judge(no_answer(), 1).kind == VerdictKind::retry);
    CHECK(destination_of(kind).judge(not_connected(), 1).kind == VerdictKind::retry);
  }
}

TEST_CASE("an answer of any shape at all is judged", "[destinations]") {
  const char* const shapes[] = {
      "[]",
      "7",
      "null",
      R"("text")",
      R"({"error":"x","events":7,"data":[]})",
      R"({"code":"0","message":7,"events":[7,null],"invalid_events":7})",
      R"({"error":{"details":[7,{"index":"0","fieldViolations":[7,{}]}]}})",
      R"({"error":{"details":{"index":-1}},"data":{"invalid_events":[7]}})",
      R"({"error":{"code":{},"error_subcode":[]},"events_received":"2"})"};
  for (const auto& kind : all_kinds())
    for (const int status : {200, 400, 422})
      for (const char* shape : shapes) {
        INFO(kind << " " << status << " " << shape);
        CHECK_NOTHROW(judged(kind, status, shape, 2));
        CHECK_NOTHROW(destination_of(kind).judge_test(answered(status, shape)));
        CHECK_NOTHROW(destination_of(kind).read_token(answered(status, shape), kSaleMs));
      }
}

TEST_CASE("who opted out of sale is told to vendors that can limit the use, to no other",
          "[destinations][consent]") {
  Dispatch dispatch = given_known_buyer();
  dispatch.consent.opted_out_of_sale = true;
  const std::map<std::string, std::string> marks = {
      {"meta", R"("data_processing_options":["LDU"])"},
      {"tiktok", R"("limited_data_use":true)"},
      {"pinterest", R"("opt_out":true,"opt_out_type":"LDP")"},
      {"snap", R"("data_processing_options":["LDU"])"},
      {"reddit", R"("data_processing_options":{"modes":["LDU"]})"},
      {"ga4", R"("consent":{"ad_user_data":"DENIED","ad_personalization":"DENIED"})"}};
  for (const auto& [kind, mark] : marks) {
    INFO(kind);
    CHECK(built_text(kind, dispatch).find(mark) != std::string::npos);
  }
  for (const char* kind : {"google_ads", "linkedin", "microsoft", "x"})
    CHECK_FALSE(destination_of(kind).limits(sound_config(kind), "purchase").has_limited_use);
}

TEST_CASE("an event name that a vendor has no id for is refused at start", "[destinations]") {
  for (const char* kind : {"google_ads", "linkedin", "x"}) {
    DestinationConfig config = sound_config(kind);
    config.events = {"purchase", "add_to_cart"};
    INFO(kind);
    CHECK(check_code(config) == "bad_setting");
    config.events.clear();
    CHECK(destinations::destination_takes(config, "purchase"));
    CHECK_FALSE(destinations::destination_takes(config, "add_to_cart"));
  }
}
