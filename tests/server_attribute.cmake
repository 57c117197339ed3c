# Tests of the models on plain files.
add_executable(attribute_tests
  server/attribute_touches_test.cpp
  server/path_csv_test.cpp
  server/path_models_test.cpp
  server/path_table_test.cpp
  ${PROJECT_SOURCE_DIR}/server/cli/attribute_answer.cpp
  ${PROJECT_SOURCE_DIR}/server/cli/attribute_touches.cpp)
target_link_libraries(attribute_tests PRIVATE tl_catch_main tl_attribute nlohmann_json::nlohmann_json)
target_include_directories(attribute_tests PRIVATE ${PROJECT_SOURCE_DIR})
tl_warnings(attribute_tests)
tl_files_as_tests(attribute_tests unit)
add_test(NAME attribute_command COMMAND ${TL_NODE}
  ${CMAKE_CURRENT_SOURCE_DIR}/server/attribute_command.mjs $<TARGET_FILE:throughline>)
# It uses the names of models/ as its own.
set_source_files_properties(${PROJECT_SOURCE_DIR}/server/cli/attribute_touches.cpp
  PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
