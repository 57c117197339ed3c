# Destinations: one file each, one line in registry.cpp.
add_library(tl_destinations STATIC
  destinations/event_facts.cpp
  destinations/meta.cpp
  destinations/meta_answer.cpp
  destinations/meta_click.cpp
  destinations/posthog.cpp
  destinations/posthog_properties.cpp
  destinations/public_address.cpp
  destinations/registry.cpp
  destinations/settings.cpp
)
target_compile_definitions(tl_destinations PRIVATE TL_VERSION="${PROJECT_VERSION}")
target_link_libraries(tl_destinations PUBLIC tl_core)
tl_warnings(tl_destinations)
