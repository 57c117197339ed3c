// SPDX-License-Identifier: Apache-2.0
// One sale at each provider, as all its webhooks tell it: companions, money awaited and paid, part
// of it given back, a dispute. Shapes: facts, payments, sections 5 to 13.
#pragma once

#include "tests/server/provider_fixture.hpp"
#include "throughline/checkout.hpp"

#include <array>

namespace tl::server::test {

struct Told {
  std::string type, body;
  std::string key;  // of the delivery
};

struct SaleScript {
  std::string provider;
  std::vector<Told> told;
  std::string order_id;
  std::int64_t amount_minor = 0, refunded_minor = 0;
  std::string currency;
  DisputeState dispute = DisputeState::none;
  bool has_email = true;
  MatchType match = MatchType::session;
};

inline SaleScript whop_sale() {
  const json payment = {{"id", "pay_1"},
                        {"total", 25.0},
                        {"currency", "usd"},
                        {"billing_reason", "one_time"},
                        {"created_at", "2026-09-21T14:13:19.123Z"},
                        {"paid_at", "2026-09-21T14:13:20.456Z"},
                        {"user", {{"id", "user_1"}, {"email", "jane@example.com"}}},
                        {"membership", {{"id", "mem_1"}}},
                        {"metadata", visit_metadata()}};
  const auto event = [](const char* type, const json& data) {
    return json{{"id", "wh"}, {"api_version", "v1"}, {"type", type}, {"data", data}}.dump();
  };
  const json of_payment = {{"id", "pay_1"}, {"metadata", visit_metadata()}};
  const auto refund_of = [&](const char* id, double amount, const char* status) {
    return json{{"id", id},
                {"amount", amount},
                {"currency", "usd"},
                {"status", status},
                {"created_at", "2026-09-22T00:00:00Z"},
                {"payment", of_payment}};
  };
  const json dispute = {{"id", "dspt_1"},
                        {"amount", 25.0},
                        {"currency", "usd"},
                        {"status", "lost"},
                        {"payment", of_payment}};
  return {"whop",
          {{"", event("payment.created", payment), "1"},
           {"", event("payment.succeeded", payment), "2"},
           {"", event("membership.activated", {{"id", "mem_1"}}), "3"},
           {"", event("refund.created", refund_of("rf_1", 7, "pending")), "4"},
           {"", event("refund.updated", refund_of("rf_1", 7, "succeeded")), "5"},
           {"", event("refund.created", refund_of("rf_2", 3.5, "failed")), "6"},
           {"", event("dispute.updated", dispute), "7"}},
          "pay_1",
          2500,
          2500,
          "USD",
          DisputeState::lost};
}

inline SaleScript polar_sale() {
  json order = {{"id", "or_1"},
                {"status", "paid"},
                {"total_amount", 2500},
                {"tax_amount", 400},
                {"currency", "eur"},
                {"billing_reason", "purchase"},
                {"checkout_id", "ch_1"},
                {"created_at", "2026-09-21T14:13:20Z"},
                {"customer", {{"id", "cus_1"}, {"email", "jane@example.com"}}},
                {"metadata", visit_metadata()}};
  const auto event = [](const char* type, const json& data) {
    return json{{"type", type}, {"timestamp", "2026-09-21T15:00:00Z"}, {"data", data}}.dump();
  };
  json pending = order, refunded = order;
  pending["status"] = "pending";
  refunded["status"] = "partially_refunded";
  refunded["refunded_amount"] = 600;
  refunded["refunded_tax_amount"] = 100;
  const json refund_row = {{"id", "re_1"},      {"amount", 600},         {"tax_amount", 100},
                           {"currency", "eur"}, {"status", "succeeded"}, {"order_id", "or_1"}};
  return {"polar",
          {{"", event("order.created", pending), "1"},
           {"", event("order.paid", order), "2"},
           {"", event("order.updated", order), "3"},
           {"", event("checkout.updated", {{"id", "ch_1"}}), "4"},
           {"", event("refund.created", refund_row), "5"},
           {"", event("order.refunded", refunded), "6"}},
          "or_1",
          2500,
          700,
          "EUR"};
}

inline SaleScript shopify_sale() {
  const std::string order =
      R"({"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508",)"
      R"("total_price":"104.42","currency":"EUR","email":"jane@example.com","test":false,)"
      R"("processed_at":"2026-09-21T16:13:20+02:00","checkout_token":"tok_1","note_attributes":[)"
      R"({"name":"anonymous_id","value":")" +
      uuid(id(2001)) + R"("},{"name":"session_id","value":")" + uuid(id(1001)) +
      R"("},{"name":"checkout_started_at","value":")" + std::to_string(kNow - kMinute) +
      R"("}],"financial_status":)";
  const auto refund_of = [](const char* refund_id, const char* amount, const char* status) {
    return R"({"id":)" + std::string(refund_id) +
           R"(,"order_id":820982911946154508,"transactions":[{"kind":"refund","status":")" +
           status + R"(","amount":")" + amount +
           R"(","currency":"EUR"},{"kind":"void","status":"success","amount":"9.00"}]})";
  };
  return {
      "shopify",
      {{"orders/create", order + R"("pending"})", "1"},
       {"orders/paid", order + R"("paid"})", "2"},
       {"orders/updated", order + R"("paid"})", "3"},
       {"order_transactions/create", R"({"id":1,"order_id":820982911946154508})", "4"},
       {"refunds/create", refund_of("11", "10.00", "success"), "5"},
       {"refunds/create", refund_of("12", "4.42", "success"), "6"},
       {"refunds/create", refund_of("13", "50.00", "failure"), "7"},
       {"disputes/create",
        R"({"id":9,"order_id":820982911946154508,"amount":"104.42","currency":"EUR","status":"under_review"})",
        "8"}},
      "820982911946154508",
      10442,
      1442,
      "EUR",
      DisputeState::open};
}

