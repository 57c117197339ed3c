// SPDX-License-Identifier: Apache-2.0
// A payment provider that exists in the configuration file only: understood, judged with line and
// nearest key, and read like any other.

#include "server/config/custom_provider.hpp"

#include "server/config/describe_config.hpp"
#include "server/config/load_config.hpp"
#include "server/core/access/secret_box.hpp"
#include "server/part_checks.hpp"
#include "server/providers/explain.hpp"
#include "server/providers/registry.hpp"
#include "tests/server/support.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

const std::string kHead =
    "[server]\nsecret = \"0123456789abcdef0123456789abcdef\"\n[[site]]\nid = \"demo\"\n"
    "write_key = \"wk_demo\"\norigins = [\"https://shop.example\"]\n";

ValueSource no_variables() {
  return {[](const std::string&) { return std::optional<std::string>(); }, "."};
}

// The example of docs/providers/custom.md, its secret filled in.
std::string documented() {
  std::ifstream file(std::string(TL_SOURCE_DIR) + "/docs/providers/custom.md");
  std::string text, line;
  while (std::getline(file, line) && line != "```toml") {
  }
  while (std::getline(file, line) && line != "```") text += line + "\n";
  const std::string reference = "env:TICKETS_SECRET";
  return text.replace(text.find(reference), reference.size(), "shared_secret");
}

std::string complaint_of(const std::string& table) {
  const auto loaded = parse_config(kHead + table, "t.toml", no_variables());
  return loaded.ok() ? "" : loaded.error().detail;
}

std::string with_change(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), with);
}

Outcome<std::vector<OrderChange>> read_tickets(const SiteConfig& site, const std::string& body,
                                               const std::string& header) {
  WebhookRequest request;
  request.headers = {{"X-Signature", header}};
  request.body = body;
  request.now_ms = kNow;
  return find_provider("custom_tickets")->read(request, *site.payment("custom_tickets"), site);
}

std::string ticket_header(const std::string& body) {
  const std::string t = std::to_string(kNow / 1000);
  const Digest mac = hmac_sha256("shared_secret", t + "." + body);
  return "t=" + t + ",v1=" + to_hex(mac);
}

}  // namespace

TEST_CASE("the documented custom provider reads its payments and refunds", "[config][providers]") {
  const auto loaded = parse_config(kHead + documented(), "t.toml", no_variables());
  if (!loaded.ok()) FAIL(loaded.error().detail);
  REQUIRE(check_parts(loaded.value()).ok());
  const SiteConfig& site = loaded.value().config.sites.front();

  const std::string paid =
      R"({"id":"e1","event":"order.paid","mode":"live","sent_at":1790000001,"order":{)"
      R"("number":"T-7","total":25.5,"currency":"czk","kind":"membership_renewal",)"
      R"("custom":{"session_id":")" +
      std::string("00000000-0000-7000-8000-0000000003e9") +
      R"("}},"buyer":{"email":"jane@example.com","first":"Jane","last":"Roe"}})";
  const auto changes = read_tickets(site, paid, ticket_header(paid));
  if (!changes.ok()) FAIL(changes.error().detail);
  REQUIRE(changes.value().size() == 1);
  const OrderChange& change = changes.value().front();
  CHECK(change.kind == OrderChange::Kind::purchase);
  CHECK(change.order_id == "T-7");
  CHECK(change.amount_minor == 2550);
  CHECK(change.currency == "CZK");
  CHECK(change.customer.name == "Jane Roe");
  CHECK(change.subscription == SubscriptionRole::renewal);
  CHECK(change.session_id.has_value());
  CHECK(change.live);
  CHECK(change.occurred_ms == 1'790'000'001'999);

  const std::string refunded =
      R"({"id":"e2","event":"order.refunded","mode":"test","order":{"number":"T-7","currency":)"
      R"("CZK"},"refund":{"id":"R-1","total":"10"}})";
  const auto refund = read_tickets(site, refunded, ticket_header(refunded)).value().front();
  CHECK(refund.kind == OrderChange::Kind::refund);
  CHECK(refund.refund_amount_minor == 1000);
  CHECK(!refund.live);

  CHECK(read_tickets(site, paid + " ", ticket_header(paid)).error().code == "bad_signature");
  CHECK(redacted_config(loaded.value().config).find("shared_secret") == std::string::npos);
  CHECK(redacted_config(loaded.value().config).find("order_id = [\"/order/number\"]") !=
        std::string::npos);
}

