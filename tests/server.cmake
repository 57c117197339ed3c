# Tests of the server; each area has its own list.
foreach(area attribute store ingest classify http orders people delivery reports privacy)
  include(server_${area}.cmake OPTIONAL)
endforeach()
# Most of them open a store, and half of what each compiles are the same headers: compiled once, for all
# alike.
foreach(area store ingest classify http orders people delivery reports privacy)
  set(target ${area}_tests)
  tl_optimised_first(${target})
  target_link_libraries(${target} PRIVATE SQLiteCpp sqlite3)
  if(area STREQUAL store)
    target_precompile_headers(${target} PRIVATE server/support.hpp <nlohmann/json.hpp> <SQLiteCpp/SQLiteCpp.h> <random>)
  else()
    target_precompile_headers(${target} REUSE_FROM store_tests)
  endif()
endforeach()
