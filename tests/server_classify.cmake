# Channels, own sites, devices, bots and places.
add_executable(classify_tests
  server/geo_headers_test.cpp
  server/own_referrer_test.cpp
  server/partner_link_test.cpp
  server/place_database_test.cpp
  server/sender_facts_test.cpp
  server/touch_classifier_test.cpp
  server/user_agent_test.cpp)
target_link_libraries(classify_tests PRIVATE tl_test_page tl_http tl_store tl_providers tl_core tl_catch_main)
target_include_directories(classify_tests PRIVATE ${CMAKE_SOURCE_DIR})
tl_warnings(classify_tests)
tl_files_as_tests(classify_tests unit)
