// SPDX-License-Identifier: Apache-2.0
// Finds the route of a request: a tree of path segments, literals before {parameters}, so the cost
// is the path's length and not the table's. Immutable after construction; safe from any thread.
#pragma once

#include "server/http/exchange.hpp"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

class Router {
 public:
  // A pattern is absolute; a segment is literal or one {name}. Two routes with the same method and
  // pattern are a programmer's error.
  explicit Router(std::vector<Route> routes);
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  struct Match {
    const Route* route = nullptr;  // borrows from the router; null when nothing answers
    std::map<std::string, std::string> params;
    std::string allow;  // "GET, HEAD, OPTIONS" when the path exists; else empty
  };
  // `segments`: decoded, as RequestTarget has them. HEAD finds GET routes.
  [[nodiscard]] Match find(std::string_view method, const std::vector<std::string>& segments) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }
  [[nodiscard]] std::size_t largest_body() const;

 private:
  struct Node;
  void insert(const Route& route);
  std::vector<Route> routes_;
  std::unique_ptr<Node> root_;
};

}  // namespace tl::server::http
