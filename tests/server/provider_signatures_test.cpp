// SPDX-License-Identifier: Apache-2.0
// The signatures of each provider over one body, as its own package made or accepted them (facts:
// payments, section 2), and what must not verify.
#include "server/providers/explain.hpp"
#include "tests/server/provider_scripts.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr const char* kVectorBody =
    R"({"id":"evt_1","type":"payment.succeeded","data":{"amount":1000,"name":"Zoë"}})";
constexpr std::int64_t kSignedAtMs = 1'700'000'000'000;

struct Vector {
  std::string provider, secret;
  Headers headers;
};

Headers standard_headers(const std::string& signature) {
  return {{"webhook-id", "msg_1"},
          {"webhook-timestamp", "1700000000"},
          {"webhook-signature", signature}};
}

std::vector<Vector> vectors() {
  return {
      {"whop", "ws_0123456789abcdef",
       standard_headers("v1,UPuWr86MyC2mjA2/3uXVVS6NXJruobgntrOnDp/M3ug=")},
      {"whop",
       "ws_0123456789abcdef",
       {{"X-Whop-Signature",
         "t=1700000000,v1=addde4e24364c6bef1015e1393f46d1c9750e164d41bd7c9a46f749b5b198b0c"}}},
      {"polar", "whsec_polarExampleSecret",
       standard_headers("v1,HJFqeu1LdvdipWlQ/DEmadj/xmasij8oeL1dqr5HVWw=")},
      {"shopify",
       "shpss_example",
       {{"X-Shopify-Hmac-Sha256", "enQMh+pwsuM/0hea5/Km+u499c4fKCxM8rAlLUnWYtY="}}},
      {"shopify",
       "shpss_example",
       {{"Shopify-Hmac-Sha256", "enQMh+pwsuM/0hea5/Km+u499c4fKCxM8rAlLUnWYtY="}}},
      {"paddle",
       "pdl_ntfset_example",
       {{"Paddle-Signature",
         "ts=1700000000;h1=925508cbdc9d82ab8bf5ad3532d31d4d43008c3beca7a1f913868fe42a596564"}}},
      {"lemonsqueezy",
       "lemon_secret",
       {{"X-Signature", "72da6b95531ec00e0ff4aed330214f2b70b133918f239cf51fddb27f6d027a9a"}}},
      {"woocommerce",
       "woo_secret",
       {{"X-WC-Webhook-Signature", "pBH5vi+8LKRTCIq9XXKBM+MBOcfCViu2WSXH5oktWdE="}}},
      {"paystack",
       "paystack_secret",
       {{"x-paystack-signature",
         "daa59de2f75f9096eb4a5598fb0acdf796c3da0fe7156a787f91453d640de8a646c4085f87a4bd0bcd738ece"
         "e611b7a9c5ea64d7acf63d558e8d3fdebae0482b"}}},
      {"razorpay",
       "rzp_secret",
       {{"X-Razorpay-Signature",
         "9d70d25939e671bb1b7539c1a32a13e383a48b51d44808286925273d0ed599e4"}}},
      {"square",
       "square_key",
       {{"x-square-hmacsha256-signature", "tKQBs0NWmLp7U4TVi2Eg/5y6/q6zt5iLmS0GID9BgYU="}}},
      {"gocardless",
       "gc_secret",
       {{"Webhook-Signature", "8fb6fb23187f3818e46d3b4329e483271efde478cb410a67c4772c3f5d956423"}}},
      {"mollie",
       "mollie_secret",
       {{"X-Mollie-Signature",
         "sha256=a828b8af205ec166a609c0fb9884371a8ff5094d4269405666a9075119fdfce1"}}},
      {"mollie",
       "mollie_secret",
       {{"X-Mollie-Signature",
         "a828b8af205ec166a609c0fb9884371a8ff5094d4269405666a9075119fdfce1"}}},
  };
}