inline SaleScript paddle_sale() {
  const auto event = [](const char* type, const char* key, json data) {
    return json{{"event_id", key},
                {"event_type", type},
                {"occurred_at", "2026-09-21T14:13:21.000000Z"},
                {"data", std::move(data)}}
        .dump();
  };
  json transaction = {{"id", "txn_1"},
                      {"origin", "web"},
                      {"subscription_id", nullptr},
                      {"currency_code", "EUR"},
                      {"customer_id", "ctm_1"},
                      {"billed_at", "2026-09-21T14:13:20.5Z"},
                      {"custom_data", visit_metadata()},
                      {"details", {{"totals", {{"grand_total", "2500"}}}}}};
  const auto adjustment = [](const char* id, const char* action, const char* status,
                             const char* total) {
    return json{{"id", id},
                {"action", action},
                {"status", status},
                {"transaction_id", "txn_1"},
                {"currency_code", "EUR"},
                {"totals", {{"total", total}}}};
  };
  return {
      "paddle",
      {{"", event("transaction.paid", "e1", transaction), ""},
       {"", event("transaction.completed", "e2", transaction), ""},
       {"", event("transaction.updated", "e3", transaction), ""},
       {"",
        event("adjustment.created", "e4", adjustment("adj_1", "refund", "pending_approval", "700")),
        ""},
       {"", event("adjustment.updated", "e5", adjustment("adj_1", "refund", "approved", "700")),
        ""},
       {"", event("adjustment.created", "e6", adjustment("adj_2", "refund", "rejected", "300")),
        ""},
       {"",
        event("adjustment.created", "e7", adjustment("adj_3", "chargeback", "approved", "2500")),
        ""},
       {"",
        event("adjustment.created", "e8",
              adjustment("adj_4", "chargeback_reverse", "approved", "2500")),
        ""}},
      "txn_1",
      2500,
      700,
      "EUR",
      DisputeState::won,
      /*has_email=*/false};
}

