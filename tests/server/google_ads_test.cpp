// SPDX-License-Identifier: Apache-2.0
// Google Ads through the Data Manager API: the request, its tokens, the meaning of its answers.
#include "server/core/access/secret_box.hpp"
#include "tests/server/destination_support.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

Dispatch given_clicked_sale() {
  Dispatch dispatch = given_sale();
  add_click(dispatch, "gclid", "Cj0abc");
  dispatch.email_variants = contact_variants(ContactKind::email, "jane.roe+news@gmail.com", "");
  return dispatch;
}

std::string refusal(const std::string& field, const std::string& reason) {
  const Json violation = {{"field", field}, {"description", "no"}, {"reason", reason}};
  const Json detail = {{"@type", "type.googleapis.com/google.rpc.BadRequest"},
                       {"fieldViolations", Json::array({violation})}};
  return Json{{"error",
               {{"code", 400},
                {"status", "INVALID_ARGUMENT"},
                {"message", "There was a problem."},
                {"details", Json::array({detail})}}}}
      .dump();
}

// A key pair of its own for every run.
class Account {
 public:
  Account() : key_(EVP_RSA_gen(2048)) {}
  ~Account() { EVP_PKEY_free(key_); }
  [[nodiscard]] std::string json() const {
    BIO* memory = BIO_new(BIO_s_mem());
    PEM_write_bio_PKCS8PrivateKey(memory, key_, nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const auto size = BIO_get_mem_data(memory, &bytes);
    const std::string pem(bytes, static_cast<std::size_t>(size));
    BIO_free(memory);
    return Json{
        {"client_email", "ads@shop.iam.example"}, {"private_key", pem}, {"private_key_id", "k1"}}
        .dump();
  }
  [[nodiscard]] bool has_signed(const std::string& message, const std::string& signature) const {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const auto raw = [](const std::string& text) {
      return reinterpret_cast<const unsigned char*>(text.data());
    };
    const bool holds = EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key_) == 1 &&
                       EVP_DigestVerify(context, raw(signature), signature.size(), raw(message),
                                        message.size()) == 1;
    EVP_MD_CTX_free(context);
    return holds;
  }

 private:
  EVP_PKEY* key_;
};

}  // namespace

TEST_CASE("a sale is Data Manager's documented request", "[google_ads]") {
  const auto request = request_for("google_ads", given_clicked_sale());
  CHECK(request.url == "https://datamanager.googleapis.com/v1/events:ingest");
  CHECK(
      request.body ==
      R"({"destinations":[{"reference":"purchase","operatingAccount":{"accountType":"GOOGLE_ADS",)"
      R"("accountId":"1234567890"},"productDestinationId":"987654321"}],"encoding":"HEX",)"
      R"("events":[{"destinationReferences":["purchase"],)"
      R"("eventTimestamp":"2026-01-02T03:04:05.000Z","transactionId":"o-1001",)"
      R"("eventSource":"WEB","adIdentifiers":{"gclid":"Cj0abc"},"userData":{"userIdentifiers":[)"
      R"({"emailAddress":"c6eb6efe9f7a4be511f1871d1712a1b684157f2c6eaafada128b7c9d7fa754eb"}]},)"
      R"("currency":"EUR","conversionValue":49.9,"cartData":{"items":[{"itemId":"sku-1",)"
      R"("quantity":1,"unitPrice":49.9}]},"consent":{"adUserData":"CONSENT_GRANTED",)"
      R"("adPersonalization":"CONSENT_GRANTED"}}]})");
}

TEST_CASE("one click id is named, never the address", "[google_ads]") {
  Dispatch dispatch = given_clicked_sale();
  add_browser(dispatch);
  dispatch.clicks.clear();
  for (const char* name : {"gbraid", "gclid", "wbraid"}) add_click(dispatch, name, name);
  const Json event = built("google_ads", dispatch);
  CHECK(event["adIdentifiers"] == Json{{"gclid", "gclid"}});
  CHECK(event.dump().find("93.184") == std::string::npos);
}

