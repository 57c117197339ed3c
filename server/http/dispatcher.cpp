// SPDX-License-Identifier: Apache-2.0
// Framing (RFC 9112 section 6): one Content-Length of digits only, or Transfer-Encoding: chunked,
// never both; no compressed bodies. The library accepts more than that (it even percent-decodes
// header values), so these checks read the raw lines.

#include "server/http/dispatcher.hpp"

#include "server/http/authorisation.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/geo_headers.hpp"
#include "server/http/request_target.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <chrono>
#include <typeinfo>

namespace tl::server::http {
namespace {

std::int64_t monotonic_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

std::size_t count_header(const RawHead& head, std::string_view name) {
  return static_cast<std::size_t>(
      std::count_if(head.headers.begin(), head.headers.end(),
                    [&](const auto& entry) { return equals_ignoring_case(entry.first, name); }));
}

std::string_view first_header(const RawHead& head, std::string_view name) {
  for (const auto& [key, value] : head.headers)
    if (equals_ignoring_case(key, name)) return value;
  return {};
}

bool is_token_character(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool has_header(const Reply& reply, std::string_view name) {
  return std::any_of(reply.headers.begin(), reply.headers.end(),
                     [&](const auto& entry) { return equals_ignoring_case(entry.first, name); });
}

void add_missing(Reply& reply, std::string_view name, std::string_view value) {
  if (!has_header(reply, name)) reply.header(std::string(name), std::string(value));
}

}  // namespace

std::vector<std::pair<std::string, std::string>> parse_header_lines(std::string_view head,
                                                                    bool& is_well_formed) {
  std::vector<std::pair<std::string, std::string>> headers;
  is_well_formed = true;
  auto end = head.find("\r\n");  // of the request line
  while (end != std::string_view::npos) {
    head.remove_prefix(end + 2);
    end = head.find("\r\n");
    const auto line = head.substr(0, end);
    if (line.empty()) break;
    const auto colon = line.find(':');
    const auto name = line.substr(0, colon);
    const bool is_sound = colon != std::string_view::npos && !name.empty() &&
                          std::all_of(name.begin(), name.end(), is_token_character) &&
                          line.find('\0') == std::string_view::npos &&
                          line.find('\n') == std::string_view::npos &&
                          line.find('\r') == std::string_view::npos;
    if (is_sound)
      headers.emplace_back(std::string(name), std::string(trim(line.substr(colon + 1))));
    else
      is_well_formed = false;
  }
  return headers;
}

Dispatcher::Dispatcher(Router router, const Config& config, TrustedProxies proxies, Clock& clock,
                       RateLimiters& limiters, RequestMetrics& metrics, BugReporter report_bug)
    : router_(std::move(router)),
      cors_(config),
      geo_headers_(config.geo_headers),
      proxies_(std::move(proxies)),
      clock_(clock),
      limiters_(limiters),
      metrics_(metrics),
      report_bug_(std::move(report_bug)),
      unrouted_(metrics.series("*", "(none)")) {
  for (const auto& route : router_.routes())
    series_.push_back(&metrics_.series(route.method, route.pattern));
  // Unique enough to find a request in a log; not a secret.
  const auto now = static_cast<std::uint64_t>(monotonic_us()) * 0x9E3779B97F4A7C15ULL;
  static constexpr std::string_view kDigits = "0123456789abcdef";
  for (int shift = 60; shift >= 28; shift -= 4) id_prefix_.push_back(kDigits[(now >> shift) & 15]);
}

std::string Dispatcher::request_id(std::string_view offered) const {
  const auto is_sane = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
           c == '_' || c == '.';
  };
  if (offered.size() >= 8 && offered.size() <= 64 &&
      std::all_of(offered.begin(), offered.end(), is_sane))
    return std::string(offered);
  return id_prefix_ + "-" + std::to_string(next_id_.fetch_add(1, std::memory_order_relaxed));
}

std::optional<Reply> Dispatcher::check_framing(const RawHead& head) const {
  const auto lengths = count_header(head, "content-length");
  const auto encodings = count_header(head, "transfer-encoding");
  if (!head.is_well_formed || (lengths > 0 && encodings > 0) || lengths > 1 || encodings > 1)
    return refusal(400, "malformed_request",
                   "The request head is malformed or says twice how long the body is; send one "
                   "Content-Length or Transfer-Encoding: chunked.");
  std::int64_t length = 0;
  if (lengths == 1 && !parse_decimal(first_header(head, "content-length"), length))
    return refusal(400, "malformed_request", "Content-Length is no decimal number of bytes.");
  if (encodings == 1 && !equals_ignoring_case(first_header(head, "transfer-encoding"), "chunked"))
    return refusal(501, "unsupported_transfer_encoding",
                   "Only Transfer-Encoding: chunked is understood; leave others out.");
  const auto coding = first_header(head, "content-encoding");
  if (!coding.empty() && !equals_ignoring_case(coding, "identity"))
    return refusal(415, "unsupported_encoding",
                   "Compressed bodies are not accepted; send the body without Content-Encoding.");
  if (head.version == "HTTP/1.1" && count_header(head, "host") != 1)
    return refusal(400, "malformed_request", "HTTP/1.1 needs exactly one Host header.");
  return std::nullopt;
}

std::optional<Reply> Dispatcher::find_route(const RawHead& head, Admission& admission) const {
  auto& request = admission.request;
  RequestTarget target;
  if (!parse_target(head.target, target))
    return refusal(400, "malformed_request",
                   "The request target is no absolute path, or one with a zero byte (%00).");
  request.path = std::move(target.path);
  request.query = std::move(target.query);

  auto match = router_.find(request.method, target.segments);
  if (match.allow.empty())
    return refusal(404, "unknown_route",
                   "Nothing answers at " + request.path.substr(0, 200) +
                       "; GET /openapi.json lists what does.");
  if (match.route == nullptr && request.method == "OPTIONS") {
    // A preflight asks for the route that will follow.
    const auto follows =
        router_.find(request.header("access-control-request-method"), target.segments);
    return cors_.preflight(follows.route ? follows.route->cors : Cors::none, match.allow, request);
  }
  if (match.route == nullptr) {
    auto reply = refusal(405, "method_not_allowed",
                         request.method + " does not work here; use " + match.allow + ".");
    return reply.header("Allow", match.allow);
  }
  admission.route = match.route;
  admission.series = series_[static_cast<std::size_t>(match.route - router_.routes().data())];
  request.params = std::move(match.params);
  return std::nullopt;
}

std::optional<Reply> Dispatcher::check_rate(const Admission& admission) const {
  const auto* route = admission.route;
  if (route == nullptr || !route->is_rate_limited) return std::nullopt;
  const auto& request = admission.request;
  auto wait_ms = limiters_.requests.take(request.client_ip, request.received_ms, route->rate_cost);
  if (wait_ms == 0 && route->takes_forms && request.header("authorization").empty() &&
      secret_key_in(request).empty())
    wait_ms = limiters_.forms.take(request.client_ip, request.received_ms);
  if (wait_ms == 0) return std::nullopt;
  return Reply::error({ErrorKind::limited, "rate_limited",
                       "Too many requests from this address; slow down and try again.", wait_ms});
}

std::optional<Reply> Dispatcher::check_limits(const RawHead& head,
                                              const Admission& admission) const {
  const auto& request = admission.request;
  const auto& route = *admission.route;
  std::int64_t length = 0;
  const bool has_length = parse_decimal(first_header(head, "content-length"), length);
  const bool is_chunked = count_header(head, "transfer-encoding") > 0;
  if ((request.method == "GET" || request.method == "HEAD") && (length > 0 || is_chunked))
    return refusal(400, "unexpected_body", request.method + " takes no body here.");
  if (has_length && static_cast<std::uint64_t>(length) > route.most_read())
    return oversized(route, length);
  return std::nullopt;
}

Reply Dispatcher::oversized(const Route& route, std::int64_t length) {
  return Reply::error(body_too_large(route.max_body, length));
}

Dispatcher::Admission Dispatcher::begin(const RawHead& head) const {
  Admission admission;
  admission.started_us = monotonic_us();
  admission.series = &unrouted_;
  auto& request = admission.request;
  request.method = head.method;
  request.received_ms = clock_.now_ms();
  const auto client = proxies_.client(head.peer, head.headers);
  request.client_ip = client.ip;
  request.is_secure = head.is_tls || client.is_secure;
  request.id = request_id(first_header(head, "x-request-id"));
  request.headers = head.headers;
  if (client.is_proxied) request.place = place_in_headers(geo_headers_, request);
  return admission;
}

Dispatcher::Admission Dispatcher::unreadable(const RawHead& head) const {
  auto admission = begin(head);
  static_cast<void>(find_route(head, admission));
  admission.refusal = check_rate(admission);
  return admission;
}

Dispatcher::Admission Dispatcher::admit(const RawHead& head) const {
  auto admission = begin(head);
  // Of a badly framed request too: it says whether evidence was lost.
  auto answered = find_route(head, admission);
  admission.refusal = check_rate(admission);
  if (!admission.refusal) admission.refusal = check_framing(head);
  if (!admission.refusal)
    admission.refusal = answered ? std::move(answered) : check_limits(head, admission);
  if (admission.refusal) refuse(admission, *admission.refusal);
  return admission;
}

Reply Dispatcher::answer(Admission& admission, std::string body) const {
  auto& request = admission.request;
  request.body = std::move(body);
  Reply reply;
  std::string what;
  try {
    reply = admission.route->handler(request);
  } catch (const std::exception& error) {
    what = typeid(error).name();  // its text may hold what was sent
    reply.status = 0;
  } catch (...) {
    what = "unknown exception";
    reply.status = 0;
  }
  if (reply.status < 100 || reply.status > 599)
    reply = Reply::error(
        fail(ErrorKind::bug, "internal_error",
             "Something went wrong on our side; it was logged as request " + request.id + "."));
  if (reply.status == 500)
    report_bug_(admission.route->pattern, request.id, what.empty() ? error_of(reply).code : what);
  finish(admission, reply);
  return reply;
}

void Dispatcher::refuse(const Admission& admission, Reply& reply) const {
  if (reply.status >= 400) {
    const auto error = error_of(reply);
    add_missing(reply, "X-Throughline", error.code);
    if (admission.route != nullptr && admission.route->keep_unread)
      admission.route->keep_unread(admission.request, error);
  }
  finish(admission, reply);
}

void Dispatcher::finish(const Admission& admission, Reply& reply) const {
  const auto& request = admission.request;
  const auto cors = admission.route ? admission.route->cors : Cors::none;
  if (!has_header(reply, "Access-Control-Allow-Origin")) cors_.apply(cors, request, reply);
  add_missing(reply, "X-Request-Id", request.id);
  add_missing(reply, "X-Content-Type-Options", "nosniff");
  add_missing(reply, "X-Frame-Options", "DENY");
  add_missing(reply, "Referrer-Policy", "no-referrer");
  add_missing(reply, "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
  add_missing(reply, "Cross-Origin-Resource-Policy",
              cors == Cors::none ? "same-origin" : "cross-origin");
  add_missing(reply, "Cache-Control", "no-store");
  if (request.is_secure)
    add_missing(reply, "Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  admission.series->count(reply.status, monotonic_us() - admission.started_us);
}

}  // namespace tl::server::http
