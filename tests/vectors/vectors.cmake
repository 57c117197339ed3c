# Golden vectors: the same driver natively and in WebAssembly must print the committed files again.
find_path(NLOHMANN_INCLUDE nlohmann/json.hpp PATHS /usr/include /usr/local/include
  NO_CMAKE_FIND_ROOT_PATH REQUIRED)
# Only its folder, so that a cross build never sees the host's headers.
set(vector_include ${CMAKE_CURRENT_BINARY_DIR}/vector-include)
file(MAKE_DIRECTORY ${vector_include})
file(CREATE_LINK ${NLOHMANN_INCLUDE}/nlohmann ${vector_include}/nlohmann SYMBOLIC)

add_executable(vector_driver
  vectors/vector_driver.cpp vectors/vector_text.cpp vectors/session_operations.cpp
  vectors/touch_operations.cpp vectors/handover_operations.cpp vectors/model_operations.cpp)
target_include_directories(vector_driver PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
target_include_directories(vector_driver SYSTEM PRIVATE ${vector_include})
target_link_libraries(vector_driver PRIVATE tl_test_page tl_models tl_hosts tl_shared)
# Without exceptions a malformed vector ends the driver, which fails the test.
target_compile_options(vector_driver PRIVATE -fno-exceptions)
tl_warnings(vector_driver)
# Each file reads the whole JSON library.
set_target_properties(vector_driver PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
if(EMSCRIPTEN)
  target_compile_options(vector_driver PRIVATE -O1)  # unoptimised it takes ten times as long as that saves
  target_link_options(vector_driver PRIVATE -sENVIRONMENT=node -sNODERAWFS=1 -sEXIT_RUNTIME=1
    -sWASM_ASYNC_COMPILATION=0
    -sALLOW_MEMORY_GROWTH=1 -sTOTAL_STACK=1048576)
endif()
add_test(NAME vectors COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/vectors/run.mjs
  $<TARGET_FILE:vector_driver>)
if(EMSCRIPTEN)
  add_test(NAME vectors_shipped COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/vectors/shipped.mjs
    ${PROJECT_BINARY_DIR}/sdk-wasm)
  add_test(NAME vectors_shipped_javascript COMMAND ${TL_NODE}
    ${CMAKE_CURRENT_SOURCE_DIR}/vectors/shipped.mjs ${PROJECT_BINARY_DIR}/sdk-wasm throughline.core.mjs)
  add_test(NAME vectors_shipped_models COMMAND ${TL_NODE}
    ${CMAKE_CURRENT_SOURCE_DIR}/vectors/shipped_models.mjs $<TARGET_FILE:models_wasm>)
else()
  add_test(NAME vectors_independent COMMAND ${TL_NODE} ${CMAKE_CURRENT_SOURCE_DIR}/vectors/independent.mjs)
endif()