TEST_CASE("a record that Google names goes, the others are sent again", "[google_ads]") {
  auto verdict =
      judged("google_ads", 400, refusal("events.events[1].event_timestamp", "INVALID_FORMAT"), 3);
  CHECK(fates(verdict) == std::vector<std::string>{"again", "dead", "again"});
  verdict = judged("google_ads", 400, refusal("events.events[9].x", "INVALID_FORMAT"), 3);
  CHECK(verdict.each.empty());
  CHECK(verdict.kind == VerdictKind::bisect);
  CHECK(judged("google_ads", 400, refusal("encoding", "REQUIRED_FIELD_MISSING")).kind ==
        VerdictKind::reject);
}

TEST_CASE("an account that is not set up pauses the lane and costs no event", "[google_ads]") {
  for (const char* reason : {"INVALID_CONVERSION_ACTION_ID", "DESTINATION_ACCOUNT_NOT_ENABLED",
                             "TERMS_AND_CONDITIONS_NOT_SIGNED"})
    CHECK(judged("google_ads", 400, refusal("destinations[0]", reason), 5).kind ==
          VerdictKind::auth_failed);
}

TEST_CASE("what is well-formed is accepted, under the name that Google gave it", "[google_ads]") {
  const auto verdict = judged("google_ads", 200, R"({"requestId":"r1"})");
  CHECK(verdict.kind == VerdictKind::accepted);
  CHECK(verdict.receipt == "r1");
  CHECK(judged("google_ads", 200, "{}").kind == VerdictKind::delivered);
  CHECK(destination_of("google_ads").judge_test(answered(200, R"({"requestId":"r1"})")).kind ==
        VerdictKind::delivered);
}

TEST_CASE("each conversion action of a request has its own result", "[google_ads]") {
  const auto of = [](const std::string& reference, const std::string& state,
                     const std::string& reason) {
    const Json count = {{"recordCount", 1}, {"reason", "PROCESSING_ERROR_REASON_" + reason}};
    Json one = {{"destination", {{"productDestinationId", reference}}}, {"requestStatus", state}};
    if (!reason.empty()) one["errorInfo"]["errorCounts"] = Json::array({count});
    return one;
  };
  const Json body = {{"requestStatusPerDestination",
                      {of("987654321", "PARTIAL_SUCCESS", "EVENT_TOO_OLD"),
                       of("987654322", "FAILED", "INVALID_GCLID")}}};
  const auto verdict = destination_of("google_ads")
                           .judge_result(answered(200, body.dump()), {"purchase", "lead", "refund"},
                                         sound_config("google_ads"));
  CHECK(fates(verdict) == std::vector<std::string>{"again", "dead", "again"});
  CHECK(verdict.each[1].reason.find("INVALID_GCLID") != std::string::npos);
  for (const char* odd :
       {"", "[]", "{}", R"({"requestStatusPerDestination":[7,{"errorInfo":[]}]})"})
    for (const auto& each :
         destination_of("google_ads")
             .judge_result(answered(200, odd), {"lead"}, sound_config("google_ads"))
             .each)
      CHECK(each.kind == VerdictKind::accepted);
}

TEST_CASE("a refund that Google takes for a repeat has restated nothing", "[google_ads]") {
  const auto judged_as = [](const char* name, const char* state, int failed, int records) {
    const Json count = {{"recordCount", failed},
                        {"reason", "PROCESSING_ERROR_REASON_DUPLICATE_TRANSACTION_ID"}};
    const Json status = {{"destination", {{"reference", "purchase"}}},
                         {"requestStatus", state},
                         {"errorInfo", {{"errorCounts", Json::array({count})}}},
                         {"eventsIngestionStatus", {{"recordCount", records}}}};
    const Json body = {{"requestStatusPerDestination", Json::array({status})}};
    return destination_of("google_ads")
        .judge_result(answered(200, body.dump()), {name}, sound_config("google_ads"))
        .each.at(0);
  };
  CHECK(judged_as("purchase", "FAILED", 1, 1).kind == VerdictKind::delivered);
  for (const char* state : {"FAILED", "PARTIAL_SUCCESS", "SUCCESS"}) {
    CHECK(judged_as("refund", state, 1, 1).kind == VerdictKind::reject);
    CHECK(judged_as("refund", state, 1, 1).reason.starts_with("not_restated: "));
    CHECK(judged_as("refund", state, 1, 2).kind == VerdictKind::bisect);  // one of two
  }
}

