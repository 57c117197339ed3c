# Built by tools/bench only: the HTTP library alone costs half a minute.
add_executable(echo_server EXCLUDE_FROM_ALL bench/echo_server.cpp)
target_link_libraries(echo_server PRIVATE tl::httplib)
target_compile_options(echo_server PRIVATE -O2)

add_executable(reports_store EXCLUDE_FROM_ALL bench/reports_store.cpp ../server/system_sources.cpp)
target_include_directories(reports_store PRIVATE ${CMAKE_SOURCE_DIR})
target_link_libraries(reports_store PRIVATE tl_store tl_core)
target_compile_options(reports_store PRIVATE -O2)
tl_warnings(reports_store)

add_executable(attribution_bench EXCLUDE_FROM_ALL bench/attribution_bench.cpp)
target_link_libraries(attribution_bench PRIVATE tl_attribute)
target_include_directories(attribution_bench PRIVATE ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
target_compile_options(attribution_bench PRIVATE -O2)
