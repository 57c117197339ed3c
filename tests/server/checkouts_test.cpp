// SPDX-License-Identifier: Apache-2.0
// Creating a checkout at Stripe: what is sent, when it is sent again, what goes wrong and how it
// says so.
#include "server/http/order_routes.hpp"
#include "server/http/unread_tally.hpp"
#include "tests/server/replies.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <map>
#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using http::Reply;
using http::Request;

namespace {

// Answers what it was told to, in order, and keeps what it was sent.
class ScriptedClient : public HttpClient {
 public:
  OutgoingAnswer send(const OutgoingRequest& request) override {
    sent.push_back(request);
    if (answers.empty()) return {};
    const auto next = answers.front();
    if (answers.size() > 1) answers.erase(answers.begin());
    return next;
  }
  std::vector<OutgoingRequest> sent;
  std::vector<OutgoingAnswer> answers;
};

OutgoingAnswer answered(int status, std::string body, const std::string& should_retry = "") {
  OutgoingAnswer answer;
  answer.reached = OutgoingAnswer::Reached::answered;
  answer.status = status;
  answer.body = std::move(body);
  if (!should_retry.empty()) answer.headers["stripe-should-retry"] = should_retry;
  return answer;
}

const char* const kMade = R"({"id":"cs_test_1","url":"https://checkout.stripe.com/c/cs_test_1"})";

std::map<std::string, std::string> form_of(const std::string& body) {
  std::map<std::string, std::string> fields;
  const auto decode = [](std::string_view text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '%') {
        plain += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
        i += 2;
      } else {
        plain += text[i] == '+' ? ' ' : text[i];
      }
    }
    return plain;
  };
  std::string_view rest = body;
  while (!rest.empty()) {
    const auto end = rest.find('&');
    const auto pair = rest.substr(0, end);
    const auto equals = pair.find('=');
    fields[decode(pair.substr(0, equals))] = decode(pair.substr(equals + 1));
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  }
  return fields;
}

class Counter {
 public:
  Counter()
      : checkouts(
            *shop.store, shop.store.clock, client, Shop::lanes(),
            [this](std::int64_t ms) { pauses.push_back(ms); },
            [this](const std::string& site, const CheckoutFault& fault) {
              told.push_back(site + " " + fault.provider + " " + fault.error.code + " " +
                             std::to_string(fault.count));
            }),
        ingest(
            {*shop.store, shop.store.clock, shop.store.entropy, shop.store.box, shop.store.tokens,
             [this](std::string_view site_id) {
               return site_id == "demo" ? std::make_shared<const SiteConfig>(shop.site) : nullptr;
             },
             [](std::string_view) { return std::make_shared<std::vector<EventLane>>(); },
             nullptr}) {
    PaymentConfig stripe;
    stripe.provider = "stripe";
    stripe.api_key = "sk_test_1";
    shop.site.payments = {stripe};
    CheckoutItem film;
    film.id = "film";
    film.price = "price_123";
    film.success_url = "https://shop.example/thanks?cs={CHECKOUT_SESSION_ID}";
    film.cancel_url = "https://shop.example/donate";
    CheckoutItem donation;
    donation.id = "donation";
    donation.currency = "EUR";
    donation.min_minor = 100;
    donation.max_minor = 100'000;
    donation.success_url = film.success_url;
    CheckoutItem membership = donation;
    membership.id = "membership";
    membership.mode = "subscription";
    shop.site.checkouts = {film, donation, membership};
    client.answers = {answered(200, kMade)};
    http::OrderRouteParts parts{
        shop.orders,
        *shop.store,
        shop.store.clock,
        [this](std::string_view site_id) {
          return site_id == "demo" ? std::make_shared<const SiteConfig>(shop.site) : nullptr;
        },
        find_provider,
        [](const Request&, std::string_view) -> Outcome<std::string> {
          return std::string("demo");
        },
        shop.store.tokens,
        checkouts,
        find_checkout_maker,
        unread,
        shop.store.box};
    route = http::checkout_routes(parts, ingest).at(0);
  }

