# Configuration file and environment.
add_library(tl_config STATIC
  config/nearest_name.cpp
)
target_link_libraries(tl_config PUBLIC tl_core)
target_include_directories(tl_config SYSTEM PRIVATE ${TOMLPLUSPLUS_INCLUDE})
tl_warnings(tl_config)
