// SPDX-License-Identifier: Apache-2.0
// [site.payment.NAME] and [[site.checkout]].

#include "server/config/keys.hpp"

#include <string_view>

namespace tl::server {
namespace {

// "whsec_…" of an example, pasted as it stands: it would be found out by the first sale.
std::string placeholder_complaint(std::string_view secret) {
  const bool is_cut = secret.ends_with("\xE2\x80\xA6") || secret.ends_with("...");
  return is_cut ? "must be the whole secret as the provider shows it, not an example that ends in "
                  "dots"
                : "";
}

}  // namespace

const std::vector<Key<PaymentConfig>>& payment_keys() {
  static const std::vector<Key<PaymentConfig>> keys = {
      key("webhook_secrets", &PaymentConfig::webhook_secrets,
          "signing secrets; several during a rotation")
          .secret()
          .check([](const Value& v) -> std::string {
            for (const auto& secret : std::get<std::vector<std::string>>(v))
              if (auto wrong = placeholder_complaint(secret); !wrong.empty()) return wrong;
            return "";
          }),
      key("api_key", &PaymentConfig::api_key,
          "the provider's API key, for importing orders (woocommerce, razorpay, donorbox: two "
          "parts, as KEY:SECRET), creating checkouts, and what webhooks only name (mollie, "
          "gocardless)")
          .secret()
          .check([](const Value& v) { return placeholder_complaint(std::get<std::string>(v)); }),
      key("account_id", &PaymentConfig::account_id,
          "whose payments are imported: whop's company (biz_…), square's location (L…)")
          .check(optional_name_complaint),
      key("base_url", &PaymentConfig::base_url,
          "the provider's API; empty: its public one (woocommerce, shopify, chargebee: the "
          "shop's own address)")
          .check([](const Value& v) {
            return std::get<std::string>(v).empty() ? ""
                                                    : api_url_complaint(std::get<std::string>(v));
          }),
      key("tolerance_s", &PaymentConfig::tolerance_s,
          "how old a signed webhook may be, in seconds; -1: the provider's own rule")
          .check(between(-1, 86'400)),
      key("live", &PaymentConfig::live,
          "false: a test account, whose payments are kept and never counted; for providers whose "
          "webhooks do not say test or live"),
      key("notification_url", &PaymentConfig::notification_url,
          "square: the webhook's address exactly as registered there; it is signed too"),
      key("webhook_id", &PaymentConfig::webhook_id,
          "paypal: the webhook's id, which is signed too"),
      key("certificate_pem", &PaymentConfig::certificate_pem,
          "paypal: the certificate that signs, as \"file:PATH\""),
  };
  return keys;
}

const std::vector<Key<CheckoutItem>>& checkout_keys() {
  static const auto url_or_empty = [](const Value& value) -> std::string {
    const auto& url = std::get<std::string>(value);
    return url.empty() ? "must not be empty" : web_url_complaint(url);
  };
  static const std::vector<Key<CheckoutItem>> keys = {
      key("id", &CheckoutItem::id, "what the page names; it never names the price")
          .check(name_complaint),
      key("price", &CheckoutItem::price, "the provider's price id; empty for a free amount"),
      key("currency", &CheckoutItem::currency, "of a free amount").check([](const Value& v) {
        return std::get<std::string>(v).empty() ? std::string() : currency_complaint(v);
      }),
      key("name", &CheckoutItem::name, "shown for a free amount; default: the site's name"),
      key("min_minor", &CheckoutItem::min_minor, "least free amount in minor units")
          .check(between(0, 1'000'000'000'000)),
      key("max_minor", &CheckoutItem::max_minor, "largest free amount in minor units")
          .check(between(0, 1'000'000'000'000)),
      key("mode", &CheckoutItem::mode, "payment or subscription")
          .check(one_of({"payment", "subscription"})),
      key("interval", &CheckoutItem::interval, "of a free subscription amount")
          .check(one_of({"day", "week", "month", "year"})),
      key("success_url", &CheckoutItem::success_url, "where the buyer goes after paying")
          .check(url_or_empty),
      key("cancel_url", &CheckoutItem::cancel_url,
          "where the buyer goes on cancelling; without it the provider's page has no way back")
          .check(url_or_empty),
      key("promotion_codes", &CheckoutItem::promotion_codes,
          "the buyer may enter a promotion code, the page may name one (promotion_code)"),
      key("coupons", &CheckoutItem::coupons,
          "ids of the provider's coupons that the page may name (coupon)"),
  };
  return keys;
}

}  // namespace tl::server
