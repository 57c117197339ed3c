// SPDX-License-Identifier: Apache-2.0
// What a Stripe webhook means, request by request: signature, envelope, event types, both shapes of
// invoices. The header's every rule is compared with npm stripe in
// tests/vendor/stripe_signatures.mjs.
#include "server/core/access/secret_box.hpp"
#include "server/providers/explain.hpp"
#include "tests/server/stripe_fixture.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using Kind = OrderChange::Kind;

namespace {

constexpr const char* kWebhookSecret = "whsec_test_secret";

std::string signature_of(const std::string& body, std::int64_t t_s) {
  const Digest mac = hmac_sha256(kWebhookSecret, std::to_string(t_s) + "." + body);
  return to_hex(mac);
}

// The answer's code, or "ok".
std::string code_of(const std::vector<std::pair<std::string, std::string>>& headers,
                    const std::string& body, std::int64_t now_ms = kNow) {
  PaymentConfig config;
  config.provider = "stripe";
  config.webhook_secrets = {kWebhookSecret};
  WebhookRequest request;
  request.headers = headers;
  request.body = body;
  request.now_ms = now_ms;
  const auto changes = find_provider("stripe")->read(request, config, demo_site());
  return changes.ok() ? "ok" : changes.error().code;
}

std::string code_of_signed(const std::string& body) {
  return code_of({{"Stripe-Signature", "t=1790000000,v1=" + signature_of(body, 1790000000)}}, body);
}

OrderChange read(const json& event) {
  return value_of(read_stripe_event(event, demo_site()));
}

}  // namespace

