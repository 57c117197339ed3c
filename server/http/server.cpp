// SPDX-License-Identifier: Apache-2.0
// The bridge to cpp-httplib, in five steps per request:
//   1 the library reads the head from our stream, which keeps the raw bytes;
//   2 setup: our own reading of the raw head is admitted or refused; the library's copy loses what
//     it would act on by itself (multipart, ranges, compression) and gets the path "/";
//   3 pre-routing: refusals and requests without a body are answered;
//   4 otherwise the body is read up to the route's limit, then answered;
//   5 the library writes; on any error the connection is closed (its leftover bytes are untrusted).

#include "server/http/server.hpp"

#include "server/http/chunk_framing.hpp"
#include "server/http/connection.hpp"
#include "server/http/connection_pool.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/http_date.hpp"
#include "server/http/library_stream.hpp"
#include "server/http/tls_files.hpp"
#include "server/http/unread_head.hpp"
#include "throughline/text.hpp"

#include <httplib.h>

#include <atomic>
#include <mutex>
#include <optional>

namespace tl::server::http {
namespace {

static_assert(kMaxHeaderLine == CPPHTTPLIB_HEADER_MAX_LENGTH &&
              kMaxHeaders == CPPHTTPLIB_HEADER_MAX_COUNT);

// One request on its thread: what the library's callbacks share. They know nothing else of it: the
// library may refuse a head before it asks us to set up its request.
struct Exchange {
  Connection& connection;
  std::shared_ptr<const Dispatcher> dispatcher;
  Dispatcher::Admission admission;
  std::optional<ChunkFraming> framing;  // of a chunked body
  bool is_admitted = false;             // the head was readable
  bool is_answered = false;             // a reply of ours is in the response
  bool must_close = false;
};
thread_local Exchange* current_exchange = nullptr;

void put(Reply reply, httplib::Response& response) {
  response.status = reply.status;
  std::string content_type;
  for (auto& [name, value] : reply.headers) {
    if (equals_ignoring_case(name, "content-type"))
      content_type = std::move(value);
    else
      response.set_header(name, value);  // drops a value with CR or LF
  }
  response.set_header("Date", http_date());
  if (reply.stream) {
    response.set_chunked_content_provider(content_type, [stream = std::move(reply.stream)](
                                                            std::size_t, httplib::DataSink& sink) {
      const bool is_whole =
          stream([&](std::string_view piece) { return sink.write(piece.data(), piece.size()); });
      if (is_whole) sink.done();
      return is_whole;
    });
    return;
  }
  if (!reply.body.empty()) response.set_content(std::move(reply.body), content_type);
}

void put_refusal(Exchange& exchange, Reply reply, httplib::Response& response) {
  exchange.must_close = true;
  exchange.is_answered = true;
  exchange.dispatcher->refuse(exchange.admission, reply);
  put(std::move(reply), response);
}

class PoolQueue final : public httplib::TaskQueue {
 public:
  explicit PoolQueue(ConnectionPool& pool) : pool_(pool) {}
  bool enqueue(std::function<void()> work) override { return pool_.enqueue(std::move(work)); }
  void shutdown() override { pool_.shutdown(); }

 private:
  ConnectionPool& pool_;
};

}  // namespace

struct Server::Listener final : public httplib::Server {
  explicit Listener(ServerOptions chosen)
      : options(std::move(chosen)), pool(options.max_connections, idle) {
    new_task_queue = [this] { return new PoolQueue(pool); };  // the library owns it
    set_tcp_nodelay(true);
    // The library's own choice lets a second server share the port, and half of the visitors.
    set_socket_options(
        [](socket_t socket) { httplib::set_socket_opt(socket, SOL_SOCKET, SO_REUSEADDR, 1); });
    set_keep_alive_max_count(options.max_requests_per_connection);
    set_keep_alive_timeout(static_cast<time_t>(options.idle_timeout_ms / 1000));
    set_pre_routing_handler([](const auto&, auto& response) { return before_body(response); });
    const httplib::Server::HandlerWithContentReader with_body =
        [](const auto&, auto& response, const auto& reader) { read_and_answer(response, reader); };
    Post("/", with_body);
    Put("/", with_body);
    Patch("/", with_body);
    Delete("/", with_body);
    set_expect_100_continue_handler([](const auto&, auto& response) {
      return before_body(response) == HandlerResponse::Handled ? response.status : 100;
    });
    set_exception_handler([](const auto&, auto& response, const auto&) {
      put_refusal(*current_exchange, refusal(500, "internal_error", "Something went wrong here."),
                  response);
    });
    set_error_handler([](const auto&, auto& response) { return explain(response); });
  }

