# Tests of the HTTP layer, the configuration and the application as a whole.
add_executable(http_tests
  server/app_test.cpp
  server/client_address_test.cpp
  server/config_test.cpp
  server/custom_names_test.cpp
  server/custom_provider_test.cpp
  server/dashboard_access_test.cpp
  server/dispatcher_test.cpp
  server/foreign_json_test.cpp
  server/live_feed_test.cpp
  server/router_test.cpp
  server/server_socket_test.cpp
  server/site_isolation_test.cpp
  server/tls_test.cpp
  server/unread_tally_test.cpp
  server/users_test.cpp)
target_include_directories(http_tests PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(http_tests PRIVATE tl_app tl_http tl_providers tl_destinations tl_config tl_store tl_core tl_catch_main)
# A documented example is tested as it stands.
target_compile_definitions(http_tests PRIVATE TL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
tl_warnings(http_tests)
tl_files_as_tests(http_tests unit)

if(TL_NODE)
  add_test(NAME every_error_code_is_explained
    COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/docs/error_codes.mjs)
  add_test(NAME command_line
    COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/server/command_line.mjs $<TARGET_FILE:throughline>)
  add_test(NAME audited_commands
    COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/server/audited_commands.mjs $<TARGET_FILE:throughline>)
  if(NOT TL_SANITIZE)
    add_test(NAME every_library_has_its_package
      COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/docs/runtime_packages.mjs $<TARGET_FILE:throughline>)
  endif()
endif()
