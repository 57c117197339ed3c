# From a browser's request to verified rows.
add_executable(ingest_tests
  server/ad_view_routes_test.cpp
  server/browser_intakes_test.cpp
  server/consent_intake_test.cpp
  server/late_choice_test.cpp
  server/late_click_ids_test.cpp
  server/content_test.cpp
  server/decode_batch_test.cpp
  server/handover_test.cpp
  server/ingest_test.cpp
  server/stated_refusal_test.cpp
  server/verify_test.cpp
  server/visitor_cookies_test.cpp)
target_link_libraries(ingest_tests PRIVATE tl_test_page tl_http tl_store tl_core tl_catch_main)
target_include_directories(ingest_tests PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_definitions(ingest_tests PRIVATE TL_TESTS_FOLDER="${CMAKE_CURRENT_SOURCE_DIR}")
tl_warnings(ingest_tests)
tl_files_as_tests(ingest_tests unit)
