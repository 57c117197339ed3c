# Configuration file and environment.
add_library(tl_config STATIC
  config/custom_provider.cpp
  config/describe_config.cpp
  config/destination_keys.cpp
  config/key.cpp
  config/load_config.cpp
  config/payment_description_keys.cpp
  config/payment_keys.cpp
  config/section_reader.cpp
  config/sent_events.cpp
  config/server_keys.cpp
  config/site_checks.cpp
  config/site_keys.cpp
  config/site_rules.cpp
  config/toml_tree.cpp
  config/value_rules.cpp
  config/value_source.cpp
)
target_link_libraries(tl_config PUBLIC tl_core)
target_include_directories(tl_config SYSTEM PRIVATE ${TOMLPLUSPLUS_INCLUDE})
tl_warnings(tl_config)