  static HandlerResponse before_body(httplib::Response& response) {
    auto& exchange = *current_exchange;
    if (exchange.is_answered) return HandlerResponse::Handled;
    auto& admission = exchange.admission;
    if (admission.refusal) {
      exchange.is_answered = true;
      exchange.must_close = admission.refusal->status >= 400;
      put(std::move(*admission.refusal), response);
      return HandlerResponse::Handled;
    }
    const auto& method = admission.request.method;
    if (method != "GET" && method != "HEAD") return HandlerResponse::Unhandled;
    exchange.is_answered = true;
    put(exchange.dispatcher->answer(admission, {}), response);
    return HandlerResponse::Handled;
  }

  static void read_and_answer(httplib::Response& response, const httplib::ContentReader& reader) {
    auto& exchange = *current_exchange;
    const auto limit = exchange.admission.route->most_read();
    std::string body;
    bool is_too_large = false;
    const bool is_complete = reader([&](const char* bytes, size_t count) {
      is_too_large = count > limit - body.size();
      if (!is_too_large) body.append(bytes, count);
      return !is_too_large;
    });
    if (is_complete) {
      exchange.is_answered = true;
      put(exchange.dispatcher->answer(exchange.admission, std::move(body)), response);
      return;
    }
    const bool is_over = is_too_large || exchange.connection.overspent();
    exchange.connection.refuse_more();
    if (is_over)
      put_refusal(exchange, Dispatcher::oversized(*exchange.admission.route, -1), response);
    else if (exchange.connection.timed_out())
      put_refusal(exchange, refusal(408, "request_timeout", "The body did not arrive in time."),
                  response);
    else
      put_refusal(exchange,
                  refusal(400, "malformed_request", "The body ended early or is badly chunked."),
                  response);
  }

  // Answers >= 400 that are not ours yet: the library refused the head.
  static HandlerResponse explain(httplib::Response& response) {
    auto& exchange = *current_exchange;
    if (exchange.is_answered) return HandlerResponse::Handled;  // adds its Content-Length
    if (!exchange.is_admitted)
      exchange.admission = exchange.dispatcher->unreadable(unread_head(exchange.connection));
    put_refusal(exchange,
                exchange.admission.refusal ? *exchange.admission.refusal
                                           : library_refusal(exchange.connection, response.status),
                response);
    return HandlerResponse::Handled;
  }

  void admit(httplib::Request& request, Exchange& exchange) const {
    RawHead head;
    head.method = request.method;
    head.target = request.target;
    head.version = request.version;
    head.headers = parse_header_lines(exchange.connection.head(), head.is_well_formed);
    head.peer = exchange.connection.peer();
    head.is_tls = tls_files.has_value();
    exchange.admission = exchange.dispatcher->admit(head);
    exchange.is_admitted = true;
    const auto* route = exchange.admission.route;
    // Chunk lines and trailers count too; the body's own limit is kept by read_and_answer().
    const auto budget = (route ? route->most_read() : 0) * 2 + options.max_head_bytes;
    exchange.connection.end_head(options.body_timeout_ms, budget);
    if (request.has_header("Transfer-Encoding")) exchange.framing.emplace();

    request.path = "/";
    request.ranges.clear();
    request.headers.erase("Content-Type");
    request.headers.erase("Content-Encoding");
    request.headers.erase("Upgrade");
  }

