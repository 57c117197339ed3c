# Benchmarks are built, never run, by the tests.
if(TL_BENCH)
  add_executable(echo_server bench/echo_server.cpp)
  target_link_libraries(echo_server PRIVATE tl::httplib)
  target_compile_options(echo_server PRIVATE -O2)
endif()
