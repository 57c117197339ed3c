// SPDX-License-Identifier: Apache-2.0
// Reading answers of the HTTP layer.
#pragma once

#include "server/http/exchange.hpp"
#include "tests/catch.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace tl::server::test {

inline std::string header_of(const http::Reply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers)
    if (key == name) return value;
  return {};
}
// "" when it is no error.
inline std::string code_of(const http::Reply& reply) {
  const auto body = nlohmann::json::parse(reply.body, nullptr, false);
  return body.contains("error") ? body["error"]["code"].get<std::string>() : std::string();
}

// The body that a reply streams, which must be whole.
inline std::string streamed(const http::Reply& reply) {
  INFO(reply.status << " " << reply.body);
  REQUIRE(reply.stream);
  std::string all;
  REQUIRE(reply.stream([&](std::string_view piece) {
    all += piece;
    return true;
  }));
  return all;
}

}  // namespace tl::server::test
