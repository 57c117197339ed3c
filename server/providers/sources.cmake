# Payment providers: one file each, one line in provider_list.inc.
add_library(tl_providers STATIC
  providers/adyen.cpp
  providers/certificate_check.cpp
  providers/chargebee.cpp
  providers/custom.cpp
  providers/described_api.cpp
  providers/described_change.cpp
  providers/described_provider.cpp
  providers/donorbox.cpp
  providers/event_source.cpp
  providers/exact_json.cpp
  providers/explain.cpp
  providers/gocardless.cpp
  providers/gumroad.cpp
  providers/lemonsqueezy.cpp
  providers/mollie.cpp
  providers/paddle.cpp
  providers/paypal.cpp
  providers/paystack.cpp
  providers/polar.cpp
  providers/razorpay.cpp
  providers/registry.cpp
  providers/shopify.cpp
  providers/signature_check.cpp
  providers/square.cpp
  providers/stripe.cpp
  providers/stripe_checkout.cpp
  providers/stripe_events.cpp
  providers/stripe_fields.cpp
  providers/stripe_money.cpp
  providers/webhook_fields.cpp
  providers/whop.cpp
  providers/woocommerce.cpp
)
target_link_libraries(tl_providers PUBLIC tl_core)
tl_warnings(tl_providers)