inline SaleScript lemonsqueezy_sale() {
  const auto event = [](const char* name, std::int64_t refunded, const char* updated) {
    return json{
        {"meta", {{"event_name", name}, {"test_mode", false}, {"custom_data", visit_metadata()}}},
        {"data",
         {{"type", "orders"},
          {"id", "77"},
          {"attributes",
           {{"identifier", "636f855c-1fb9"},
            {"status", "paid"},
            {"total", 2500},
            {"currency", "EUR"},
            {"refunded_amount", refunded},
            {"user_email", "jane@example.com"},
            {"created_at", "2026-09-21T14:13:20.000000Z"},
            {"updated_at", updated}}}}}}
        .dump();
  };
  const std::string initial =
      json{
          {"meta", {{"event_name", "subscription_payment_success"}, {"test_mode", false}}},
          {"data",
           {{"type", "subscription-invoices"},
            {"id", "5"},
            {"attributes", {{"billing_reason", "initial"}, {"total", 2500}, {"currency", "EUR"}}}}}}
          .dump();
  return {"lemonsqueezy",
          {{"", event("order_created", 0, "2026-09-21T14:13:20Z"), ""},
           {"", initial, ""},
           {"", event("order_refunded", 300, "2026-09-22T00:00:00Z"), ""},
           {"", event("order_refunded", 700, "2026-09-23T00:00:00Z"), ""}},
          "77",
          2500,
          700,
          "EUR"};
}

inline SaleScript woocommerce_sale() {
  json order = {
      {"id", 42},
      {"order_key", "wc_order_1"},
      {"status", "pending"},
      {"total", "19.9"},
      {"currency", "CZK"},
      {"customer_id", 0},
      {"date_created_gmt", "2026-09-21T14:13:00"},
      {"date_paid_gmt", nullptr},
      {"date_modified_gmt", "2026-09-22T10:00:00"},
      {"billing", {{"email", "jane@example.com"}, {"first_name", "Zoë"}, {"last_name", "Ž"}}},
      {"meta_data",
       {{{"id", 1}, {"key", "anonymous_id"}, {"value", uuid(id(2001))}},
        {{"id", 2}, {"key", "session_id"}, {"value", uuid(id(1001))}},
        {{"id", 4}, {"key", "checkout_started_at"}, {"value", kNow - kMinute}},
        {{"id", 3}, {"key", "_list"}, {"value", {1, 2}}}}},
      {"line_items", {{{"product_id", 7}, {"name", "Film"}, {"quantity", 2}, {"price", 9.95}}}},
      {"refunds", json::array()}};
  const json pending = order;
  order["status"] = "processing";
  order["date_paid_gmt"] = "2026-09-21T14:13:20";
  const json paid = order;
  const auto refunded = [&](const char* at, const json& refunds) {
    order["date_modified_gmt"] = at;
    order["refunds"] = refunds;
    return order.dump();
  };
  const json first = {{"id", 50}, {"total", "-5.00"}}, second = {{"id", 51}, {"total", "-2"}},
             mistaken = {{"id", 52}, {"total", "-9.90"}};
  return {"woocommerce",
          {{"order.created", pending.dump(), "1"},
           {"order.updated", paid.dump(), "2"},
           {"order.updated", paid.dump(), "3"},
           {"order.updated", refunded("2026-09-22T10:00:01", json::array({first, mistaken})), "4"},
           {"order.updated", refunded("2026-09-22T10:00:02", json::array({first})), "5"},
           {"order.updated", refunded("2026-09-22T10:00:03", json::array({first, second})), "6"}},
          "42",
          1990,
          700,
          "CZK"};
}

inline SaleScript gumroad_sale() {
  const std::string sale =
      "sale_id=s_1&product_name=Film&email=jane%40example.com&price=2500&currency=eur"
      "&sale_timestamp=2026-09-21T14%3A13%3A20Z&url_params%5Banonymous_id%5D=" +
      uuid(id(2001)) + "&url_params[session_id]=" + uuid(id(1001)) +
      "&url_params[checkout_started_at]=" + std::to_string(kNow - kMinute);
  return {"gumroad",
          {{"", sale, ""},
           {"", sale + "&resource_name=refund&refunded=true", ""},
           {"", sale + "&resource_name=dispute&disputed=true", ""},
           {"", sale + "&resource_name=dispute_won", ""},
           {"", sale + "&resource_name=cancellation", ""}},
          "s_1",
          2500,
          2500,
          "USD",  // whatever currency the product has
          DisputeState::won};
}

