# Tests from the outbox to the destinations.
add_executable(delivery_tests
  server/contact_variants_test.cpp
  server/meta_normalisation_test.cpp
  server/meta_test.cpp
  server/posthog_test.cpp
  server/destinations_test.cpp
  server/ga4_test.cpp
  server/webhook_test.cpp
  server/google_ads_test.cpp
  server/ad_platforms_test.cpp
  server/signed_sending_test.cpp
  server/delivery_schedule_test.cpp
  server/dispatch_gathering_test.cpp
  server/delivery_lane_test.cpp
  server/delivery_results_test.cpp
  server/grown_sale_test.cpp
  server/transaction_ids_test.cpp
  server/conversion_delivery_test.cpp
  server/late_match_test.cpp
  server/outbox_test.cpp
  server/delivery_loopback_test.cpp
  server/deliveries_handler_test.cpp)
target_include_directories(delivery_tests PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(delivery_tests PRIVATE tl_http tl_destinations tl_store tl_core tl_catch_main)
tl_warnings(delivery_tests)
tl_files_as_tests(delivery_tests unit)

# Our side of the comparison with the vendors' own packages: npm test in tests/vendor.
add_executable(delivery_lines server/delivery_lines.cpp)
target_include_directories(delivery_lines PRIVATE ${PROJECT_SOURCE_DIR})
target_link_libraries(delivery_lines PRIVATE tl_destinations)
tl_warnings(delivery_lines)
