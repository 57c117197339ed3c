// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/google_token.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/text/foreign_json.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/destinations/answer_json.hpp"
#include "server/destinations/http_verdict.hpp"
#include "server/destinations/json_object.hpp"

#include <nlohmann/json.hpp>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

namespace tl::server::destinations {
namespace {

OutgoingRequest token_form(const std::string& url, std::string body) {
  OutgoingRequest request;
  request.url = url;
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = std::move(body);
  request.timeout_ms = 5000;
  return request;
}

// RSASSA-PKCS1-v1_5 with SHA-256; none when the key cannot sign.
std::optional<std::string> rs256(const std::string& pem, std::string_view message) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(source.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free);
  if (!key || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) return {};
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const auto* bytes = reinterpret_cast<const unsigned char*>(message.data());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, message.size()) != 1)
    return {};
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, message.size()) != 1)
    return {};
  signature.resize(size);
  return signature;
}

}  // namespace

OutgoingRequest refresh_token_request(const std::string& url, std::string_view client_id,
                                      std::string_view client_secret,
                                      std::string_view refresh_token) {
  return token_form(url, "grant_type=refresh_token&client_id=" + percent_encoded(client_id) +
                             "&client_secret=" + percent_encoded(client_secret) +
                             "&refresh_token=" + percent_encoded(refresh_token));
}

Outcome<OutgoingRequest> service_account_request(const std::string& url, std::string_view key_json,
                                                 std::string_view scope, std::int64_t now_ms) {
  const auto account = nlohmann::json::parse(key_json, nullptr, false);
  const bool has_key = account.is_object() && account.contains("client_email") &&
                       account["client_email"].is_string() && account.contains("private_key") &&
                       account["private_key"].is_string();
  if (!has_key) return invalid("bad_setting", "must be the JSON file of a service account's key");
  JsonObject header, claims;
  header.text("alg", "RS256")
      .text("typ", "JWT")
      .text("kid", answer_text(account, "private_key_id"));
  claims.text("iss", account["client_email"].get<std::string>())
      .text("scope", scope)
      .text("aud", url)
      .number("iat", now_ms / 1000)
      .number("exp", now_ms / 1000 + kHourMs / kSecondMs);
  const std::string content = to_base64url(header.finish()) + "." + to_base64url(claims.finish());
  const auto signature = rs256(account["private_key"].get<std::string>(), content);
  if (!signature) return invalid("bad_setting", "holds no RSA key that can sign");
  return token_form(url,
                    "grant_type=" + percent_encoded("urn:ietf:params:oauth:grant-type:jwt-bearer") +
                        "&assertion=" + content + "." + to_base64url(*signature));
}

TokenAnswer read_google_token(const OutgoingAnswer& answer, std::int64_t now_ms) {
  const auto body = parse_foreign_json(answer.body);
  TokenAnswer told;
  const bool has_token = answer.status == 200 && body.is_object() &&
                         body.contains("access_token") && body["access_token"].is_string();
  if (has_token) {
    const bool has_life = body.contains("expires_in") && body["expires_in"].is_number_integer();
    const std::int64_t life_s = has_life ? body["expires_in"].get<std::int64_t>() : 3600;
    told.token = {body["access_token"].get<std::string>(), now_ms + life_s * kSecondMs};
    return told;
  }
  told.refusal = judge_status("Google's token service", answer, 1);
  using Kind = DeliveryVerdict::Kind;
  if (told.refusal.kind == Kind::reject) told.refusal.kind = Kind::auth_failed;  // invalid_grant …
  if (told.refusal.kind == Kind::delivered)
    told.refusal = {Kind::retry, 0, 0, "Google's token service answered without a token"};
  return told;
}

}  // namespace tl::server::destinations
