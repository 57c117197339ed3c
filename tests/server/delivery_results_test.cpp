// SPDX-License-Identifier: Apache-2.0
// A vendor that takes first and judges later: what the lane makes of it, on a real store with a
// scripted Google.
#include "server/core/orders/orders.hpp"
#include "tests/server/google_world.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr std::int64_t kHalfHour = 30 * kMinute;

Json status(const std::string& state, const std::string& reason = "", int failed = 1,
            int records = 1, const std::string& reference = "page_view") {
  Json one = {{"destination", {{"reference", reference}}},
              {"requestStatus", state},
              {"eventsIngestionStatus", {{"recordCount", std::to_string(records)}}}};
  if (!reason.empty())
    one["errorInfo"]["errorCounts"] =
        Json::array({{{"recordCount", std::to_string(failed)},
                      {"reason", "PROCESSING_ERROR_REASON_" + reason}}});
  return {{"requestStatusPerDestination", Json::array({one})}};
}

// Takes every request and says of the n-th what `says(n, its events)` says.
struct JudgingGoogle : GoogleWorld {
  JudgingGoogle() {
    client.otherwise = [this](const OutgoingRequest& request) { return answer(request); };
  }
  OutgoingAnswer answer(const OutgoingRequest& request) {
    if (asks_for_token(request)) return google_that_accepts(request);
    if (request.method == "GET") {
      CHECK(request.headers.at("Authorization").starts_with("Bearer "));
      const auto number = std::stoul(request.url.substr(request.url.rfind('=') + 2));
      asked.push_back(request.url);
      if (is_down) return answered(503, "down");
      if (is_forgetful) return answered(404, "not found");
      return answered(200, says(taken.at(number - 1)["events"]).dump());
    }
    taken.push_back(Json::parse(request.body));
    return answered(200, Json{{"requestId", "r" + std::to_string(taken.size())}}.dump());
  }
  // Runs a new lane, as after a restart, until it is quiet.
  void run_all() {
    auto one = lane("google_ads");
    for (int round = 0; round < 20 && run(one); ++round) continue;
  }
  void after(std::int64_t ms) {
    store.clock.advance(ms);
    run_all();
  }
  DeliveryRow row_of(const Id128& event_id) { return row(event_id, "google_ads"); }
  std::vector<DeliveryAttempt> attempts_of(const Id128& event_id) {
    const auto number = row_of(event_id).id;
    return store.get([&](Tables& t) { return t.outbox().attempts_of(number); });
  }

  std::function<Json(const Json& events)> says = [](const Json&) { return status("SUCCESS"); };
  bool is_down = false, is_forgetful = false;
  std::vector<Json> taken;
  std::vector<std::string> asked;
};

StatedConversion sale(const JudgingGoogle& world) {
  StatedConversion stated;
  stated.reference = "o-1001";
  stated.amount_minor = 4990;
  stated.currency = "EUR";
  stated.occurred_ms = kNow;
  stated.anonymous_id = id(2001);
  stated.session_id = world.session_id;
  stated.customer.email = "jane.roe@gmail.com";
  stated.digest = sha256("o-1001");
  return stated;
}
StatedConversion refund(const JudgingGoogle& world, const std::string& id, std::int64_t minor) {
  StatedConversion stated = sale(world);
  stated.kind = "refund";
  stated.refund_id = id;
  stated.amount_minor = minor;
  stated.occurred_ms = kNow + kHour;
  stated.digest = sha256(id);
  return stated;
}
Id128 told(JudgingGoogle& world, const StatedConversion& stated) {
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  return value_of(orders.receive_stated(world.site, stated)).conversion_id;
}
std::vector<Json> events_of(const JudgingGoogle& world) {
  std::vector<Json> events;
  for (const Json& request : world.taken)
    for (const Json& event : request["events"]) events.push_back(event);
  return events;
}

}  // namespace

