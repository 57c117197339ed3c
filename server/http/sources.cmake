# HTTP: the route table, handlers and the only two files that include httplib.h.
add_library(tl_http STATIC
)
target_link_libraries(tl_http PUBLIC tl_core PRIVATE tl::httplib ZLIB::ZLIB PkgConfig::BROTLIENC)
tl_warnings(tl_http)