  Reply ask(json body, const std::string& origin = "https://shop.example") {
    const json defaults = {{"site", "demo"}, {"write_key", "wk_demo"}};
    for (const auto& [key, value] : defaults.items())
      if (!body.contains(key)) body[key] = value;
    Request request;
    request.path = "/api/checkout/stripe";
    request.params = {{"provider", "stripe"}};
    if (!origin.empty()) request.headers = {{"Origin", origin}};
    request.body = body.dump();
    request.id = "request-" + std::to_string(++asked);
    return route.handler(request);
  }
  std::string token(Choice storage = Choice::granted) {
    SessionToken visit;
    visit.site_id = "demo";
    visit.anonymous_id = id(2001);
    visit.session_id = id(1001);
    visit.session_index = 1;
    visit.session_start_ms = visit.last_seen_ms = visit.issued_ms = kNow;
    visit.consent.storage = storage;
    return shop.store.tokens.issue(visit);
  }

  Shop shop;
  ScriptedClient client;
  std::vector<std::int64_t> pauses;
  std::vector<std::string> told;  // of failed checkouts
  Checkouts checkouts;
  http::UnreadTally unread{*shop.store};
  Ingest ingest;
  http::Route route;
  int asked = 0;
};

}  // namespace

TEST_CASE("a checkout carries the visit's ids everywhere Stripe keeps them", "[checkout]") {
  Counter counter;
  EventRow seen;
  seen.site_id = "demo";
  seen.id = id(3001);
  seen.session_id = id(1001);
  seen.anonymous_id = id(2001);
  seen.name = "page_view";
  seen.t_ms = kNow - 1;
  seen.url = "https://shop.example/donate";
  counter.shop.store.put([&](Tables& t) -> Outcome<void> {
    TL_CHECK(t.events().insert_event(seen));
    return {};
  });
  const auto reply = counter.ask({{"item", "film"},
                                  {"quantity", 2},
                                  {"token", counter.token()},
                                  {"email", "jane@example.com"}});
  CHECK(reply.status == 200);
  CHECK(json::parse(reply.body)["url"] == "https://checkout.stripe.com/c/cs_test_1");

  REQUIRE(counter.client.sent.size() == 1);
  const auto& request = counter.client.sent[0];
  CHECK(request.url == "https://api.stripe.com/v1/checkout/sessions");
  CHECK(request.headers.at("Authorization") == "Bearer sk_test_1");
  CHECK(request.headers.count("Stripe-Version") == 0);
  CHECK(request.headers.at("Idempotency-Key").size() <= 255);
  const auto form = form_of(request.body);
  CHECK(form.at("mode") == "payment");
  CHECK(form.at("line_items[0][price]") == "price_123");
  CHECK(form.at("line_items[0][quantity]") == "2");
  CHECK(form.at("success_url") == "https://shop.example/thanks?cs={CHECKOUT_SESSION_ID}");
  CHECK(form.at("customer_email") == "jane@example.com");
  CHECK(form.at("metadata[anonymous_id]") == uuid(id(2001)));
  CHECK(form.at("payment_intent_data[metadata][session_id]") == uuid(id(1001)));
  CHECK(form.at("client_reference_id").substr(0, 4) == "tl1_");
  CHECK(form.count("subscription_data[metadata][session_id]") == 0);

  const auto events = counter.shop.store.get(
      [](Tables& t) { return t.events().events_of_session("demo", id(1001), 100); });
  REQUIRE(events.size() == 2);
  CHECK(events[1].name == "checkout_started");
  CHECK(events[1].url == seen.url);  // which Meta wants to know
}

TEST_CASE("a checkout without consent carries the channel that the site permits, and no id",
          "[checkout][coarse]") {
  Counter counter;
  const auto reference = [&](const std::string& token) {
    REQUIRE(counter.ask({{"item", "film"}, {"token", token}}).status == 200);
    const auto form = form_of(counter.client.sent.back().body);
    for (const auto& [name, value] : form)
      if (name.find("_id]") != std::string::npos) FAIL_CHECK(name << " = " << value);
    return form.count("client_reference_id") > 0 ? form.at("client_reference_id") : "";
  };
  CHECK(reference("tl0_paid_search_Z29vZ2xl_c3ByaW5n").empty());
  counter.shop.site.coarse_handover = true;
  CHECK(reference("tl0_paid_search_Z29vZ2xl_c3ByaW5n") == "tl0_paid_search__");
  counter.shop.site.coarse_campaigns = {"spring"};
  CHECK(reference("tl0_paid_search_Z29vZ2xl_c3ByaW5n") == "tl0_paid_search_Z29vZ2xl_c3ByaW5n");
  CHECK(reference("tl0_email_amFuZQ_").find("amFuZQ") == std::string::npos);  // source "jane"
}