TEST_CASE("a wrong description is refused with line and nearest key", "[config][providers]") {
  const std::string right = documented();
  CHECK(complaint_of(right).empty());
  const std::pair<std::pair<std::string, std::string>, std::string> mistakes[] = {
      {{"order_id =", "oder_id ="}, "t.toml:13: unknown key 'oder_id' in payment.custom_tickets"},
      {{"order_id =", "oder_id ="}, "did you mean 'order_id'?"},
      {{"\"/order/total\"", "\"order/total\""}, "t.toml:14: amount in payment.custom_tickets"},
      {{"\"pairs\"", "\"pair\""}, "must be one of \"plain\", \"pairs\""},
      {{"{timestamp}.{body}", "{timestamp}"}, "must hold {body}"},
      {{"header =", "heder ="}, "did you mean 'header'?"},
      {{"role = \"paid\"", "role = \"payed\""}, "role in event 1 of payment.custom_tickets"},
      {{"role = \"paid\"", "role = \"enrich\""}, "with role = \"paid\""},
      {{"refund_id", "refund_ids"}, "did you mean 'refund_id'?"},
      {{"event_type = [\"/event\"]", ""}, "needs event_type"},
      {{"currency = [\"/order/currency\"]", ""}, "needs currency or default_currency"},
      {{"{/buyer/first} {/buyer/last}", "{/buyer/first"}, "must be a JSON pointer"},
      {{"\"/mode=test\"", "\"mode=test\""}, "test_when in payment.custom_tickets"},
      {{"\"decimal\"", "\"floats\""}, "amounts in payment.custom_tickets"},
  };
  for (const auto& [change, expected] : mistakes) {
    const auto told = complaint_of(with_change(right, change.first, change.second));
    INFO(change.second << " gives: " << told);
    CHECK(told.find(expected) != std::string::npos);
  }
  const std::string bare = "[site.payment.custom]\nwebhook_secrets = [\"x\"]\n";
  CHECK(complaint_of(bare).find("needs a table signature") != std::string::npos);
  // Other providers have no description.
  CHECK(complaint_of("[site.payment.polar]\nwebhook_secrets = [\"x\"]\norder_id = [\"/a\"]\n")
            .find("unknown key 'order_id'") != std::string::npos);
}

TEST_CASE("Standard Webhooks need nothing but their name", "[config][providers]") {
  const std::string toml =
      "event_type = [\"/type\"]\norder_id = [\"/id\"]\namount = [\"/amount\"]\n"
      "default_currency = \"EUR\"\n[signature]\nform = \"standard\"\n"
      "[[event]]\ntypes = [\"payment.succeeded\"]\nrole = \"paid\"\n"
      "order_id = [\"/id\"]\namount = [\"/data/amount\"]\n";
  const auto read_toml = [](std::string_view text) {
    return parse_custom_provider(text, no_variables());
  };
  const nlohmann::json line = {
      {"provider", "custom"},
      {"secrets", {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}},
      {"now", 1700000000},
      {"config", {{"toml", toml}}},
      {"headers",
       {{"webhook-id", "msg_1"},
        {"webhook-timestamp", "1700000000"},
        {"webhook-signature", "v1,0Yli5qR5v0L3+0KKXD1uJ6Dn2ZdIwAr3DIfXcJ5MYiM="}}},
      {"body", R"({"id":"evt_1","type":"payment.succeeded","data":{"amount":1000,"name":"Zoë"}})"}};
  const auto answer = nlohmann::json::parse(explain_webhook(line.dump(), read_toml));
  CHECK(answer["kind"] == "purchase");
  CHECK(answer["order_id"] == "evt_1");
  CHECK(answer["amount_minor"] == 1000);
  auto wrong = line;
  wrong["config"]["toml"] = "ordr_id = [\"/id\"]\n";
  CHECK(explain_webhook(wrong.dump(), read_toml).find("did you mean 'order_id'") !=
        std::string::npos);
}
