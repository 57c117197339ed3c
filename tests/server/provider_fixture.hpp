// SPDX-License-Identifier: Apache-2.0
// What the providers' servers send: bodies with the headers that sign them, and what we read.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/providers/certificate_check.hpp"
#include "server/providers/registry.hpp"
#include "tests/server/paypal_certificate.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

inline constexpr const char* kProviderSecret = "shared_secret";
inline constexpr const char* kAdyenKey =
    "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
inline const std::string kSquareAddress = "https://example.com/hook";
inline const std::string kPaypalWebhookId = "WH-7";

using Headers = std::vector<std::pair<std::string, std::string>>;

inline std::string mac_hex(const std::string& key, const std::string& text) {
  const Digest mac = hmac_sha256(key, text);
  return to_hex(mac);
}
inline std::string mac_base64(const std::string& key, const std::string& text) {
  const Digest mac = hmac_sha256(key, text);
  return to_base64({reinterpret_cast<const char*>(mac.data()), mac.size()});
}

// The headers with which that provider would send `body` at kNow. `type`: for providers that name
// the event in a header; `key`: the delivery's.
inline Headers signed_headers(const std::string& provider, const std::string& body,
                              const std::string& type, const std::string& key) {
  const std::string secret = kProviderSecret, t = std::to_string(kNow / 1000);
  if (provider == "whop" || provider == "polar")
    return {{"webhook-id", key},
            {"webhook-timestamp", t},
            {"webhook-signature", "v1," + mac_base64(secret, key + "." + t + "." + body)}};
  if (provider == "shopify")
    return {{"X-Shopify-Hmac-Sha256", mac_base64(secret, body)},
            {"X-Shopify-Topic", type},
            {"X-Shopify-Webhook-Id", key}};
  if (provider == "paddle")
    return {{"Paddle-Signature", "ts=" + t + ";h1=" + mac_hex(secret, t + ":" + body)}};
  if (provider == "lemonsqueezy") return {{"X-Signature", mac_hex(secret, body)}};
  if (provider == "gocardless") return {{"Webhook-Signature", mac_hex(secret, body)}};
  if (provider == "mollie") return {{"X-Mollie-Signature", "sha256=" + mac_hex(secret, body)}};
  if (provider == "woocommerce")
    return {{"X-WC-Webhook-Signature", mac_base64(secret, body)},
            {"X-WC-Webhook-Topic", type},
            {"X-WC-Webhook-Delivery-ID", key}};
  if (provider == "paystack") return {{"x-paystack-signature", to_hex(hmac_sha512(secret, body))}};
  if (provider == "razorpay")
    return {{"X-Razorpay-Signature", mac_hex(secret, body)}, {"x-razorpay-event-id", key}};
  if (provider == "square")
    return {{"x-square-hmacsha256-signature", mac_base64(secret, kSquareAddress + body)}};
  if (provider == "chargebee") return {{"Authorization", "Basic " + to_base64(secret)}};
  if (provider == "donorbox")
    return {{"Donorbox-Signature", t + "," + mac_hex(secret, t + "." + body)}};
  if (provider == "paypal") {
    const std::string message =
        key + "|2026-09-21T14:13:20Z|" + kPaypalWebhookId + "|" + std::to_string(crc32_of(body));
    return {{"PAYPAL-TRANSMISSION-ID", key},
            {"PAYPAL-TRANSMISSION-TIME", "2026-09-21T14:13:20Z"},
            {"PAYPAL-TRANSMISSION-SIG", paypal_certificate().signature_of(message)},
            {"PAYPAL-CERT-URL", "https://api.paypal.com/v1/notifications/certs/CERT-1"},
            {"PAYPAL-AUTH-ALGO", "SHA256withRSA"}};
  }
  return {};
}

inline Outcome<std::vector<OrderChange>> read_as(const std::string& provider,
                                                 const Headers& headers, const std::string& body,
                                                 const PaymentConfig& config,
                                                 std::int64_t now_ms = kNow) {
  WebhookRequest request;
  request.headers = headers;
  if (provider == "gumroad") request.query = {{"token", kProviderSecret}};
  request.body = body;
  request.now_ms = now_ms;
  return find_provider(provider)->read(request, config, demo_site());
}

inline PaymentConfig provider_config(const std::string& provider) {
  PaymentConfig config;
  config.provider = provider;
  config.webhook_secrets = {provider == "adyen" ? kAdyenKey : kProviderSecret};
  config.notification_url = kSquareAddress;
  config.webhook_id = kPaypalWebhookId;
  if (provider == "paypal") config.certificate_pem = paypal_certificate().pem;
  return config;
}

// As the provider would send it, signature included.
inline Outcome<std::vector<OrderChange>> sent(const std::string& provider, const std::string& body,
                                              const std::string& type = {},
                                              const std::string& key = "delivery_1") {
  return read_as(provider, signed_headers(provider, body, type, key), body,
                 provider_config(provider));
}
inline OrderChange one_sent(const std::string& provider, const std::string& body,
                            const std::string& type = {}) {
  const auto changes = value_of(sent(provider, body, type));
  REQUIRE(changes.size() == 1);
  return changes.front();
}

}  // namespace tl::server::test
