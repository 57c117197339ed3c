// SPDX-License-Identifier: Apache-2.0
// What happens to a request between the socket and its handler, without any socket: framing checks
// that the library leaves open, the client's address, the rate limit, the route and its limits,
// CORS, and the headers that every answer carries. Immutable but for counters; thread-safe.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/http/client_address.hpp"
#include "server/http/cors.hpp"
#include "server/http/exchange.hpp"
#include "server/http/rate_limiter.hpp"
#include "server/http/request_metrics.hpp"
#include "server/http/router.hpp"

#include <atomic>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

// The head as it came over the wire.
struct RawHead {
  std::string method, target, version;
  std::vector<std::pair<std::string, std::string>> headers;  // in wire order, not decoded
  bool is_well_formed = true;
  std::string peer;  // TCP address
  bool is_tls = false;
};
// `head`: request line and header lines with their CRLFs. Only well-formed header lines are kept.
std::vector<std::pair<std::string, std::string>> parse_header_lines(std::string_view head,
                                                                    bool& is_well_formed);

// Called for every answer 500: where it happened, the request's id, the exception's type or the
// error's code. No text, for it may quote what was sent.
using BugReporter =
    std::function<void(std::string_view route, std::string_view request_id, std::string_view what)>;

class Dispatcher {
 public:
  // Borrows clock, limiters and metrics.
  Dispatcher(Router router, const Config& config, TrustedProxies proxies, Clock& clock,
             RateLimiters& limiters, RequestMetrics& metrics, BugReporter report_bug);

  // Decided before a byte of the body is read. Without a refusal, `route` is set.
  struct Admission {
    Request request;
    const Route* route = nullptr;
    RequestMetrics::Series* series = nullptr;
    std::optional<Reply> refusal;
    std::int64_t started_us = 0;  // monotonic
  };
  [[nodiscard]] Admission admit(const RawHead& head) const;
  // Of a head that could not be read whole: why, only its reader can tell, so there is no refusal
  // yet, but of an address that sends too much. The route is set where the request line named one.
  [[nodiscard]] Admission unreadable(const RawHead& head) const;
  // Runs the handler and finishes its reply. Never throws.
  [[nodiscard]] Reply answer(Admission& admission, std::string body) const;
  // The answer to a body over the route's max_body; `length`: as declared, -1 when it was not.
  [[nodiscard]] static Reply oversized(const Route& route, std::int64_t length);
  // Finishes an error that no handler gave: it is named in X-Throughline, and evidence is counted.
  void refuse(const Admission& admission, Reply& reply) const;
  [[nodiscard]] std::size_t largest_body() const { return router_.largest_body(); }
  [[nodiscard]] const Router& router() const { return router_; }

 private:
  [[nodiscard]] std::optional<Reply> check_framing(const RawHead& head) const;
  // Of a request whose route was found, however it is framed.
  [[nodiscard]] std::optional<Reply> check_rate(const Admission& admission) const;
  [[nodiscard]] Admission begin(const RawHead& head) const;
  // Sets the route, or answers in its place.
  [[nodiscard]] std::optional<Reply> find_route(const RawHead& head, Admission& admission) const;
  [[nodiscard]] std::optional<Reply> check_limits(const RawHead& head,
                                                  const Admission& admission) const;
  void finish(const Admission& admission, Reply& reply) const;
  [[nodiscard]] std::string request_id(std::string_view offered) const;

  Router router_;
  CorsPolicy cors_;
  std::string geo_headers_;
  TrustedProxies proxies_;
  Clock& clock_;
  RateLimiters& limiters_;
  RequestMetrics& metrics_;
  BugReporter report_bug_;
  std::vector<RequestMetrics::Series*> series_;  // by index of the router's routes
  RequestMetrics::Series& unrouted_;
  std::string id_prefix_;
  mutable std::atomic<std::uint32_t> next_id_{0};
};

}  // namespace tl::server::http
