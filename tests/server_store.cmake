# The store's contract, run against SQLite.
add_executable(store_tests
  server/local_day_test.cpp
  server/recent_traffic_test.cpp
  server/row_visitor_test.cpp
  server/secret_box_test.cpp
  server/store_contract_test.cpp
  server/store_durability_test.cpp
  server/store_migration_test.cpp
  server/unused_middle_test.cpp)
target_link_libraries(store_tests PRIVATE tl_store tl_core tl_catch_main)
target_include_directories(store_tests PRIVATE ${CMAKE_SOURCE_DIR})
tl_warnings(store_tests)
tl_files_as_tests(store_tests contract)