inline SaleScript paystack_sale() {
  const auto event = [](const char* type, const json& data) {
    return json{{"event", type}, {"data", data}}.dump();
  };
  const json charge = {{"id", 18446744073709551615ULL},
                       {"domain", "live"},
                       {"reference", "ref_1"},
                       {"amount", 500000},
                       {"currency", "XOF"},
                       {"paid_at", "2026-09-21T14:13:20.000Z"},
                       {"metadata", visit_metadata().dump()},
                       {"customer", {{"email", "jane@example.com"}, {"customer_code", "CUS_1"}}}};
  const json refund_row = {{"status", "processed"},    {"transaction_reference", "ref_1"},
                           {"refund_reference", "r1"}, {"amount", "70000"},
                           {"currency", "XOF"},        {"domain", "live"}};
  const json dispute = {
      {"id", 5},
      {"resolution", "declined"},
      {"domain", "live"},
      {"transaction", {{"reference", "ref_1"}, {"amount", 500000}, {"currency", "XOF"}}}};
  return {"paystack",
          {{"", event("charge.success", charge), ""},
           {"", event("refund.pending", refund_row), ""},
           {"", event("refund.processed", refund_row), ""},
           {"", event("charge.dispute.resolve", dispute), ""},
           {"", event("transfer.success", {{"reference", "t"}}), ""}},
          "ref_1",
          5000,
          700,
          "XOF",
          DisputeState::won};
}

inline SaleScript razorpay_sale() {
  const json payment = {{"id", "pay_1"},
                        {"order_id", "order_1"},
                        {"amount", 2500},
                        {"currency", "INR"},
                        {"email", "jane@example.com"},
                        {"contact", "+919876543210"},
                        {"created_at", kNow / 1000},
                        {"notes", visit_metadata()}};
  const auto event = [&](const char* type, const char* kind, const json& entity,
                         bool with_payment = true) {
    json payload = {{kind, {{"entity", entity}}}};
    if (with_payment) payload["payment"] = {{"entity", payment}};
    return json{
        {"entity", "event"}, {"event", type}, {"created_at", kNow / 1000 + 9}, {"payload", payload}}
        .dump();
  };
  const json order = {
      {"id", "order_1"}, {"amount_paid", 2500}, {"currency", "INR"}, {"notes", json::array()}};
  const json refund_row = {{"id", "rfnd_1"},      {"payment_id", "pay_1"},
                           {"amount", 700},       {"currency", "INR"},
                           {"status", "pending"}, {"created_at", kNow / 1000 + 99}};
  const json dispute = {{"id", "disp_1"},
                        {"payment_id", "pay_1"},
                        {"amount", 2500},
                        {"currency", "INR"},
                        {"status", "won"}};
  return {"razorpay",
          {{"", event("payment.authorized", "payment", payment), "1"},
           {"", event("payment.captured", "payment", payment), "2"},
           {"", event("order.paid", "order", order), "3"},
           {"", event("invoice.paid", "invoice", {{"id", "inv_1"}}), "4"},
           {"", event("refund.created", "refund", refund_row), "5"},
           {"", event("refund.processed", "refund", refund_row, /*with_payment=*/false), "6"},
           {"", event("payment.dispute.won", "dispute", dispute, /*with_payment=*/false), "7"}},
          "order_1",
          2500,
          700,
          "INR",
          DisputeState::won};
}