// "signed" when the sender is proven, whatever the body means.
std::string verdict(const Vector& vector, std::vector<std::string> secrets,
                    const std::string& body = kVectorBody, std::int64_t after_s = 0,
                    std::int64_t tolerance_s = -1) {
  PaymentConfig config = provider_config(vector.provider);
  config.webhook_secrets = std::move(secrets);
  config.tolerance_s = tolerance_s;
  const auto changes =
      read_as(vector.provider, vector.headers, body, config, kSignedAtMs + after_s * 1000);
  if (changes.ok() || changes.error().kind != ErrorKind::unauthenticated) return "signed";
  return changes.error().code;
}

bool is_timed(const Vector& vector) {
  return vector.provider == "whop" || vector.provider == "polar" || vector.provider == "paddle";
}

}  // namespace

TEST_CASE("each provider's signature of the common body verifies", "[providers]") {
  for (const auto& vector : vectors()) {
    INFO(vector.provider << ' ' << vector.headers.back().first);
    CHECK(verdict(vector, {vector.secret}) == "signed");
    CHECK(verdict(vector, {" " + vector.secret + "\n"}) == "signed");  // pasted with white space
  }
}

TEST_CASE("during a rotation any secret and any signature will do", "[providers]") {
  for (const auto& vector : vectors()) {
    INFO(vector.provider);
    CHECK(verdict(vector, {"new", vector.secret}) == "signed");
    CHECK(verdict(vector, {vector.secret, "old"}) == "signed");
  }
  const std::string right = "v1,HJFqeu1LdvdipWlQ/DEmadj/xmasij8oeL1dqr5HVWw=";
  for (const auto& signature :
       {"v1,AAAA " + right, right + " v1,AAAA", "v1a,AAAA " + right, "v2,x " + right})
    CHECK(verdict({"polar", "", standard_headers(signature)}, {"whsec_polarExampleSecret"}) ==
          "signed");
  const std::string h1 = "925508cbdc9d82ab8bf5ad3532d31d4d43008c3beca7a1f913868fe42a596564";
  for (const auto& pairs : {";h1=00;h1=" + h1, ";h1=" + h1 + ";h1=00"})
    CHECK(verdict({"paddle", "", {{"Paddle-Signature", "ts=1700000000" + pairs}}},
                  {"pdl_ntfset_example"}) == "signed");
}

TEST_CASE("what the secret did not sign never verifies", "[providers]") {
  for (const auto& vector : vectors()) {
    INFO(vector.provider << ' ' << vector.headers.back().first);
    CHECK(verdict(vector, {"another"}) == "bad_signature");
    CHECK(verdict(vector, {vector.secret}, std::string(kVectorBody) + "\n") == "bad_signature");
    CHECK(verdict(vector, {}) == "bad_signature");
    CHECK(verdict(vector, {"", " "}) == "bad_signature");
    CHECK(verdict({vector.provider, "", {}}, {vector.secret}) == "missing_header");
    Vector cut = vector;
    cut.headers.back().second.resize(cut.headers.back().second.size() - 4);
    CHECK(verdict(cut, {vector.secret}) == "bad_signature");
  }
  // A version that the scheme fakes for tests, and a signature of nothing.
  CHECK(verdict({"polar", "", standard_headers("v1a,HJFqeu1LdvdipWlQ/DEmadj/xmasij8oeL1dqr5HVWw=")},
                {"whsec_polarExampleSecret"}) == "bad_signature");
  CHECK(verdict({"polar", "", standard_headers("v1,")}, {"whsec_polarExampleSecret"}) ==
        "bad_signature");
}

TEST_CASE("a header of another form is told apart from a wrong signature", "[providers]") {
  const auto whop = [](const std::string& header) {
    return verdict({"whop", "", {{"X-Whop-Signature", header}}}, {"ws_0123456789abcdef"});
  };
  CHECK(whop("garbage") == "malformed_header");
  CHECK(whop("t=soon,v1=00") == "malformed_header");
  CHECK(whop("t=1700000000") == "malformed_header");
  CHECK(verdict({"polar", "", standard_headers("garbage")}, {"x"}) == "malformed_header");
  auto headers = standard_headers("v1,AAAA");
  headers[1].second = "soon";
  CHECK(verdict({"polar", "", headers}, {"x"}) == "malformed_header");
  headers.erase(headers.begin());
  CHECK(verdict({"polar", "", headers}, {"x"}) == "missing_header");
}