TEST_CASE("a signed request is read, anything else gets its code", "[stripe]") {
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump();
  const std::string right = "t=1790000000,v1=" + signature_of(body, 1790000000);

  CHECK(code_of({{"stripe-signature", right}}, body) == "ok");
  CHECK(code_of({{"STRIPE-SIGNATURE", right}}, body) == "ok");
  CHECK(code_of({}, body) == "missing_header");
  CHECK(code_of({{"Stripe-Signature", ""}}, body) == "missing_header");
  CHECK(code_of({{"Stripe-Signature", "v1=00"}}, body) == "malformed_header");
  CHECK(code_of({{"Stripe-Signature", "t=x,v1=00"}}, body) == "malformed_header");
  CHECK(code_of({{"Stripe-Signature", "t=1790000000"}}, body) == "malformed_header");
  CHECK(code_of({{"Stripe-Signature", right}}, body + " ") == "bad_signature");
  CHECK(code_of({{"Stripe-Signature", right}}, body, kNow + 300'000) == "ok");
  CHECK(code_of({{"Stripe-Signature", right}}, body, kNow + 301'000) == "stale_timestamp");
  // Of a repeated header the first counts.
  CHECK(code_of({{"Stripe-Signature", "t=1,v1=00"}, {"Stripe-Signature", right}}, body) ==
        "bad_signature");
}

TEST_CASE("signatures that an attacker could make up never verify", "[stripe]") {
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump();
  const std::string mac = signature_of(body, 1790000000);
  const auto code = [&](const std::string& header) {
    return code_of({{"Stripe-Signature", header}}, body);
  };
  // Several signatures during a rotation: any right one will do, wherever it stands.
  CHECK(code("t=1790000000,v1=00,v1=" + mac) == "ok");
  CHECK(code("t=1790000000,v1=" + mac + ",v1=zz,v0=00") == "ok");
  CHECK(code("t=1790000000,v0=" + mac) == "bad_signature");
  CHECK(code("t=1790000000,v2=" + mac) == "bad_signature");
  CHECK(code("t=1790000000,v1=" + mac.substr(0, 62)) == "bad_signature");
  CHECK(code("t=1790000000,v1=" + mac + "00") == "bad_signature");
  CHECK(code("t=1790000000,v1=") == "bad_signature");
  CHECK(code("t=1790000001,v1=" + mac) == "bad_signature");
  CHECK(code("t=1790000000,t=1790000001,v1=" + mac) == "bad_signature");
  CHECK(code("t=-1790000000,v1=" + mac) == "malformed_header");
  CHECK(code("t=99999999999999999999,v1=" + mac) == "malformed_header");
  // Signed with nothing: an endpoint without a secret lets nobody in.
  WebhookRequest request;
  const Digest empty = hmac_sha256("", "1790000000." + body);
  request.headers = {{"Stripe-Signature", "t=1790000000,v1=" + to_hex(empty)}};
  request.body = body;
  request.now_ms = kNow;
  for (const std::vector<std::string>& secrets : {std::vector<std::string>{}, {""}, {" "}}) {
    PaymentConfig config;
    config.webhook_secrets = secrets;
    CHECK(find_provider("stripe")->read(request, config, demo_site()).error().code ==
          "bad_signature");
  }
}

TEST_CASE("a signed body of a mebibyte is read or refused, whatever is in it", "[stripe]") {
  constexpr std::size_t kHalf = 512 * 1024;
  CHECK(code_of_signed(std::string(2 * kHalf, '[')) == "malformed_body");
  CHECK(code_of_signed(std::string(kHalf, '[') + std::string(kHalf, ']')) == "malformed_body");
  const std::string event = stripe_event("checkout.session.completed", paid_session()).dump();
  CHECK(code_of_signed("{\"note\":\"" + std::string(kHalf, 'x') +
                       "\",\"deep\":" + std::string(kHalf / 3, '[') + std::string(kHalf / 3, ']') +
                       "," + event.substr(1)) == "ok");
}

TEST_CASE("times and amounts that no payment has do no harm", "[stripe]") {
  auto event = stripe_event("checkout.session.completed", paid_session());
  for (const json& created : {json(nullptr), json(-1), json(INT64_MAX), json("soon")}) {
    event["created"] = created;
    CHECK(read(event).occurred_ms == 0);  // counts as of its arrival
    CHECK(code_of_signed(event.dump()) == "ok");
  }
  auto invoice = paid_invoice("1", "subscription_cycle");
  invoice["status_transitions"]["paid_at"] = INT64_MAX;
  CHECK(read(stripe_event("invoice.paid", invoice)).occurred_ms == kNow + 999);
  for (const json& amount : {json(-1), json(INT64_MAX), json(UINT64_MAX), json(1e15)}) {
    auto session = paid_session();
    session["amount_total"] = amount;
    INFO(amount.dump());
    CHECK(code_of_signed(stripe_event("checkout.session.completed", session).dump()) ==
          "malformed_body");
  }
}

TEST_CASE("a signed body that makes no sense is malformed", "[stripe]") {
  for (const std::string body :
       {"", "[]", "null", "{", "{\"id\":\"evt_1\"}", "{\"id\":\"evt_1\",\"type\":\"x\"}",
        "{\"id\":\"evt_1\",\"type\":\"x\",\"data\":{\"object\":[]}}", "{\"id\":\"\xFF\"}",
        "{\"id\":\"evt_1\",\"object\":\"v2.core.event\",\"type\":\"v2.core.account.created\"}"}) {
    INFO(body);
    CHECK(code_of_signed(body) == "malformed_body");
  }
  auto session = paid_session();
  session["amount_total"] = 25.5;
  CHECK(code_of_signed(stripe_event("checkout.session.completed", session).dump()) ==
        "malformed_body");
  session["amount_total"] = "2500";
  CHECK(code_of_signed(stripe_event("checkout.session.completed", session).dump()) ==
        "malformed_body");
  session = paid_session();
  session.erase("currency");
  CHECK(code_of_signed(stripe_event("checkout.session.completed", session).dump()) ==
        "malformed_body");
}

TEST_CASE("a paid checkout session is a purchase with the visit's ids", "[stripe]") {
  const auto change = read(stripe_event("checkout.session.completed", paid_session(), 5));

  CHECK(change.kind == Kind::purchase);
  CHECK(change.order_id == "pi_1");
  CHECK(change.aliases == std::vector<std::string>{"cs_1"});
  CHECK(change.amount_minor == 2500);
  CHECK(change.currency == "EUR");
  CHECK(change.amount_rank == 4);
  CHECK(change.occurred_ms == kNow + 5999);
  CHECK(change.anonymous_id == id(2001));
  CHECK(change.session_id == id(1001));
  CHECK(change.checkout_started_ms == kNow - kMinute);
  CHECK(change.customer.email == "Jane@Example.com");
  CHECK(change.customer.country == "CZ");
  CHECK(change.live);
}

TEST_CASE("ids come under the site's own names, as numbers, or packed in one token", "[stripe]") {
  SiteConfig site = demo_site();
  site.payment_keys = {{"anonymous_id", {"aurea_anonymous_id", "aurea_id"}}};
  auto session = paid_session();
  session["metadata"] = {{"aurea_id", uuid(id(7))}, {"checkout_started_at", kNow}};
  auto change =
      value_of(read_stripe_event(stripe_event("checkout.session.completed", session), site));
  CHECK(change.anonymous_id == id(7));
  CHECK(change.checkout_started_ms == kNow);

  session["metadata"] = json::object();
  session["client_reference_id"] = "tl1_" + uuid(id(8)) + "_" + uuid(id(9)) + "_mubrwsg0";
  change = read(stripe_event("checkout.session.completed", session));
  CHECK(change.anonymous_id == id(8));
  CHECK(change.session_id == id(9));
  CHECK(change.checkout_started_ms.has_value());

  session["client_reference_id"] = "customer-17";
  session["metadata"] = {{"anonymous_id", "not a uuid"}, {"session_id", json::object()}};
  change = read(stripe_event("checkout.session.completed", session));
  CHECK_FALSE(change.anonymous_id);
  CHECK_FALSE(change.session_id);
}

TEST_CASE("every event type means what the table says", "[stripe]") {
  const auto session_with = [](const char* status) {
    auto session = paid_session();
    session["payment_status"] = status;
    return session;
  };
  const auto dispute = [](const char* status) {
    return json{{"id", "dp_1"},
                {"amount", 2500},
                {"currency", "eur"},
                {"charge", "ch_1"},
                {"status", status}};
  };
  struct Row {
    const char* type;
    json object;
    Kind kind;
    const char* reason;
  };
  auto setup = paid_session();
  setup["mode"] = "setup";
  setup["payment_status"] = "no_payment_required";
  setup["amount_total"] = nullptr;
  const Row rows[] = {
      {"checkout.session.completed", paid_session(), Kind::purchase, ""},
      {"checkout.session.completed", session_with("no_payment_required"), Kind::purchase, ""},
      {"checkout.session.completed", session_with("unpaid"), Kind::pending, "unpaid"},
      {"checkout.session.completed", setup, Kind::ignored, "secondary_event"},
      {"checkout.session.async_payment_succeeded", paid_session(), Kind::purchase, ""},
      {"checkout.session.async_payment_failed", session_with("unpaid"), Kind::failed,
       "payment_failed"},
      {"checkout.session.expired", session_with("unpaid"), Kind::ignored, "unpaid"},
      {"invoice.paid", paid_invoice("1", "subscription_cycle"), Kind::purchase, ""},
      {"invoice.payment_succeeded", paid_invoice("1", "subscription_cycle"), Kind::enrich,
       "secondary_event"},
      {"payment_intent.succeeded", paid_intent(), Kind::purchase, ""},
      {"charge.succeeded", paid_charge(), Kind::enrich, "secondary_event"},
      {"charge.refunded", refunded_charge(500), Kind::refund, ""},
      {"refund.created", refund("re_1", 500), Kind::refund, ""},
      {"refund.created", refund("re_1", 500, "pending"), Kind::refund, "refund_pending"},
      {"refund.failed", refund("re_1", 500), Kind::refund, ""},
      {"charge.dispute.created", dispute("needs_response"), Kind::dispute, ""},
      {"charge.dispute.created", dispute("warning_needs_response"), Kind::ignored, "inquiry"},
      {"charge.dispute.closed", dispute("warning_closed"), Kind::ignored, "inquiry"},
      {"charge.dispute.closed", dispute("lost"), Kind::dispute_closed, ""},
      {"customer.created", {{"id", "cus_1"}}, Kind::ignored, "unknown_type"},
      {"payment_intent.created", paid_intent(), Kind::ignored, "unknown_type"},
  };
  for (const auto& row : rows) {
    INFO(row.type << " " << row.object.dump());
    const auto change = read(stripe_event(row.type, row.object));
    CHECK(change.kind == row.kind);
    CHECK(change.reason == row.reason);
  }
}

TEST_CASE("billing reasons tell first payments, renewals and updates apart", "[stripe]") {
  const std::pair<const char*, SubscriptionRole> rows[] = {
      {"subscription_create", SubscriptionRole::first},
      {"subscription_cycle", SubscriptionRole::renewal},
      {"subscription_update", SubscriptionRole::update},
      {"subscription_threshold", SubscriptionRole::update}};
  for (const auto& [reason, role] : rows) {
    INFO(reason);
    const auto change = read(stripe_event("invoice.paid", paid_invoice("1", reason)));
    CHECK(change.subscription == role);
    CHECK(change.order_id == "in_1");
    CHECK(change.subscription_id == "sub_1");
    CHECK(change.anonymous_id == id(2001));
    REQUIRE(change.items.size() == 1);
    CHECK(change.items[0].id == "prod_1");
    CHECK(change.items[0].price_minor == 1900);
  }
  auto manual = paid_invoice("1", "manual");
  manual.erase("parent");
  CHECK(read(stripe_event("invoice.paid", manual)).subscription == SubscriptionRole::none);
}

TEST_CASE("invoices from before basil are read too", "[stripe]") {
  auto invoice = paid_invoice("1", "subscription_cycle");
  invoice.erase("parent");
  invoice["subscription"] = {{"id", "sub_9"}, {"object", "subscription"}};
  invoice["payment_intent"] = "pi_9";
  invoice["charge"] = "ch_9";
  invoice["lines"]["data"][0].erase("pricing");
  invoice["lines"]["data"][0]["price"] = {{"product", "prod_9"}};
  invoice["lines"]["data"][0]["metadata"] = visit_metadata();

  const auto change = read(stripe_event("invoice.paid", invoice));
  CHECK(change.subscription_id == "sub_9");
  CHECK(change.aliases == std::vector<std::string>{"pi_9", "ch_9"});
  CHECK(change.session_id == id(1001));
  CHECK(change.items.at(0).id == "prod_9");
}

TEST_CASE("explain answers every line, also bad ones", "[stripe][explain]") {
  const std::string body = stripe_event("checkout.session.completed", paid_session()).dump();
  json line = {
      {"provider", "stripe"},
      {"secrets", {kWebhookSecret}},
      {"now", 1790000000},
      {"headers", {{"stripe-signature", "t=1790000000,v1=" + signature_of(body, 1790000000)}}},
      {"body", body}};
  const auto answer = json::parse(explain_webhook(line.dump()));
  CHECK(answer["kind"] == "purchase");
  CHECK(answer["order_id"] == "pi_1");
  CHECK(answer["order_aliases"] == json{"cs_1"});
  CHECK(answer["amount_minor"] == 2500);
  CHECK(answer["currency"] == "EUR");
  CHECK(answer["subscription"] == "none");
  CHECK(answer["live"] == true);
  CHECK(answer["anonymous_id"] == uuid(id(2001)));
  CHECK(answer["customer"]["phone"] == "+420777123456");
  CHECK_FALSE(answer["customer"].contains("unreadable"));

  json misspelt = paid_session();
  misspelt["customer_details"]["email"] = "jane at x";
  const std::string told = stripe_event("checkout.session.completed", misspelt).dump();
  json other = line;
  other["body"] = told;
  other["headers"] = {{"stripe-signature", "t=1790000000,v1=" + signature_of(told, 1790000000)}};
  CHECK(json::parse(explain_webhook(other.dump()))["customer"]["unreadable"] == json{"email"});

  line["secrets"] = {"whsec_other"};
  CHECK(json::parse(explain_webhook(line.dump()))["reason"] == "bad_signature");
  line["provider"] = "unheard_of";
  CHECK(json::parse(explain_webhook(line.dump()))["error"]["code"] == "no_such_provider");
  for (const char* bad : {"", "x", "[]", "{}", "{\"provider\":\"stripe\"}"})
    CHECK(json::parse(explain_webhook(bad)).contains("error"));
}

TEST_CASE("a number that no computer holds loses no sale at Stripe", "[stripe]") {
  const std::string body =
      R"({"id":"evt_1","type":"checkout.session.completed","livemode":true,"data":{"object":{)"
      R"("id":"cs_1","object":"checkout.session","payment_status":"paid","amount_total":2500,)"
      R"("currency":"eur","mode":"payment","junk":1e400}}})";
  const auto changes =
      find_provider("stripe")->read_fetched({{}, {}, body, kNow}, PaymentConfig{}, demo_site());
  CHECK(value_of(changes).front().amount_minor == 2500);
}
