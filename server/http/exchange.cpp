// SPDX-License-Identifier: Apache-2.0
// Lookups on a request and the two plain ways to make a reply. Header names are compared without
// case (RFC 9110 section 5.1), query and cookie names exactly.

#include "server/http/exchange.hpp"

#include "throughline/text.hpp"

namespace tl::server::http {

std::string_view Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

std::string_view Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query)
    if (key == name) return value;
  return {};
}

std::string_view Request::cookie(std::string_view name) const {
  for (const auto& [key, line] : headers) {
    if (!equals_ignoring_case(key, "cookie")) continue;
    std::string_view rest = line;
    while (!rest.empty()) {
      const auto end = rest.find(';');
      const auto pair = trim(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
      const auto equals = pair.find('=');
      if (equals != std::string_view::npos && trim(pair.substr(0, equals)) == name)
        return trim(pair.substr(equals + 1));
    }
  }
  return {};
}

Reply Reply::json(int status, std::string body) {
  return text(status, std::move(body), "application/json; charset=utf-8");
}

Reply Reply::text(int status, std::string body, std::string content_type) {
  Reply reply;
  reply.status = status;
  reply.body = std::move(body);
  reply.headers.emplace_back("Content-Type", std::move(content_type));
  return reply;
}

}  // namespace tl::server::http