TEST_CASE("what Google took counts as delivered when Google says so", "[outbox][results]") {
  JudgingGoogle world;
  bool is_done = false;
  world.says = [&](const Json&) { return status(is_done ? "SUCCESS" : "PROCESSING"); };
  const auto event = world.tell();
  world.run_all();
  CHECK(world.row_of(event.id).state == DeliveryState::accepted);
  CHECK_FALSE(world.row_of(event.id).delivered_ms.has_value());

  world.after(kHalfHour - 1);
  CHECK(world.asked.empty());
  world.after(1);
  REQUIRE(world.asked.size() == 1);
  CHECK(world.asked[0] ==
        "https://datamanager.googleapis.com/v1/requestStatus:retrieve?requestId=r1");
  CHECK(world.row_of(event.id).state == DeliveryState::accepted);

  is_done = true;
  world.after(kHalfHour);  // as long again
  CHECK(world.asked.size() == 2);
  const auto row = world.row_of(event.id);
  CHECK(row.state == DeliveryState::delivered);
  CHECK(row.body.empty());
  CHECK(row.receipt.empty());
  CHECK(world.taken.size() == 1);
  CHECK(world.attempts_of(event.id).back().outcome == "delivered");
}

TEST_CASE("an event that Google cannot use after all is dead with its reason",
          "[outbox][results]") {
  JudgingGoogle world;
  world.says = [](const Json&) { return status("FAILED", "INVALID_GCLID"); };
  const auto event = world.tell();
  world.run_all();
  world.after(kHalfHour);
  const auto row = world.row_of(event.id);
  CHECK(row.state == DeliveryState::dead);
  CHECK(row.last_error == "Google Ads could not use the event: INVALID_GCLID");
  CHECK(world.attempts_of(event.id).back().answer.find("INVALID_GCLID") != std::string::npos);
  CHECK(world.reports == std::vector<std::string>{"dead_letter"});
}

TEST_CASE("when some of a batch failed each goes again alone and has its own result",
          "[outbox][results]") {
  JudgingGoogle world;
  std::vector<EventRow> events;
  for (int i = 0; i < 5; ++i) events.push_back(world.tell());
  const std::string bad = uuid(events[3].id);
  world.says = [&](const Json& sent) {
    const auto is_bad = [&](const Json& event) { return event["transactionId"] == bad; };
    const bool has_bad = std::any_of(sent.begin(), sent.end(), is_bad);
    const int size = static_cast<int>(sent.size());
    if (!has_bad) return status("SUCCESS");
    return status(size > 1 ? "PARTIAL_SUCCESS" : "FAILED", "INVALID_GCLID", 1, size);
  };
  world.run_all();
  REQUIRE(world.taken.size() == 1);

  world.after(kHalfHour);
  REQUIRE(world.taken.size() == 6);
  for (std::size_t i = 1; i < world.taken.size(); ++i) {
    REQUIRE(world.taken[i]["events"].size() == 1);
    CHECK(world.taken[i]["events"][0] == world.taken[0]["events"][i - 1]);
  }
  world.after(kHalfHour);
  for (const auto& event : events)
    CHECK(world.row_of(event.id).state ==
          (uuid(event.id) == bad ? DeliveryState::dead : DeliveryState::delivered));
  CHECK(world.taken.size() == 6);
}

TEST_CASE("what goes alone waits while the vendor does not answer", "[outbox][results]") {
  JudgingGoogle world;
  for (int i = 0; i < 5; ++i) world.tell();
  world.says = [](const Json& sent) {
    return status("PARTIAL_SUCCESS", "INVALID_GCLID", 1, static_cast<int>(sent.size()));
  };
  world.run_all();
  world.store.clock.advance(kHalfHour);
  std::size_t refused = 0;
  world.client.otherwise = [&](const OutgoingRequest& request) {
    if (request.method == "GET" || asks_for_token(request)) return world.answer(request);
    ++refused;
    return answered(503, "busy");
  };
  auto lane = world.lane("google_ads");
  for (int round = 0; round < 5; ++round) world.run(lane);
  CHECK(refused == 1);
}

TEST_CASE("a fault of Google's own sends all again, a repeat counts as taken",
          "[outbox][results]") {
  JudgingGoogle world;
  world.says = [](const Json&) { return status("FAILED", "INTERNAL_ERROR", 2, 2); };
  const auto first = world.tell(), second = world.tell();
  world.run_all();
  world.after(kHalfHour);
  CHECK(world.row_of(first.id).state == DeliveryState::failed);
  CHECK(world.row_of(second.id).state == DeliveryState::failed);
  world.says = [](const Json&) { return status("FAILED", "DUPLICATE_TRANSACTION_ID", 2, 2); };
  world.after(kHour);
  world.after(kHalfHour);
  CHECK(world.row_of(first.id).state == DeliveryState::delivered);
  CHECK(world.row_of(second.id).state == DeliveryState::delivered);
}

