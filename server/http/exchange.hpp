// SPDX-License-Identifier: Apache-2.0
// One HTTP exchange as handlers see it: a Request in, a Reply out. Handlers know no sockets and no
// library, so they are tested as functions; only server.cpp, its library_stream.hpp and
// outgoing_client.cpp include httplib.
#pragma once

#include "server/core/classify/place.hpp"
#include "server/core/ingest/kept_sender.hpp"
#include "server/core/outcome.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::http {

struct Request {
  std::string method;                                        // upper case
  std::string path;                                          // decoded, without query
  std::vector<std::pair<std::string, std::string>> query;    // decoded, in order
  std::vector<std::pair<std::string, std::string>> headers;  // as sent
  std::map<std::string, std::string> params;                 // from the route's pattern: {id}
  std::string body;                                          // raw bytes
  std::string client_ip;                                     // after the trusted-proxy walk
  Place place;                                               // as a trusted proxy says it
  std::string id;                                            // X-Request-Id
  std::int64_t received_ms = 0;
  bool is_secure = false;  // TLS here or at a trusted proxy
  // Set when refused input comes again from the reject log, where its sender was let in when it
  // came: never by the network. What is refused then is answered, but neither kept nor counted.
  std::shared_ptr<const KeptSender> replayed;

  [[nodiscard]] std::string_view header(std::string_view name) const;  // any case; "" when absent
  [[nodiscard]] std::string_view query_value(std::string_view name) const;
  [[nodiscard]] std::string_view cookie(std::string_view name) const;
};

// Sends a piece of a streamed body; false: the client is gone.
using StreamWriter = std::function<bool(std::string_view piece)>;

struct Reply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Set: the body is what this writes, on the connection's thread, until it returns. False: it is
  // not whole, and the connection is cut so that the client sees that.
  std::function<bool(const StreamWriter&)> stream;
  bool is_dry_run = false;  // nothing was done: a route's audit_action is not told

  static Reply json(int status, std::string body);
  static Reply text(int status, std::string body,
                    std::string content_type = "text/plain; charset=utf-8");
  static Reply error(const ServerError& error);  // the one kind → status table, error_reply.cpp
  Reply& header(std::string name, std::string value) {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
  }
};

using Handler = std::function<Reply(const Request&)>;

// Who may call a route from a page of another origin.
enum class Cors : std::uint8_t {
  none,      // servers and dashboards of our own origin
  any_site,  // an origin that a site lists; credentials when same-site
  open,      // anybody, no credentials (the SDK file)
};

struct Route {
  std::string method;   // GET also answers HEAD
  std::string pattern;  // "/api/sessions/{id}"
  Handler handler;
  Cors cors = Cors::none;
  std::size_t max_body = 64 * 1024;  // over it: 413 body_too_large
  // Set: a body up to here is read all the same, for the handler to refuse it and keep it.
  std::size_t max_kept_body = 0;
  bool is_rate_limited = true;
  std::uint32_t rate_cost = 1;  // how many requests a call counts as for its address
  bool takes_forms = false;     // without a secret key: also limited as a form
  std::string summary{};        // one line for /openapi.json
  // Of evidence: counts, and keeps what can be told of, a request that was refused before its body
  // was read whole. Of the error, code and detail matter.
  std::function<void(const Request&, const ServerError&)> keep_unread{};
  // What the audit log calls a success of this route; "": it is not told there.
  std::string audit_action{};

  [[nodiscard]] std::size_t most_read() const { return std::max(max_body, max_kept_body); }
};

}  // namespace tl::server::http
