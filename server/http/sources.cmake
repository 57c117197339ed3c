# HTTP: the route table, handlers and the only two files that include httplib.h.
add_library(tl_http STATIC
  http/outgoing_client.cpp
  http/authorisation.cpp
  http/address_guard.cpp
  http/client_address.cpp
  http/connection.cpp
  http/connection_pool.cpp
  http/cors.cpp
  http/deliveries_handler.cpp
  http/dispatcher.cpp
  http/error_reply.cpp
  http/exchange.cpp
  http/health_handler.cpp
  http/sdk_handler.cpp
  http/metrics_handler.cpp
  http/compressed_asset.cpp
  http/rate_limiter.cpp
  http/request_metrics.cpp
  http/request_target.cpp
  http/router.cpp
  http/server.cpp
  http/checkout_handler.cpp
  http/conversion_json.cpp
  http/conversions_handler.cpp
  http/order_event_handler.cpp
  http/stated_conversion.cpp
  http/stated_event.cpp
  http/webhook_handler.cpp
)
set(TL_SDK_DIR ${CMAKE_SOURCE_DIR}/build/sdk CACHE PATH "Folder with the built throughline.js")
if(NOT EXISTS ${TL_SDK_DIR}/throughline.js)
  message(FATAL_ERROR "The browser script is missing: ${TL_SDK_DIR}/throughline.js. Run tools/build, "
    "which makes it before the server, or set TL_SDK_DIR.")
endif()
tl_embed(tl_http tl_sdk_script ${TL_SDK_DIR}/throughline.js)
target_link_libraries(tl_http PUBLIC tl_core PRIVATE tl::httplib ZLIB::ZLIB PkgConfig::BROTLIENC)
# Read by httplib.h; the same for every file that includes it.
target_compile_definitions(tl_http PRIVATE CPPHTTPLIB_LISTEN_BACKLOG=1024)
tl_warnings(tl_http)
