# Use cases, free of HTTP and SQL. Each use case's owner adds its files here, one line a file.
add_library(tl_core STATIC
  core/currency.cpp
  core/secret_box.cpp
  core/session_token.cpp
  core/webhook_request.cpp
  core/webhook_signature.cpp
)
target_link_libraries(tl_core PUBLIC tl_shared tl_models nlohmann_json::nlohmann_json OpenSSL::Crypto)
tl_warnings(tl_core)