TEST_CASE("a signature holds as long as its provider says, or the site", "[providers]") {
  for (const auto& vector : vectors()) {
    INFO(vector.provider << ' ' << vector.headers.back().first);
    const std::int64_t tolerance_s = vector.provider == "paddle" ? 5 : 300;
    const std::string late = is_timed(vector) ? "stale_timestamp" : "signed";
    CHECK(verdict(vector, {vector.secret}, kVectorBody, tolerance_s) == "signed");
    CHECK(verdict(vector, {vector.secret}, kVectorBody, tolerance_s + 1) == late);
    CHECK(verdict(vector, {vector.secret}, kVectorBody, 4000, 5000) == "signed");
    CHECK(verdict(vector, {vector.secret}, kVectorBody, 90'000, 0) == "signed");
    const bool looks_ahead = vector.provider == "whop" || vector.provider == "polar";
    CHECK(verdict(vector, {vector.secret}, kVectorBody, -301) ==
          (looks_ahead ? "future_timestamp" : "signed"));
  }
}

TEST_CASE("WordPress resolves the entities of a secret before it signs", "[providers]") {
  const Vector vector{
      "woocommerce", "", {{"X-WC-Webhook-Signature", mac_base64("a&b<\"'>", kVectorBody)}}};
  CHECK(verdict(vector, {"a&amp;b&lt;&quot;&#039;&gt;"}) == "signed");
  CHECK(verdict(vector, {"a&b<\"'>"}) == "signed");
}

TEST_CASE("Adyen's items verify each by its own fields", "[providers]") {
  const auto code = [](const std::string& body) {
    const auto read = sent("adyen", body);
    return read.ok() ? "ok" : read.error().code;
  };
  json item = {
      {"pspReference", "8535296650153317"},
      {"merchantAccountCode", "ShopECOM"},
      {"merchantReference", "order-1"},
      {"amount", {{"value", 1000}, {"currency", "EUR"}}},
      {"eventCode", "AUTHORISATION"},
      {"success", "true"},
      {"additionalData", {{"hmacSignature", "TtTJNQ1Tf1LX9F2RMeFx541LZGrohSuPvq+qpnax/GA="}}}};
  const json right = {{"NotificationRequestItem", item}};
  CHECK(code(adyen_body({right})) == "ok");
  item["amount"]["value"] = 1001;
  const json wrong = {{"NotificationRequestItem", item}};
  CHECK(code(adyen_body({wrong})) == "bad_signature");
  CHECK(code(adyen_body({right, wrong})) == "bad_signature");
  item.erase("additionalData");
  CHECK(code(adyen_body({{{"NotificationRequestItem", item}}})) == "missing_header");
  CHECK(code(adyen_body({})) == "malformed_header");
  CHECK(code("[") == "malformed_header");
  CHECK(!value_of(sent("adyen", adyen_body({right}, "false"))).front().live);
}

TEST_CASE("PayPal's signature is checked with the configured certificate alone", "[providers]") {
  CHECK(crc32_of(kVectorBody) == 1814821658);
  CHECK(crc32_of("123456789") == 3421780262);
  const std::string body = paypal_sale().told[1].body;
  const PaymentConfig right = provider_config("paypal");
  const Headers headers = signed_headers("paypal", body, "", "t1");
  const auto code = [&](const Headers& given, const std::string& text, const PaymentConfig& config,
                        std::int64_t now_ms = kNow) {
    const auto read = read_as("paypal", given, text, config, now_ms);
    return read.ok() ? "ok" : read.error().code;
  };
  CHECK(code(headers, body, right) == "ok");
  CHECK(code(headers, body + " ", right) == "bad_signature");
  CHECK(code(headers, body, right, kNow + 2 * kDay) == "bad_signature");  // expired
  PaymentConfig other = right;
  other.webhook_id = "WH-8";
  CHECK(code(headers, body, other) == "bad_signature");
  other = right;
  other.certificate_pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
  CHECK(code(headers, body, other) == "bad_signature");
  // While PayPal changes its certificate the file holds both.
  other.certificate_pem = other_certificate_pem() + right.certificate_pem;
  CHECK(code(headers, body, other) == "ok");
  other.certificate_pem = right.certificate_pem + other_certificate_pem();
  CHECK(code(headers, body, other) == "ok");
  other.certificate_pem = other_certificate_pem();
  CHECK(code(headers, body, other) == "bad_signature");
  CHECK(code(headers, body, PaymentConfig{}) == "bad_signature");
  for (const auto* address :
       {"https://api.paypal.com.evil.example/c", "http://api.paypal.com/c",
        "https://evilpaypal.com/c", "https://api.paypal.com@evil.example/c", "api.paypal.com"}) {
    Headers elsewhere = headers;
    elsewhere[3].second = address;
    CHECK(code(elsewhere, body, right) == "untrusted_certificate_url");
  }
  for (std::size_t missing = 0; missing < 4; ++missing) {
    Headers fewer = headers;
    fewer.erase(fewer.begin() + static_cast<std::ptrdiff_t>(missing));
    CHECK(code(fewer, body, right) == "missing_header");
  }
}

TEST_CASE("Chargebee is known by its user and password", "[providers]") {
  const std::string body = chargebee_sale().told[0].body;
  const auto code = [&](const std::string& header) {
    PaymentConfig config = provider_config("chargebee");
    config.webhook_secrets = {"old:one", "user:pass:word"};
    const auto read = read_as("chargebee", {{"Authorization", header}}, body, config);
    return read.ok() ? "ok" : read.error().code;
  };
  CHECK(code("Basic " + to_base64("user:pass:word")) == "ok");
  CHECK(code("basic " + to_base64("old:one")) == "ok");
  CHECK(code("Basic " + to_base64("user:pass")) == "bad_signature");
  CHECK(code("Basic " + to_base64(":")) == "bad_signature");
  CHECK(code("Bearer x") == "malformed_header");
  CHECK(code("") == "missing_header");
}

TEST_CASE("Gumroad is known by the token in its address", "[providers]") {
  const auto code = [](const std::string& token) {
    WebhookRequest request;
    if (!token.empty()) request.query = {{"token", token}};
    request.body = "sale_id=s1&price=100";
    request.now_ms = kNow;
    const auto read =
        find_provider("gumroad")->read(request, provider_config("gumroad"), demo_site());
    return read.ok() ? "ok" : read.error().code;
  };
  CHECK(code(kProviderSecret) == "ok");
  CHECK(code("shared_secrex") == "bad_signature");
  CHECK(code("") == "missing_header");
}

TEST_CASE("a signed mebibyte is read or refused, whatever is in it", "[providers]") {
  constexpr std::size_t kHalf = 512 * 1024;
  for (const std::string provider : {"whop", "polar", "shopify", "paddle", "lemonsqueezy",
                                     "woocommerce", "paystack", "razorpay"}) {
    INFO(provider);
    for (const auto& body :
         {std::string(2 * kHalf, '['), std::string(kHalf, '[') + std::string(kHalf, ']'),
          std::string("{"), std::string("null"), std::string("\"\xff\""), std::string()}) {
      const auto read = sent(provider, body);
      REQUIRE(!read.ok());
      CHECK(read.error().code == "malformed_body");
    }
  }
  const std::string long_text(2 * kHalf, 'x');
  const auto change =
      one_sent("polar", R"({"type":"order.paid","data":{"id":"o1","total_amount":5,)"
                        R"("currency":"eur","note":")" +
                            long_text + R"("}})");
  CHECK(change.amount_minor == 5);
}

TEST_CASE("webhook explain names every provider it knows", "[providers]") {
  const auto answer = json::parse(explain_webhook(R"({"provider":"paypol","body":"","now":1})"));
  const auto message = answer.at("error").at("message").get<std::string>();
  for (const auto& name : provider_names()) CHECK(message.find(name) != std::string::npos);
}