TEST_CASE("terms that nobody signed pause the lane and cost no event", "[outbox][results]") {
  JudgingGoogle world;
  world.says = [](const Json&) {
    return status("FAILED", "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED");
  };
  const auto event = world.tell();
  world.run_all();
  world.after(kHalfHour);
  CHECK(world.lane_state("google_ads").state == "auth_failed");
  CHECK(world.row_of(event.id).state == DeliveryState::failed);
}

TEST_CASE("questions that nobody answers hold up nothing that is to be sent", "[outbox][results]") {
  JudgingGoogle world;
  world.is_down = true;
  const auto first = world.tell();
  world.run_all();
  world.store.clock.advance(kHalfHour);
  const auto second = world.tell();
  world.run_all();
  CHECK(world.taken.size() == 2);
  CHECK(world.asked.size() == 1);
  CHECK(world.row_of(second.id).state == DeliveryState::accepted);
  // Half an hour, an hour, two …, at most six: some thirty questions a week.
  for (int hour = 0; hour < 24 * 8; ++hour) world.after(kHour);
  CHECK(world.asked.size() < 80);
  const auto row = world.row_of(first.id);
  CHECK(row.state == DeliveryState::delivered);
  CHECK(row.last_error.starts_with("result_unknown"));
}

TEST_CASE("a request that Google no longer knows is not asked for again", "[outbox][results]") {
  JudgingGoogle world;
  const auto event = world.tell();
  world.run_all();
  world.is_forgetful = true;
  world.after(kHalfHour);
  CHECK(world.row_of(event.id).state == DeliveryState::delivered);
  CHECK(world.row_of(event.id).last_error.starts_with("result_unknown"));
}

TEST_CASE("what was accepted is not sent again after marketing was withdrawn",
          "[outbox][results][consent]") {
  JudgingGoogle world;
  world.says = [](const Json&) { return status("PARTIAL_SUCCESS", "INVALID_GCLID", 1, 2); };
  const auto event = world.tell();
  world.tell();
  world.run_all();
  CHECK_FALSE(world.row_of(event.id).body.empty());
  world.consent(Choice::granted, Choice::denied);
  world.store.put([](Tables& t) -> Outcome<void> {
    TL_TRY(count, t.outbox().withhold_queued("demo", id(2001), "consent_withdrawn"));
    CHECK(count == 0);
    return {};
  });
  CHECK(world.row_of(event.id).body.empty());
  world.after(kHalfHour);
  CHECK(world.taken.size() == 1);
  CHECK(world.row_of(event.id).state == DeliveryState::withheld);
}

TEST_CASE("a refund is the sale told again with what is left of it", "[outbox][google_ads]") {
  JudgingGoogle world;
  world.says = [](const Json&) { return status("SUCCESS", "", 0, 1, "purchase"); };
  const auto conversion = told(world, sale(world));
  world.after(10 * kMinute);
  REQUIRE(events_of(world).size() == 1);
  world.store.clock.advance(2 * kHour);
  told(world, refund(world, "re_1", 990));
  told(world, refund(world, "re_2", 1000));
  world.after(10 * kMinute);

  const auto events = events_of(world);
  REQUIRE(events.size() == 3);
  CHECK(events[0]["conversionValue"] == 49.9);
  CHECK(events[2]["conversionValue"] == 30);
  for (const Json& event : events) {
    CHECK(event["transactionId"] == "o-1001");
    CHECK(event["destinationReferences"] == Json{"purchase"});
    CHECK(event["eventTimestamp"] == events[0]["eventTimestamp"]);
    CHECK(event["userData"] == events[0]["userData"]);
  }
  told(world, refund(world, "re_3", 3000));
  world.after(10 * kMinute);
  CHECK(events_of(world).back()["conversionValue"] == 0);
  world.after(kHalfHour);
  CHECK(world.row_of(conversion).state == DeliveryState::delivered);
}

