# Who is one person, and what that does to paths and credits.
add_executable(people_tests
  server/ad_views_test.cpp
  server/people_test.cpp
  server/query_plans_test.cpp
  server/leads_test.cpp
  server/lead_routes_test.cpp)
target_link_libraries(people_tests PRIVATE tl_http tl_providers tl_store tl_core tl_catch_main)
target_include_directories(people_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(people_tests)
tl_files_as_tests(people_tests unit)
