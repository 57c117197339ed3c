# Destinations: one file each, one line in registry.cpp.
add_library(tl_destinations STATIC
)
target_link_libraries(tl_destinations PUBLIC tl_core)
tl_warnings(tl_destinations)
