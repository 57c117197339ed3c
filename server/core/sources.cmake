# Use cases, free of HTTP and SQL. Each use case's owner adds its files here, one line a file.
add_library(tl_core STATIC
  core/contact_variants.cpp
  core/conversion_credits.cpp
  core/conversion_match.cpp
  core/conversion_outbox.cpp
  core/conversion_path.cpp
  core/conversion_session.cpp
  core/conversions.cpp
  core/country_codes.cpp
  core/currency.cpp
  core/delivery_consent.cpp
  core/delivery_lane.cpp
  core/delivery_schedule.cpp
  core/dispatch_gathering.cpp
  core/ecma_text.cpp
  core/event_outbox.cpp
  core/local_day.cpp
  core/meta_cleaning.cpp
  core/meta_explanation.cpp
  core/meta_reference.cpp
  core/order_fact.cpp
  core/order_fold.cpp
  core/order_ledger.cpp
  core/orders.cpp
  core/outbox.cpp
  core/phone_number.cpp
  core/secret_box.cpp
  core/secret_key.cpp
  core/session_token.cpp
  core/webhook_request.cpp
  core/webhook_signature.cpp
  core/zone_file.cpp
)
target_link_libraries(tl_core PUBLIC tl_shared tl_models nlohmann_json::nlohmann_json OpenSSL::Crypto)
target_link_libraries(tl_core PRIVATE tl::phonenumber PkgConfig::UTF8PROC)
tl_warnings(tl_core)
