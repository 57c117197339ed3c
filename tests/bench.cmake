# Built by tools/bench only: the HTTP library alone costs half a minute.
add_executable(echo_server EXCLUDE_FROM_ALL bench/echo_server.cpp)
target_link_libraries(echo_server PRIVATE tl::httplib)
target_compile_options(echo_server PRIVATE -O2)
