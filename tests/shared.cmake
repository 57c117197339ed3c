# A page for tests in C++: what the loader writes.
add_library(tl_test_page STATIC page/event_text.cpp)
target_link_libraries(tl_test_page PUBLIC tl_shared)
target_include_directories(tl_test_page PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
tl_warnings(tl_test_page)

# Tests of the attribution core; also compiled to WebAssembly.
add_executable(shared_tests
  shared/channel_test.cpp shared/consent_test.cpp shared/hash_test.cpp
  shared/hosts_test.cpp shared/out_test.cpp shared/params_test.cpp shared/reduce_url_test.cpp
  shared/session_test.cpp shared/text_test.cpp shared/touch_test.cpp shared/url_test.cpp
  shared/contact_test.cpp shared/checkout_test.cpp shared/coarse_handover_test.cpp
  page/event_text_test.cpp
  shared/credit_test.cpp shared/exp_test.cpp shared/models_test.cpp shared/path_test.cpp
  shared/removal_effect_test.cpp shared/milestone_test.cpp shared/dense_inverse_test.cpp)
target_link_libraries(shared_tests PRIVATE tl_test_page tl_models tl_hosts tl_shared tl_catch_main)
tl_warnings(shared_tests)
set_target_properties(shared_tests PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 40)
if(EMSCRIPTEN)
  # Catch2 throws, so the tests do; what they test is compiled as for the browser. Their seeded random
  # numbers have 64 bits, a size has 32.
  target_compile_options(shared_tests PRIVATE -Wno-shorten-64-to-32)
  foreach(target tl_catch_main shared_tests)
    target_compile_options(${target} PRIVATE -fwasm-exceptions)
  endforeach()
  target_link_options(shared_tests PRIVATE -fwasm-exceptions -sWASM_ASYNC_COMPILATION=0
    -sENVIRONMENT=node -sEXIT_RUNTIME=1 -sALLOW_MEMORY_GROWTH=1)
  add_test(NAME shared_tests_wasm COMMAND ${TL_NODE} $<TARGET_FILE:shared_tests>)
else()
  tl_files_as_tests(shared_tests unit)
  add_test(NAME layers COMMAND ${TL_NODE} --test ${CMAKE_CURRENT_SOURCE_DIR}/tools/check_layers.test.mjs)
  add_test(NAME setup COMMAND ${TL_NODE} --test ${CMAKE_CURRENT_SOURCE_DIR}/tools/setup.test.mjs)
endif()
include(${CMAKE_CURRENT_SOURCE_DIR}/vectors/vectors.cmake)
