// SPDX-License-Identifier: Apache-2.0
// The vocabulary of the delivery tests: a client that answers from a script, and a site with both
// destinations, one visitor with full consent, a session, a touch and events to tell.
#pragma once

#include "server/core/outbox/delivery_lane.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/outbox/event_outbox.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/destinations/registry.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace tl::server::test {

using Json = nlohmann::json;

inline OutgoingAnswer answered(int status, std::string body,
                               std::map<std::string, std::string> headers = {}) {
  return {OutgoingAnswer::Reached::answered, status, std::move(headers), std::move(body), {}};
}
inline OutgoingAnswer no_answer() {
  return {OutgoingAnswer::Reached::unknown, 0, {}, {}, "timed out waiting for the answer"};
}
inline OutgoingAnswer not_connected() {
  return {OutgoingAnswer::Reached::not_sent, 0, {}, {}, "connection refused"};
}
inline OutgoingAnswer graph_error(int status, int code, int subcode = 0, bool transient = false) {
  Json error = {{"message", "what Meta says"}, {"type", "OAuthException"}, {"code", code}};
  if (subcode != 0) error["error_subcode"] = subcode;
  if (transient) error["is_transient"] = true;
  return answered(status, Json{{"error", error}}.dump());
}

// Answers from the script; when that is empty, from `otherwise`, which accepts everything.
class ScriptedClient : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest& request) override {
    const std::lock_guard lock(mutex_);
    requests.push_back(request);
    if (on_send) on_send(request);
    if (script.empty()) return otherwise(request);
    OutgoingAnswer answer = script.front();
    script.pop_front();
    return answer;
  }
  static OutgoingAnswer accept(const OutgoingRequest& request) {
    const Json body = Json::parse(request.body);
    if (body.contains("batch")) return answered(200, R"({"status":"Ok"})");
    return answered(200,
                    Json{{"events_received", body["data"].size()}, {"fbtrace_id", "A1"}}.dump());
  }
  [[nodiscard]] Json body(std::size_t index) const { return Json::parse(requests.at(index).body); }

  std::deque<OutgoingAnswer> script;
  std::function<OutgoingAnswer(const OutgoingRequest&)> otherwise = accept;
  std::function<void(const OutgoingRequest&)> on_send;
  std::vector<OutgoingRequest> requests;

 private:
  std::mutex mutex_;
};

inline SiteConfig delivering_site() {
  SiteConfig site = demo_site();
  DestinationConfig meta;
  meta.kind = meta.name = "meta";
  meta.settings = {{"pixel_id", "1234567890"},
                   {"access_token", "EAAtoken"},
                   {"base_url", "http://127.0.0.1:18400"}};
  DestinationConfig posthog;
  posthog.kind = posthog.name = "posthog";
  posthog.settings = {{"api_key", "phc_key"}, {"base_url", "http://127.0.0.1:18401"}};
  site.destinations = {meta, posthog};
  return site;
}

inline constexpr const char* kLanding =
    "https://shop.example/film?utm_source=facebook&utm_medium=paid_social&utm_campaign=autumn"
    "&fbclid=IwAR_Xyz";

// Version 7 and the given time, as the SDK would derive it.
inline Id128 session_at(std::int64_t t_ms, std::uint64_t number = 1) {
  return uuid_v7(t_ms, sha256("session " + std::to_string(number)));
}

class DeliveryWorld {
 public:
  DeliveryWorld() : site(delivering_site()) {
    store.put([&](Tables& t) -> Outcome<void> { return populate(t); });
  }

  DeliveryLane lane(const std::string& destination) {
    return DeliveryLane(parts, "demo", destination);
  }
  // A page event of the visitor, stored and enqueued. Ids from 100 on.
  EventRow tell(const std::string& name = "page_view", const std::string& props = "",
                std::int64_t t_ms = 0) {
    EventRow event = given_event(next_id++, name, t_ms == 0 ? store.clock.now_ms() : t_ms);
    event.session_id = session_id;
    event.url = kLanding;
    event.props = props;
    store.put([&](Tables& t) -> Outcome<void> {
      TL_CHECK(t.events().insert_event(event));
      return enqueue_event(t.outbox(), lanes_for(name), event,
                           {Choice::granted, Choice::granted, Choice::unknown, false},
                           store.clock.now_ms());
    });
    return event;
  }
  // Of the site's destinations that take it. What is told was permitted at its time; the tests are
  // about what holds when it is sent.
  [[nodiscard]] std::vector<EventLane> lanes_for(const std::string& name) const {
    std::vector<EventLane> lanes;
    for (const auto& config : site.destinations)
      if (destinations::destination_takes(config, name))
        lanes.push_back({config.name,
                         config.kind == "meta" ? Purpose::marketing : Purpose::storage,
                         {name},
                         false,
                         0,
                         account_of(config)});
    return lanes;
  }
  void consent(Choice storage, Choice marketing, bool opted_out = false) {
    store.put([&](Tables& t) {
      return t.people().put_consent(
          "demo", id(2001),
          {{storage, marketing, Choice::unknown, opted_out}, store.clock.now_ms()});
    });
  }
  DeliveryRow row(const Id128& event_id, const std::string& destination) {
    for (auto& each :
         store.get([&](Tables& t) { return t.outbox().deliveries_of_event("demo", event_id); }))
      if (each.destination == destination) return each;
    FAIL("no delivery of that event to " << destination);
    return {};
  }
  LaneState lane_state(const std::string& destination) {
    return store.get([&](Tables& t) { return t.outbox().lane("demo", destination); });
  }
  // One round; false when there was nothing to do.
  bool run(DeliveryLane& one) { return value_of(one.run_once()).did_work; }

  TempStore store;
  SiteConfig site;
  ScriptedClient client;
  Id128 session_id = session_at(kNow - kMinute);
  std::uint64_t next_id = 100;
  std::vector<std::string> reports, report_details;
  OutboxParts parts{*store,
                    client,
                    store.clock,
                    store.entropy,
                    [this](std::string_view) { return std::make_shared<const SiteConfig>(site); },
                    destinations::find_destination,
                    [this](std::string_view what, std::string_view, std::string_view detail) {
                      reports.emplace_back(what);
                      report_details.emplace_back(detail);
                    }};

 private:
  Outcome<void> populate(Tables& t) {
    TouchRow touch = given_touch(1, Channel::paid_social, kNow - kMinute);
    touch.session_id = session_id;
    touch.source = "facebook";
    touch.click_ids = R"({"fbclid":"IwAR_Xyz"})";
    touch.evidence = Json{{"u", kLanding}, {"r", "https://l.facebook.com/"}}.dump();
    TL_CHECK(t.events().insert_touch(touch));
    SessionRow session = given_session(1, kNow - kMinute);
    session.id = session_id;
    session.first_touch = session.last_touch = touch.id;
    session.last_content = R"({"id":"film-1","name":"The Long Light","category":"film"})";
    TL_CHECK(t.events().put_session(session));
    SessionContext context;
    context.ip = "93.184.216.34";
    context.user_agent = "Mozilla/5.0 (X11; Linux x86_64)";
    context.landing_url = kLanding;
    context.fbp = "fb.1.1789999000000.1098115397";
    context.fbclid = "IwAR_Xyz";
    context.fbclid_t_ms = kNow - kMinute;
    TL_CHECK(t.events().put_context("demo", session_id, id(2001), context, kNow, kNow + 30 * kDay));
    return t.people().put_consent(
        "demo", id(2001),
        {{Choice::granted, Choice::granted, Choice::unknown, false}, kNow - kHour});
  }
};

}  // namespace tl::server::test
