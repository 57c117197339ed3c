# Tests from signed webhook to attributed conversion.
add_executable(orders_tests
  server/apart_payment_test.cpp
  server/buyer_orders_test.cpp
  server/currency_test.cpp
  server/webhook_signature_test.cpp
  server/stripe_events_test.cpp
  server/provider_signatures_test.cpp
  server/provider_events_test.cpp
  server/provider_subscriptions_test.cpp
  server/collected_sales_test.cpp
  server/companion_hold_test.cpp
  server/corrected_amounts_test.cpp
  server/provider_shuffle_test.cpp
  server/told_richer_test.cpp
  server/orders_test.cpp
  server/orders_shuffle_test.cpp
  server/sale_halves_test.cpp
  server/conversion_match_test.cpp
  server/order_import_test.cpp
  server/order_lookups_test.cpp
  server/lookup_shuffle_test.cpp
  server/order_routes_test.cpp
  server/reject_replay_test.cpp
  server/checkouts_test.cpp)
target_link_libraries(orders_tests PRIVATE tl_test_page tl_http tl_providers tl_store tl_core tl_catch_main)
target_include_directories(orders_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(orders_tests)
tl_files_as_tests(orders_tests unit)

# Stripe's own package signs what our verifier must accept, and refuses what it must refuse.
add_executable(explain_lines server/explain_lines.cpp)
target_link_libraries(explain_lines PRIVATE tl_providers)
target_include_directories(explain_lines PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(explain_lines)
if(TL_NODE)
  add_test(NAME stripe_package_signatures
    COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/vendor/stripe_signatures.mjs
      $<TARGET_FILE:explain_lines>)
endif()