TEST_CASE("refunds are told only where the site asks for it", "[google_ads]") {
  auto config = sound_config("google_ads");
  CHECK_FALSE(destinations::destination_takes(config, "refund"));
  config.events = {"purchase", "refund"};
  CHECK(destinations::check_destination(config).error().code == "bad_setting");
  config.settings["restate_refunds"] = "true";
  CHECK(destinations::check_destination(config).ok());
  config.events.clear();
  CHECK(destinations::destination_takes(config, "refund"));
  config.settings["conversions.refund"] = "5";
  CHECK(destinations::check_destination(config).error().code == "bad_setting");
}

TEST_CASE("a refresh token is exchanged for an access token", "[google_ads]") {
  const auto& google = destination_of("google_ads");
  const auto request = google.token_request(sound_config("google_ads"), kSaleMs);
  REQUIRE(request.has_value());
  CHECK(request->url == "https://oauth2.googleapis.com/token");
  CHECK(
      request->body ==
      "grant_type=refresh_token&client_id=client&client_secret=hush&refresh_token=1%2F%2Frefresh");
  const auto told =
      google.read_token(answered(200, R"({"access_token":"ya29","expires_in":3600})"), kSaleMs);
  REQUIRE(told.token.has_value());
  CHECK(told.token->text == "ya29");
  CHECK(told.token->until_ms == kSaleMs + kHour);
  OutgoingRequest signed_request;
  google.sign(signed_request, sound_config("google_ads"), {kSaleMs, "", "ya29"});
  CHECK(signed_request.headers["Authorization"] == "Bearer ya29");

  const auto refused = google.read_token(answered(400, R"({"error":"invalid_grant"})"), kSaleMs);
  CHECK(refused.refusal.kind == VerdictKind::auth_failed);
  CHECK(google.read_token(answered(503, ""), kSaleMs).refusal.kind == VerdictKind::retry);
  CHECK(google.read_token(answered(200, "<html>"), kSaleMs).refusal.kind == VerdictKind::retry);
}

TEST_CASE("a service account signs for its token", "[google_ads]") {
  const Account account;
  auto config = sound_config("google_ads");
  for (const char* name : {"client_id", "client_secret", "refresh_token"})
    config.settings.erase(name);
  config.settings["service_account_key"] = account.json();
  REQUIRE(destinations::check_destination(config).ok());

  const auto request = destination_of("google_ads").token_request(config, kSaleMs);
  REQUIRE(request.has_value());
  const auto at = request->body.find("&assertion=");
  REQUIRE(at != std::string::npos);
  const std::string jwt = request->body.substr(at + 11);
  const auto dot = jwt.rfind('.');
  CHECK(account.has_signed(jwt.substr(0, dot), from_base64url(jwt.substr(dot + 1)).value()));
  const auto first = jwt.find('.');
  const Json claims = Json::parse(from_base64url(jwt.substr(first + 1, dot - first - 1)).value());
  CHECK(claims["iss"] == "ads@shop.iam.example");
  CHECK(claims["aud"] == "https://oauth2.googleapis.com/token");
  CHECK(claims["exp"].get<std::int64_t>() - claims["iat"].get<std::int64_t>() == 3600);
}

TEST_CASE("exactly one way to a token is configured", "[google_ads]") {
  const auto code = [](DestinationConfig config) {
    const auto checked = destinations::check_destination(config);
    return checked.ok() ? "ok" : checked.error().code;
  };
  auto config = sound_config("google_ads");
  config.settings["service_account_key"] = "{}";
  CHECK(code(config) == "bad_setting");
  config.settings.erase("refresh_token");
  CHECK(code(config) == "bad_setting");  // a key file without a key
  config.settings.erase("service_account_key");
  CHECK(code(config) == "bad_setting");
}
