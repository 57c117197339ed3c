# Payment providers: one file each, one line in registry.cpp.
add_library(tl_providers STATIC
)
target_link_libraries(tl_providers PUBLIC tl_core)
tl_warnings(tl_providers)