inline SaleScript square_sale() {
  const auto payment = [](const char* key, const char* type, const char* status) {
    return json{{"event_id", key},
                {"type", type},
                {"data",
                 {{"object",
                   {{"payment",
                     {{"id", "sq_1"},
                      {"status", status},
                      {"total_money", {{"amount", 2500}, {"currency", "USD"}}},
                      {"created_at", "2026-09-21T14:13:20.123Z"},
                      {"buyer_email_address", "jane@example.com"},
                      {"reference_id", uuid(id(2001))}}}}}}}}
        .dump();
  };
  const auto refund_of = [](const char* key, const char* status) {
    return json{{"event_id", key},
                {"type", "refund.updated"},
                {"data",
                 {{"object",
                   {{"refund",
                     {{"id", "sqr_1"},
                      {"payment_id", "sq_1"},
                      {"status", status},
                      {"amount_money", {{"amount", 700}, {"currency", "USD"}}}}}}}}}}
        .dump();
  };
  return {"square",
          {{"", payment("e1", "payment.created", "APPROVED"), ""},
           {"", payment("e2", "payment.updated", "COMPLETED"), ""},
           {"", payment("e3", "payment.updated", "COMPLETED"), ""},
           {"", refund_of("e4", "PENDING"), ""},
           {"", refund_of("e5", "COMPLETED"), ""}},
          "sq_1",
          2500,
          700,
          "USD",
          DisputeState::none,
          /*has_email=*/true,
          MatchType::anonymous_id};
}

// One notification item, signed over its fields.
inline json adyen_item(const std::string& code, const std::string& reference,
                       const std::string& original, std::int64_t value,
                       const std::string& success = "true", const std::string& currency = "EUR") {
  const std::string signed_text = reference + ":" + original +
                                  ":Shop:order-1:" + std::to_string(value) + ":" + currency + ":" +
                                  code + ":" + success;
  json additional = {{"hmacSignature", mac_base64(*from_hex(kAdyenKey), signed_text)},
                     {"shopperEmail", "jane@example.com"}};
  const json metadata = visit_metadata();
  for (const auto& [name, value_text] : metadata.items())
    additional["metadata." + name] = value_text;
  json item = {{"pspReference", reference},
               {"merchantAccountCode", "Shop"},
               {"merchantReference", "order-1"},
               {"amount", {{"value", value}, {"currency", currency}}},
               {"eventCode", code},
               {"eventDate", "2026-09-21T16:13:20+02:00"},
               {"success", success},
               {"additionalData", std::move(additional)}};
  if (!original.empty()) item["originalReference"] = original;
  return {{"NotificationRequestItem", std::move(item)}};
}
inline std::string adyen_body(const std::vector<json>& items, const char* live = "true") {
  return json{{"live", live}, {"notificationItems", items}}.dump();
}

inline SaleScript adyen_sale() {
  return {"adyen",
          {{"", adyen_body({adyen_item("AUTHORISATION", "psp_1", "", 2500)}), ""},
           {"", adyen_body({adyen_item("CAPTURE", "psp_2", "psp_1", 2500)}), ""},
           {"",
            adyen_body({adyen_item("REFUND", "psp_3", "psp_1", 300),
                        adyen_item("REFUND", "psp_4", "psp_1", 400)}),
            ""},
           {"", adyen_body({adyen_item("REFUND", "psp_5", "psp_1", 900, "false")}), ""},
           {"", adyen_body({adyen_item("CHARGEBACK", "psp_6", "psp_1", 2500)}), ""}},
          "psp_1",
          2500,
          2500,
          "EUR",
          DisputeState::lost};
}

inline SaleScript chargebee_sale() {
  const auto event = [](const char* key, const char* type, const char* transaction,
                        std::int64_t amount, std::int64_t date) {
    return json{
        {"id", key},
        {"event_type", type},
        {"occurred_at", date},
        {"content",
         {{"transaction",
           {{"id", transaction}, {"amount", amount}, {"currency_code", "EUR"}, {"date", date}}},
          {"invoice", {{"id", "inv_1"}, {"first_invoice", true}}},
          {"subscription", {{"id", "sub_1"}, {"meta_data", visit_metadata()}}},
          {"customer", {{"id", "cus_1"}, {"email", "jane@example.com"}}}}}}
        .dump();
  };
  return {"chargebee",
          {{"", event("ev_1", "payment_succeeded", "txn_1", 2500, kNow / 1000), ""},
           {"", event("ev_2", "invoice_generated", "txn_1", 2500, kNow / 1000), ""},
           {"", event("ev_3", "payment_refunded", "txn_2", 700, kNow / 1000 + 99), ""}},
          "inv_1",
          2500,
          700,
          "EUR"};
}

