# Tests of the models on plain files.
add_executable(attribute_tests
  server/attribute_touches_test.cpp
  server/path_csv_test.cpp
  server/path_models_test.cpp
  server/path_table_test.cpp)
target_link_libraries(attribute_tests PRIVATE tl_attribute_command tl_catch_main)
tl_warnings(attribute_tests)
tl_files_as_tests(attribute_tests unit)
add_test(NAME attribute_command COMMAND ${TL_NODE}
  ${CMAKE_CURRENT_SOURCE_DIR}/server/attribute_command.mjs $<TARGET_FILE:throughline>)
