# Erasure, export and retention.
add_executable(privacy_tests
  server/consent_receipts_test.cpp
  server/erasure_test.cpp
  server/expired_people_test.cpp
  server/other_devices_test.cpp
  server/mentions_test.cpp
  server/privacy_routes_test.cpp
  server/resealing_test.cpp
  server/unsigned_people_test.cpp
  server/told_again_test.cpp
  server/withdrawal_test.cpp)
target_link_libraries(privacy_tests PRIVATE tl_test_page tl_http tl_providers tl_store tl_core tl_catch_main)
target_include_directories(privacy_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(privacy_tests)
tl_files_as_tests(privacy_tests unit)
