// SPDX-License-Identifier: Apache-2.0
// "/api/sessions/{id}" becomes three nodes; a {name} may differ between routes that share a node
// (each end keeps its own names).

#include "server/http/router.hpp"

#include "server/http/request_target.hpp"

#include <algorithm>
#include <cassert>

namespace tl::server::http {

struct Router::Node {
  struct End {
    const Route* route;
    std::vector<std::string> names;
  };
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> parameter;
  std::vector<End> ends;

  // Depth first, literals before the parameter; `values` holds what the parameters matched.
  const Node* find(const std::vector<std::string>& segments, std::size_t at,
                   std::vector<std::string>& values) const {
    if (at == segments.size()) return ends.empty() ? nullptr : this;
    if (const auto literal = literals.find(segments[at]); literal != literals.end())
      if (const auto* found = literal->second->find(segments, at + 1, values)) return found;
    if (!parameter || segments[at].empty()) return nullptr;
    values.push_back(segments[at]);
    if (const auto* found = parameter->find(segments, at + 1, values)) return found;
    values.pop_back();
    return nullptr;
  }
};

Router::Router(std::vector<Route> routes)
    : routes_(std::move(routes)), root_(std::make_unique<Node>()) {
  for (const auto& route : routes_) insert(route);
}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::insert(const Route& route) {
  RequestTarget target;
  [[maybe_unused]] const bool is_path = parse_target(route.pattern, target);
  assert(is_path && "a pattern starts with a slash");
  Node* node = root_.get();
  std::vector<std::string> names;
  for (const auto& segment : target.segments) {
    const bool is_parameter = segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
    auto& next = is_parameter ? node->parameter : node->literals[segment];
    if (is_parameter) names.push_back(segment.substr(1, segment.size() - 2));
    if (!next) next = std::make_unique<Node>();
    node = next.get();
  }
  assert(std::none_of(node->ends.begin(), node->ends.end(),
                      [&](const Node::End& end) { return end.route->method == route.method; }));
  node->ends.push_back({&route, std::move(names)});
}

Router::Match Router::find(std::string_view method,
                           const std::vector<std::string>& segments) const {
  Match match;
  std::vector<std::string> values;
  const auto* node = root_->find(segments, 0, values);
  // Typed at a payment provider by hand, and seen there alone.
  if (node == nullptr && method == "POST" && segments.size() > 1 && segments.back().empty())
    node = root_->find({segments.begin(), segments.end() - 1}, 0, values);
  if (node == nullptr) return match;
  for (const auto& end : node->ends) {
    match.allow += end.route->method + ", ";
    if (end.route->method == "GET") match.allow += "HEAD, ";
    if (end.route->method != method && !(method == "HEAD" && end.route->method == "GET")) continue;
    match.route = end.route;
    for (std::size_t i = 0; i < end.names.size(); ++i) match.params[end.names[i]] = values[i];
  }
  match.allow += "OPTIONS";
  return match;
}

std::size_t Router::largest_body() const {
  std::size_t largest = 0;
  for (const auto& route : routes_) largest = std::max(largest, route.most_read());
  return largest;
}

}  // namespace tl::server::http
