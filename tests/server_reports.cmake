# Day rollups, reports, costs, late evidence, audit and rebuild.
add_executable(reports_tests
  server/cost_file_test.cpp
  server/reports_shuffle_test.cpp
  server/reports_test.cpp
  server/training_test.cpp
  server/visitor_sketch_test.cpp)
target_link_libraries(reports_tests PRIVATE tl_catch_main tl_http tl_providers tl_store tl_core SQLiteCpp sqlite3)
target_include_directories(reports_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(reports_tests)
# Templates of the standard library and of JSON are linked from the first object that has them, which
# is a test's: unoptimised they would slow the code under test, and the shuffles run it for minutes.
target_compile_options(reports_tests PRIVATE -O1)
tl_files_as_tests(reports_tests unit)
add_test(NAME report_commands COMMAND ${TL_NODE}
  ${CMAKE_CURRENT_SOURCE_DIR}/server/report_commands.mjs $<TARGET_FILE:throughline>)
