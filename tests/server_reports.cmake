# Day rollups, reports, costs, late evidence, audit and rebuild.
add_executable(reports_tests
  server/conversion_path_test.cpp
  server/cost_file_test.cpp
  server/cost_places_test.cpp
  server/counted_zone_test.cpp
  server/late_evidence_test.cpp
  server/reclassification_test.cpp
  server/refund_steps_test.cpp
  server/report_costs_test.cpp
  server/report_intervals_test.cpp
  server/report_models_test.cpp
  server/report_requests_test.cpp
  server/reports_shuffles.cpp
  server/reports_test.cpp
  server/training_test.cpp
  server/visitor_sketch_test.cpp)
target_link_libraries(reports_tests PRIVATE tl_http tl_providers tl_store tl_core tl_catch_main)
target_include_directories(reports_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(reports_tests)
tl_files_as_tests(reports_tests unit)
# A test a zone: they take the longest of all, so they begin first, and side by side.
foreach(part prague new_york kolkata rebuilt)
  add_test(NAME reports_shuffle_${part} COMMAND reports_tests "[${part}]")
  set_tests_properties(reports_shuffle_${part} PROPERTIES LABELS unit TIMEOUT 1500 COST 1000
    FAIL_REGULAR_EXPRESSION "No test cases matched|No tests ran")
endforeach()
add_test(NAME report_commands COMMAND ${TL_NODE}
  ${CMAKE_CURRENT_SOURCE_DIR}/server/report_commands.mjs $<TARGET_FILE:throughline>)
