# models.wasm: the attribution models for the dashboard's what-if panel, the same sources as in the
# server. Never part of the page's script, so it is compiled for speed and may grow its memory.
add_executable(models_wasm src/model_exports.cpp)
target_link_libraries(models_wasm PRIVATE tl_models)
tl_warnings(models_wasm)
target_compile_options(models_wasm PRIVATE -O2 -fno-exceptions -fno-rtti)
# A stack that holds a path of 500 touches and a chain's tables.
target_link_options(models_wasm PRIVATE
  -O2 --no-entry -sSTANDALONE_WASM -sFILESYSTEM=0 -sTOTAL_STACK=262144 -sINITIAL_MEMORY=1048576
  -sALLOW_MEMORY_GROWTH=1)
set_target_properties(models_wasm PROPERTIES OUTPUT_NAME models SUFFIX .wasm)
