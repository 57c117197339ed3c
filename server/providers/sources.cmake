# Payment providers: one file each, one line in registry.cpp.
add_library(tl_providers STATIC
  providers/explain.cpp
  providers/registry.cpp
  providers/stripe.cpp
  providers/stripe_checkout.cpp
  providers/stripe_events.cpp
  providers/stripe_fields.cpp
  providers/stripe_money.cpp
  providers/webhook_fields.cpp
)
target_link_libraries(tl_providers PUBLIC tl_core)
tl_warnings(tl_providers)
