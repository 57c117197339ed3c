# HTTP: the route table, handlers and the only two files that include httplib.h.
add_library(tl_http STATIC
  http/analytics_handler.cpp
  http/analytics_json.cpp
  http/analytics_request.cpp
  http/authorisation.cpp
  http/checkout_handler.cpp
  http/chunk_framing.cpp
  http/client_address.cpp
  http/compressed_asset.cpp
  http/connection.cpp
  http/connection_pool.cpp
  http/consent_handler.cpp
  http/conversion_json.cpp
  http/conversions_handler.cpp
  http/cors.cpp
  http/costs_handler.cpp
  http/csv_table.cpp
  http/dashboard_handler.cpp
  http/decode_batch.cpp
  http/deliveries_handler.cpp
  http/delivery_json.cpp
  http/dispatcher.cpp
  http/error_reply.cpp
  http/events_handler.cpp
  http/exchange.cpp
  http/form_fields.cpp
  http/geo_headers.cpp
  http/coarse_handover_handler.cpp
  http/handover_handler.cpp
  http/health_handler.cpp
  http/http_date.cpp
  http/identify_handler.cpp
  http/install_handler.cpp
  http/intake.cpp
  http/json_reader.cpp
  http/lead_handler.cpp
  http/lead_json.cpp
  http/list_answer.cpp
  http/list_request.cpp
  http/live_handler.cpp
  http/login_handler.cpp
  http/metrics_handler.cpp
  http/openapi_handler.cpp
  http/order_event_handler.cpp
  http/people_handler.cpp
  http/person_json.cpp
  http/pixel_handler.cpp
  http/privacy_handler.cpp
  http/query_names.cpp
  http/rate_limiter.cpp
  http/region_handler.cpp
  http/reject_row.cpp
  http/rejects_handler.cpp
  http/request_metrics.cpp
  http/request_target.cpp
  http/router.cpp
  http/sdk_handler.cpp
  http/session_json.cpp
  http/sessions_handler.cpp
  http/signed_contact.cpp
  http/stated_conversion.cpp
  http/stated_event.cpp
  http/statement_rejects.cpp
  http/tls_context.cpp
  http/tls_files.cpp
  http/touch_handler.cpp
  http/training_json.cpp
  http/unread_head.cpp
  http/unread_tally.cpp
  http/users_handler.cpp
  http/visitor_cookies.cpp
  http/views_handler.cpp
  http/webhook_handler.cpp
  http/webhook_rejects.cpp
)
set(TL_SDK_DIR ${CMAKE_SOURCE_DIR}/build/sdk CACHE PATH "Folder with the built throughline.js")
if(NOT EXISTS ${TL_SDK_DIR}/throughline.js)
  message(NOTICE "The browser script is missing: ${TL_SDK_DIR}/throughline.js. tools/build makes it before "
    "the server, which holds it; or set TL_SDK_DIR.")
endif()
set(TL_DASHBOARD_DIR ${CMAKE_SOURCE_DIR}/build/dashboard CACHE PATH "Folder with the built dashboard")
if(NOT EXISTS ${TL_DASHBOARD_DIR}/models.wasm)
  message(NOTICE "The dashboard is missing: ${TL_DASHBOARD_DIR}/models.wasm. tools/build makes it before "
    "the server, which holds it; or set TL_DASHBOARD_DIR.")
endif()
tl_embed(tl_http tl_dashboard_html ${TL_DASHBOARD_DIR}/index.html)
tl_embed(tl_http tl_dashboard_css ${TL_DASHBOARD_DIR}/style.css)
tl_embed(tl_http tl_dashboard_js ${TL_DASHBOARD_DIR}/dashboard.js)
tl_embed(tl_http tl_dashboard_models_wasm ${TL_DASHBOARD_DIR}/models.wasm)
tl_embed(tl_http tl_openapi_bodies ${CMAKE_CURRENT_LIST_DIR}/openapi_bodies.json)
tl_embed(tl_http tl_sdk_script ${TL_SDK_DIR}/throughline.js)
tl_embed(tl_http tl_sdk_extras ${TL_SDK_DIR}/throughline.x.js)
tl_embed(tl_http tl_sdk_platforms ${TL_SDK_DIR}/throughline.c.js)
tl_embed(tl_http tl_sdk_more ${TL_SDK_DIR}/throughline.m.js)
tl_embed(tl_http tl_sdk_debug ${TL_SDK_DIR}/throughline.d.js)
tl_embed(tl_http tl_sdk_javascript_core ${TL_SDK_DIR}/throughline.j.js)
tl_embed(tl_http tl_sdk_compat ${TL_SDK_DIR}/throughline.compat.js)
target_link_libraries(tl_http PUBLIC tl_core PRIVATE tl::httplib ZLIB::ZLIB PkgConfig::BROTLIENC)
tl_warnings(tl_http)

# httplib.h is 20,000 lines that nobody else needs to see; compiled as one file, the two that do read it once.
add_library(tl_http_sockets OBJECT http/outgoing_client.cpp http/server.cpp)
target_link_libraries(tl_http_sockets PRIVATE tl_core tl::httplib)
# Read by httplib.h; the same for every file that includes it.
target_compile_definitions(tl_http_sockets PRIVATE CPPHTTPLIB_LISTEN_BACKLOG=1024)
tl_warnings(tl_http_sockets)
target_sources(tl_http PRIVATE $<TARGET_OBJECTS:tl_http_sockets>)