  // The library's own loop wakes every idle thread a hundred times a second and knows no deadline.
  bool process_and_close_socket(socket_t socket) override {
    const std::shared_ptr<TlsContext> tls = tls_files ? tls_files->current() : nullptr;
    Connection connection(socket, tls.get());
    bool is_body_pending = false;
    // Who has not begun a handshake is as idle as one between two requests, and ends like those.
    const bool is_begun = tls == nullptr || wait_for_request(connection);
    if (is_begun && connection.handshake(options.head_timeout_ms)) {
      for (std::size_t served = 0; served < options.max_requests_per_connection; ++served) {
        if (!wait_for_request(connection)) break;
        connection.begin(options.head_timeout_ms, options.max_head_bytes);
        Exchange exchange{connection, current(), {}, {}, false, false, false};
        current_exchange = &exchange;
        LibraryStream stream(connection, exchange.framing, options.write_timeout_ms);
        bool is_closed = false;
        const bool is_last = served + 1 == options.max_requests_per_connection || is_stopping;
        const bool is_sent = process_request(
            stream, connection.peer(), connection.peer_port(), {}, 0, is_last, is_closed,
            [&](httplib::Request& request) { admit(request, exchange); });
        current_exchange = nullptr;
        if (exchange.must_close) is_body_pending = true;
        if (!is_sent || is_closed || is_last || exchange.must_close) break;
      }
    }
    connection.close(is_body_pending);
    return true;
  }

  bool wait_for_request(Connection& connection) {
    // Busy clients come back at once; the list of idle ones is not bothered for them.
    if (!is_stopping && connection.wait_readable(2)) return true;
    const IdleConnections::Stay stay(idle, connection.descriptor());
    if (stay.is_closing()) return false;
    // Whoever came while nobody was idle could not end anybody; now there is somebody.
    if (pool.is_starved()) idle.end_oldest();
    return connection.wait_readable(pool.is_busy() ? options.busy_idle_timeout_ms
                                                   : options.idle_timeout_ms);
  }

  [[nodiscard]] std::shared_ptr<const Dispatcher> current() const {
    const std::lock_guard lock(dispatcher_mutex);
    return dispatcher;
  }

  ServerOptions options;
  std::optional<TlsFiles> tls_files;  // none: plain HTTP
  IdleConnections idle;
  ConnectionPool pool;
  // A mutex: std::atomic<shared_ptr> of libstdc++ 12 races by ThreadSanitizer's reading.
  mutable std::mutex dispatcher_mutex;
  std::shared_ptr<const Dispatcher> dispatcher;
  std::atomic<bool> is_stopping{false};
  int bound_port = 0;
};

Server::Server(ServerOptions options) : listener_(std::make_unique<Listener>(std::move(options))) {}
Server::~Server() = default;

void Server::set_dispatcher(std::shared_ptr<const Dispatcher> dispatcher) {
  const std::lock_guard lock(listener_->dispatcher_mutex);
  listener_->dispatcher = std::move(dispatcher);
}

Outcome<void> Server::bind() {
  const auto& options = listener_->options;
  if (!options.tls_certificate.empty()) {
    listener_->tls_files.emplace(options.tls_certificate, options.tls_key);
    TL_CHECK(listener_->tls_files->load());
  }
  if (options.port == 0)
    listener_->bound_port = listener_->bind_to_any_port(options.host);
  else
    listener_->bound_port = listener_->bind_to_port(options.host, options.port) ? options.port : -1;
  if (listener_->bound_port > 0) return {};
  return fail(ErrorKind::unavailable, "address_in_use",
              "Cannot listen on " + options.host + ":" + std::to_string(options.port) +
                  "; another process may have it, or the address is not this machine's. Change "
                  "server.listen or stop the other process.");
}

TlsFiles* Server::tls_files() {
  return listener_->tls_files ? &*listener_->tls_files : nullptr;
}

int Server::port() const {
  return listener_->bound_port;
}

void Server::run() {
  listener_->set_payload_max_length(std::max<std::size_t>(listener_->current()->largest_body(), 1));
  listener_->listen_after_bind();
}

void Server::stop() {
  listener_->is_stopping = true;
  listener_->wait_until_ready();
  listener_->stop();
  listener_->idle.end_all();
}

ConnectionCounts Server::connections() const {
  return {listener_->pool.open(), listener_->idle.size(), listener_->pool.refused(),
          listener_->pool.cut()};
}

}  // namespace tl::server::http