inline SaleScript donorbox_sale() {
  std::array<char, 128> buffer{};
  Out token(buffer.data(), buffer.size());
  write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  const auto donation = [&](const char* action, const char* status, const char* refunded) {
    return json::array({{{"action", action},
                         {"id", 31},
                         {"status", status},
                         {"amount", "25.0"},
                         {"currency", "usd"},
                         {"amount_refunded", refunded},
                         {"donation_date", "2026-09-21T14:13:20Z"},
                         {"utm_content", token.view()},
                         {"donor", {{"email", "jane@example.com"}}}}})
        .dump();
  };
  return {"donorbox",
          {{"", donation("new", "pending", "0.0"), ""},
           {"", donation("update", "paid", "0.0"), ""},
           {"", donation("update", "paid", "3.0"), ""},
           {"", donation("update", "paid", "7.0"), ""}},
          "31",
          2500,
          700,
          "USD"};
}

inline SaleScript paypal_sale() {
  std::array<char, 128> buffer{};
  Out token(buffer.data(), buffer.size());
  write_packed_token({id(2001), id(1001), kNow - kMinute}, token);
  const auto event = [](const char* key, const char* type, json resource) {
    return json{{"id", key}, {"event_type", type}, {"resource", std::move(resource)}}.dump();
  };
  const json capture = {{"id", "cap_1"},
                        {"amount", {{"value", "25.00"}, {"currency_code", "USD"}}},
                        {"custom_id", token.view()},
                        {"create_time", "2026-09-21T14:13:20Z"},
                        {"supplementary_data", {{"related_ids", {{"order_id", "ord_1"}}}}}};
  const json refund_row = {
      {"id", "ref_1"},
      {"status", "COMPLETED"},
      {"amount", {{"value", "7.00"}, {"currency_code", "USD"}}},
      {"links",
       {{{"rel", "self"}, {"href", "https://api.paypal.com/v2/payments/refunds/ref_1"}},
        {{"rel", "up"}, {"href", "https://api.paypal.com/v2/payments/captures/cap_1"}}}}};
  const json dispute = {{"dispute_id", "PP-D-1"},
                        {"dispute_amount", {{"value", "25.00"}, {"currency_code", "USD"}}},
                        {"dispute_outcome", {{"outcome_code", "RESOLVED_BUYER_FAVOUR"}}},
                        {"disputed_transactions", {{{"seller_transaction_id", "cap_1"}}}}};
  return {"paypal",
          {{"",
            event("WH-1", "CHECKOUT.ORDER.APPROVED",
                  {{"id", "ord_1"}, {"payer", {{"email_address", "jane@example.com"}}}}),
            "t1"},
           {"", event("WH-2", "PAYMENT.CAPTURE.COMPLETED", capture), "t2"},
           {"", event("WH-3", "PAYMENT.CAPTURE.REFUNDED", refund_row), "t3"},
           {"", event("WH-4", "CUSTOMER.DISPUTE.RESOLVED", dispute), "t4"}},
          "ord_1",
          2500,
          2500,
          "USD",
          DisputeState::lost};
}

inline std::vector<SaleScript> sale_scripts() {
  return {whop_sale(),         polar_sale(),       shopify_sale(), paddle_sale(),
          lemonsqueezy_sale(), woocommerce_sale(), gumroad_sale(), paystack_sale(),
          razorpay_sale(),     paypal_sale(),      square_sale(),  adyen_sale(),
          chargebee_sale(),    donorbox_sale()};
}

// As its provider would send each.
inline void tell_all(Shop& shop, const std::string& provider, const std::vector<Told>& told) {
  for (const auto& news : told) {
    const auto changes = value_of(sent(provider, news.body, news.type, news.key));
    InboxEntry entry;
    entry.provider = provider;
    entry.event_key = changes.front().event_key;
    entry.event_type = changes.front().event_type;
    entry.received_ms = shop.store.clock.now_ms();
    entry.live = changes.front().live;
    entry.headers_json = "{}";
    entry.body = news.body;
    value_of(
        sent_until_kept([&] { return shop.orders.receive_webhook(shop.site, entry, changes); }));
  }
}

}  // namespace tl::server::test