TEST_CASE("a free amount stays within the item's limits", "[checkout]") {
  Counter counter;
  CHECK(counter.ask({{"item", "donation"}, {"amount_minor", 2500}}).status == 200);
  auto form = form_of(counter.client.sent.back().body);
  CHECK(form.at("line_items[0][price_data][currency]") == "eur");
  CHECK(form.at("line_items[0][price_data][unit_amount]") == "2500");
  CHECK(form.at("line_items[0][price_data][product_data][name]") == "Demo Film");
  CHECK(form.count("metadata[session_id]") == 0);
  CHECK(counter.ask({{"item", "membership"}, {"amount_minor", 500}, {"token", counter.token()}})
            .status == 200);
  form = form_of(counter.client.sent.back().body);
  CHECK(form.at("line_items[0][price_data][recurring][interval]") == "month");
  CHECK(form.at("subscription_data[metadata][session_id]") == uuid(id(1001)));
  CHECK(form.count("payment_intent_data[metadata][session_id]") == 0);

  CHECK(code_of(counter.ask({{"item", "donation"}})) == "bad_amount");
  CHECK(code_of(counter.ask({{"item", "donation"}, {"amount_minor", 99}})) == "bad_amount");
  CHECK(code_of(counter.ask({{"item", "donation"}, {"amount_minor", 100'001}})) == "bad_amount");
  // The limits are the checkout's, however many pieces it has.
  const auto pieces = [&](int amount, int quantity) {
    return code_of(
        counter.ask({{"item", "donation"}, {"amount_minor", amount}, {"quantity", quantity}}));
  };
  CHECK(pieces(100'000, 2) == "bad_amount");
  CHECK(pieces(1, 100) != "bad_amount");
  CHECK(pieces(0, 100) == "bad_amount");
  CHECK(code_of(counter.ask({{"item", "donation"}, {"amount_minor", 2500.5}})) == "bad_number");
  CHECK(code_of(counter.ask({{"item", "film"}, {"amount_minor", 1}})) == "amount_not_allowed");
  CHECK(code_of(counter.ask({{"item", "film"}, {"quantity", 0}})) == "bad_quantity");
  CHECK(code_of(counter.ask({{"item", "other"}})) == "no_such_item");
}

TEST_CASE("coupons and promotion codes are passed through, one at a time", "[checkout]") {
  Counter counter;
  CheckoutItem& film = counter.shop.site.checkouts.front();
  const auto form = [&] { return form_of(counter.client.sent.back().body); };
  const auto code = [&](const json& body) {
    const auto reply = counter.ask(body);
    return reply.status == 200 ? ""
                               : json::parse(reply.body).at("error").at("code").get<std::string>();
  };
  CHECK(code({{"item", "film"}}).empty());
  CHECK(form().count("allow_promotion_codes") == 0);
  CHECK(code({{"item", "film"}, {"promotion_code", "promo_1"}}) == "discount_not_allowed");
  CHECK(code({{"item", "film"}, {"coupon", "SPRING"}}) == "discount_not_allowed");

  film.promotion_codes = true;
  film.coupons = {"SPRING"};
  CHECK(code({{"item", "film"}}).empty());
  CHECK(form().at("allow_promotion_codes") == "true");
  CHECK(code({{"item", "film"}, {"promotion_code", "promo_1"}}).empty());
  CHECK(form().at("discounts[0][promotion_code]") == "promo_1");
  CHECK(form().count("allow_promotion_codes") == 0);
  const auto key = counter.client.sent.back().headers.at("Idempotency-Key");
  CHECK(code({{"item", "film"}, {"coupon", "SPRING"}}).empty());
  CHECK(form().at("discounts[0][coupon]") == "SPRING");
  CHECK(form().count("allow_promotion_codes") == 0);
  CHECK(counter.client.sent.back().headers.at("Idempotency-Key") != key);
  CHECK(code({{"item", "film"}, {"coupon", "AUTUMN"}}) == "discount_not_allowed");
  CHECK(code({{"item", "film"}, {"coupon", "SPRING"}, {"promotion_code", "promo_1"}}) ==
        "bad_field");
  CHECK(code({{"item", "film"}, {"promotion_code", "SPRING20"}}) == "bad_field");
  CHECK(code({{"item", "film"}, {"cupon", "SPRING"}}) == "bad_field");
}

TEST_CASE("what a page gets wrong in a wish is told it before anybody is asked", "[checkout]") {
  Counter counter;
  const std::tuple<json, const char*> rows[] = {
      {{{"item", "film"}, {"email", "jane@example"}}, "bad_email"},
      {{{"item", "film"}, {"email", "nonsense"}}, "bad_email"},
      {{{"item", "film"}, {"email", std::string(64, 'a')}}, "bad_email"},  // no hash of one either
      {{{"item", "film"}, {"email", 7}}, "bad_email"},
      {{{"item", "donation"}, {"amount_minor", 0}}, "bad_amount"},
      {{{"item", "donation"}, {"amount_minor", -500}}, "bad_amount"},
      {{{"item", "donation"}, {"amount_minor", 1e30}}, "bad_number"},
      {{{"item", "donation"}, {"amount_minor", std::uint64_t{1} << 63}}, "bad_number"},
      {{{"item", "donation"}, {"amount_minor", "2500"}}, "bad_number"},
      {{{"item", "donation"}, {"amount_minor", 2500}, {"currency", "EURO"}}, "bad_currency"},
      {{{"item", "donation"}, {"amount_minor", 2500}, {"currency", "XXX"}}, "bad_currency"},
      {{{"item", "donation"}, {"amount_minor", 2500}, {"currency", "USD"}}, "bad_currency"},
      {{{"item", "donation"}, {"amount", "25.00"}}, "amount_not_allowed"},
      {{{"item", "film"}, {"currency", "EUR"}}, "amount_not_allowed"},
      {{{"item", "film"}, {"price", "price_999"}}, "amount_not_allowed"},
      {{{"item", 7}}, "bad_field"},
      {json::object(), "bad_field"},
  };
  for (const auto& [body, code] : rows) {
    INFO(body.dump());
    const auto reply = counter.ask(body);
    CHECK(code_of(reply) == code);
    CHECK(reply.status == 400);
  }
  CHECK(counter.client.sent.empty());
  CHECK(counter.ask({{"item", "donation"}, {"amount_minor", 2500}, {"currency", "eur"}}).status ==
        200);
}

TEST_CASE("who may ask for a checkout", "[checkout]") {
  Counter counter;
  CHECK(counter.ask({{"item", "film"}}, "").status == 200);
  // As at every other intake of browsers.
  const auto code_and_status = [&](json body, const std::string& origin = "") {
    const auto reply = counter.ask(std::move(body), origin);
    return code_of(reply) + " " + std::to_string(reply.status);
  };
  CHECK(code_and_status({{"item", "film"}}, "https://evil.example") == "foreign_origin 403");
  CHECK(code_and_status({{"item", "film"}, {"write_key", "wk_other"}}) == "wrong_key 401");
  CHECK(code_and_status({{"item", "film"}, {"site", "other"}}) == "unknown_site 403");
  counter.shop.site.payments[0].api_key.clear();
  CHECK(code_of(counter.ask({{"item", "film"}})) == "no_such_provider");
}

TEST_CASE("a refused checkout is kept and counted, its e-mail only where ids are", "[checkout]") {
  Counter counter;
  const auto rejects = [&] {
    return counter.shop.store
        .get([](Tables& t) {
          return t.operations().list_rejects({"demo", {}, {}, 100, {}});
        })
        .items;
  };
  counter.ask({{"item", "film"}, {"write_key", "wk_other"}});
  CHECK(rejects().empty());
  const json wish = {{"item", "film"}, {"quantity", 0}, {"email", "jane@example.com"}};
  counter.ask(wish);
  json known = wish;
  known["token"] = counter.token();
  counter.ask(known);

  std::multiset<std::size_t> kept;
  for (const auto& row : rejects()) {
    CHECK(row.code == "bad_quantity");
    const auto whole = counter.shop.store.get(
        [&](Tables& t) { return t.operations().find_reject("demo", row.id); });
    kept.insert(whole->body.find("jane@example.com") == std::string::npos ? 0 : 1);
  }
  CHECK(kept == std::multiset<std::size_t>{0, 1});
  CHECK(counter.shop.store.counter("demo", "rejected") == 2);
}

TEST_CASE("a bad token costs the attribution, never the sale", "[checkout]") {
  Counter counter;
  const auto reply = counter.ask({{"item", "film"}, {"token", "v1.forged"}});
  CHECK(reply.status == 200);
  CHECK(form_of(counter.client.sent.back().body).count("client_reference_id") == 0);
  counter.ask({{"item", "film"}, {"token", counter.token(Choice::denied)}});
  CHECK(form_of(counter.client.sent.back().body).count("client_reference_id") == 0);
}

TEST_CASE("a withdrawn visitor's ids stay here, whatever the token said then",
          "[checkout][consent]") {
  Counter counter;
  const auto choose = [&](Choice storage, Choice marketing) {
    counter.shop.store.put([&](Tables& t) {
      return t.people().put_consent("demo", id(2001),
                                    {{storage, marketing, Choice::unknown, false}, kNow});
    });
  };
  const auto told = [&] {
    std::vector<std::string> names;
    for (const auto& event : counter.shop.store.get(
             [](Tables& t) { return t.events().events_of_session("demo", id(1001), 100); }))
      for (const auto& row : counter.shop.store.get(
               [&](Tables& t) { return t.outbox().deliveries_of_event("demo", event.id); }))
        names.push_back(row.destination);
    return names;
  };
  const std::string claim = "tl1_" + uuid(id(2001)) + "_" + uuid(id(1001)) + "_mft8qzk0";
  const auto checkout = [&](const std::string& token) {
    CHECK(counter.ask({{"item", "film"}, {"token", token}}).status == 200);
    return form_of(counter.client.sent.back().body);
  };

  SECTION("storage withdrawn: no ids at the provider, no event here") {
    choose(Choice::denied, Choice::denied);
    CHECK(checkout(counter.token()).count("client_reference_id") == 0);
    CHECK(counter.client.sent.back().body.find(uuid(id(2001))) == std::string::npos);
    CHECK(checkout(claim).count("client_reference_id") == 0);
    CHECK(counter.shop.store
              .get([](Tables& t) { return t.events().events_of_session("demo", id(1001), 100); })
              .empty());
    CHECK(told().empty());
  }
  SECTION("marketing withdrawn: no ad platform is told") {
    choose(Choice::granted, Choice::denied);
    CHECK(checkout(claim).at("client_reference_id") == claim);
    CHECK(checkout(counter.token()).count("client_reference_id") == 1);
    CHECK(told() == std::vector<std::string>{"posthog"});
  }
  SECTION("nothing on record but storage, and marketing never asked for") {
    CHECK(checkout(counter.token()).count("client_reference_id") == 1);
    CHECK(told() == std::vector<std::string>{"posthog"});
  }
}

TEST_CASE("a repeat has the same key and body, another wish has not", "[checkout]") {
  Counter counter;
  const json wish = {{"item", "donation"}, {"amount_minor", 2500}, {"token", counter.token()}};
  const auto key_of = [&](const json& body) {
    counter.ask(body);
    return counter.client.sent.back().headers.at("Idempotency-Key");
  };
  const std::string key = key_of(wish);
  const std::string body = counter.client.sent.back().body;
  counter.shop.store.clock.advance(500);
  CHECK(key_of(wish) == key);
  CHECK(counter.client.sent.back().body == body);
  auto other = wish;
  other["amount_minor"] = 2600;
  CHECK(key_of(other) != key);
  // Two strangers without a visit never share a checkout.
  const json stranger = {{"item", "film"}};
  CHECK(key_of(stranger) != key_of(stranger));
  counter.shop.store.clock.advance(20'000);
  CHECK(key_of(wish) != key);
  // A double click is one event.
  const auto events = counter.shop.store.get(
      [](Tables& t) { return t.events().events_of_session("demo", id(1001), 100); });
  CHECK(events.size() == 2);
}

TEST_CASE("what may be repeated is repeated with the same key", "[checkout]") {
  Counter counter;
  OutgoingAnswer lost;
  lost.reached = OutgoingAnswer::Reached::unknown;
  lost.error = "timed out";
  counter.client.answers = {lost, answered(503, "{}"), answered(200, kMade)};
  CHECK(counter.ask({{"item", "film"}}).status == 200);
  REQUIRE(counter.client.sent.size() == 3);
  CHECK(counter.client.sent[0].headers == counter.client.sent[2].headers);
  CHECK(counter.client.sent[0].body == counter.client.sent[2].body);
  CHECK(counter.pauses.size() == 2);
}

TEST_CASE("Stripe's refusals become ours", "[checkout]") {
  struct Row {
    OutgoingAnswer answer;
    const char* code;
    int status;
    std::size_t sent;
  };
  OutgoingAnswer gone;
  gone.error = "connection refused";
  const char* const bad_price =
      R"({"error":{"type":"invalid_request_error","message":"No such price","param":"price"}})";
  const char* const bad_email =
      R"({"error":{"message":"Invalid email address: nonsense","param":"customer_email"}})";
  const Row rows[] = {
      {gone, "provider_unreachable", 503, 3},
      {answered(401, R"({"error":{"message":"Invalid API Key provided: sk_test_***1"}})"),
       "provider_refused_key", 503, 1},
      {answered(400, bad_price), "checkout_refused", 400, 1},
      {answered(400, bad_email), "bad_email", 400, 1},
      {answered(429, "{}"), "provider_busy", 429, 3},
      {answered(429, "{}", "false"), "provider_busy", 429, 1},
      {answered(400, bad_price, "true"), "checkout_refused", 400, 3},
      {answered(409, "{}"), "provider_busy", 429, 3},
      {answered(500, "not json"), "provider_failed", 503, 3},
      {answered(200, "{}"), "unreadable_answer", 503, 1},
  };
  for (const auto& row : rows) {
    Counter counter;
    counter.client.answers = {row.answer};
    const auto reply = counter.ask({{"item", "film"}});
    INFO(row.code << " " << reply.body);
    CHECK(reply.status == row.status);
    CHECK(code_of(reply) == row.code);
    CHECK(counter.client.sent.size() == row.sent);
    // What the owner must do is no business of the buyer's.
    for (const char* word : {"sk_test", "api_key", "base_url", "site.", "connection refused"})
      CHECK(reply.body.find(word) == std::string::npos);
    CHECK(counter.told.size() == (row.status == 503 ? 1 : 0));
  }
}

TEST_CASE("failed checkouts are told once in a while, and stand until one succeeds", "[checkout]") {
  Counter counter;
  const auto ask = [&] { counter.ask({{"item", "film"}}); };
  counter.client.answers = {answered(401, "{}")};
  ask();
  ask();
  CHECK(counter.told == std::vector<std::string>{"demo stripe provider_refused_key 1"});
  counter.shop.store.clock.advance(5 * kMinute);
  ask();
  counter.client.answers = {answered(200, "{}")};
  ask();
  counter.told.erase(counter.told.begin());
  CHECK(counter.told == std::vector<std::string>{"demo stripe provider_refused_key 3",
                                                 "demo stripe unreadable_answer 4"});
  const auto standing = counter.checkouts.faults().of("demo");
  REQUIRE(standing.size() == 1);
  CHECK(standing[0].count == 4);
  CHECK(standing[0].since_ms == kNow);
  CHECK(standing[0].error.code == "unreadable_answer");
  CHECK(counter.checkouts.faults().of("other").empty());

  counter.client.answers = {answered(200, kMade)};
  ask();
  CHECK(counter.checkouts.faults().of("demo").empty());
  counter.client.answers = {answered(401, "{}")};
  ask();  // a key that works by turns does not fill the log
  CHECK(counter.told.size() == 2);
  CHECK(counter.checkouts.faults().of("demo").size() == 1);
}

TEST_CASE("what the provider refuses is among the rejects in its own words", "[checkout]") {
  Counter counter;
  counter.client.answers = {answered(400, R"({"error":{"message":"No such price"}})")};
  CHECK(counter.ask({{"item", "film"}}).body.find("No such price") == std::string::npos);
  const auto rejects = counter.shop.store.get([](Tables& t) {
    return t.operations().list_rejects({"demo", {}, {}, 100, {}});
  });
  REQUIRE(rejects.items.size() == 1);
  CHECK(rejects.items[0].message.find("No such price") != std::string::npos);
}