TEST_CASE("a refund that is reversed gives the sale its value back", "[outbox][google_ads]") {
  JudgingGoogle world;
  world.site.destinations.push_back({"posthog", "posthog", {{"api_key", "phc_1"}}, {}});
  world.says = [](const Json&) { return status("SUCCESS", "", 0, 1, "purchase"); };
  Orders orders(*world.store, world.store.clock, destinations::destination_takes);
  const auto tell = [&](const std::string& key, const std::function<void(OrderChange&)>& as) {
    OrderChange change;
    change.event_key = change.change_key = key;
    change.event_type = "charge";
    change.order_id = "o-1001";
    change.currency = "EUR";
    change.occurred_ms = world.store.clock.now_ms();
    as(change);
    InboxEntry entry;
    entry.provider = "stripe";
    entry.event_key = key;
    entry.received_ms = change.occurred_ms;
    entry.headers_json = "{}";
    value_of(orders.receive_webhook(world.site, entry, {change}));
    world.after(2 * kHour);
  };
  const auto refund = [](const char* id, std::int64_t minor, const char* status) {
    return [=](OrderChange& change) {
      change.kind = OrderChange::Kind::refund;
      change.refund_id = id;
      change.refund_amount_minor = minor;
      change.refund_status = status;
    };
  };
  const auto last_value = [&] { return events_of(world).back()["conversionValue"].get<double>(); };
  tell("paid", [&](OrderChange& change) {
    change.kind = OrderChange::Kind::purchase;
    change.amount_minor = 4990;
    change.anonymous_id = id(2001);
    change.session_id = world.session_id;
  });
  CHECK(last_value() == 49.9);
  tell("re_1", refund("re_1", 990, "succeeded"));
  CHECK(last_value() == 40);
  tell("re_1 failed", refund("re_1", 990, "failed"));
  CHECK(last_value() == 49.9);
  // What others heard of covers this one; Google hears what is left.
  tell("re_2", refund("re_2", 500, "succeeded"));
  CHECK(last_value() == 44.9);
  CHECK(events_of(world).size() == 4);
  for (const Json& event : events_of(world)) CHECK(event["transactionId"] == "o-1001");
  tell("re_2 again", refund("re_2", 500, "succeeded"));
  CHECK(events_of(world).size() == 4);

  const auto page = world.store.get([](Tables& t) {
    ListQuery query;
    query.site_id = "demo";
    return t.outbox().list_deliveries(query, std::nullopt, "posthog");
  });
  CHECK(page.items.size() == 2);  // the sale and its first refund
}

TEST_CASE("a sale whose telling failed says what is left of it when it is told again",
          "[outbox][google_ads]") {
  JudgingGoogle world;
  told(world, sale(world));
  world.client.script = {answered(200, R"({"access_token":"a","expires_in":86400})"), no_answer()};
  world.after(10 * kMinute);
  told(world, refund(world, "re_1", 990));
  world.after(2 * kHour);
  const auto events = events_of(world);
  REQUIRE(events.size() == 2);
  for (const Json& event : events) CHECK(event["conversionValue"] == 40);
}

TEST_CASE("a refund of a sale that Google would not take stays here", "[outbox][google_ads]") {
  JudgingGoogle world;
  world.says = [](const Json&) { return status("FAILED", "INVALID_GCLID", 1, 1, "purchase"); };
  const auto conversion = told(world, sale(world));
  world.after(10 * kMinute);
  world.after(kHalfHour);
  REQUIRE(world.row_of(conversion).state == DeliveryState::dead);
  world.store.clock.advance(2 * kHour);
  told(world, refund(world, "re_1", 990));
  world.after(10 * kMinute);
  CHECK(world.taken.size() == 1);
  const auto page = world.store.get([](Tables& t) {
    ListQuery query;
    query.site_id = "demo";
    return t.outbox().list_deliveries(query, DeliveryState::withheld, "google_ads");
  });
  REQUIRE(page.items.size() == 1);
  CHECK(page.items[0].event_name == "refund");
  CHECK(page.items[0].last_error == "sale_not_told");
}

TEST_CASE("who tells no refunds leaves a sale at its first value", "[google_ads]") {
  Dispatch dispatch = given_sale();
  add_click(dispatch, "gclid", "Cj0abc");
  dispatch.conversion->refunds = R"([[1767323046000,990,"re_1"]])";
  CHECK(built("google_ads", dispatch)["conversionValue"] == 49.9);
  auto config = sound_config("google_ads");
  config.settings["restate_refunds"] = "true";
  const auto value = [&] {
    const auto body = destination_of("google_ads").build(dispatch, config, kSaleMs + kMinute);
    return Json::parse(value_of(body))["conversionValue"].get<double>();
  };
  CHECK(value() == 40);
  config.events = {"purchase"};
  CHECK(value() == 49.9);
}
