// SPDX-License-Identifier: Apache-2.0
// TLS on both sides, with certificates made here: what the listener does with the configured files
// and with clients that speak none or nothing, and whom the outgoing client talks to.

#include "server/app.hpp"
#include "server/http/outgoing_client.hpp"
#include "server/http/tls_files.hpp"
#include "tests/server/loopback_server.hpp"
#include "tests/server/throwaway_authority.hpp"

#include <dlfcn.h>
#include <filesystem>
#include <netdb.h>

using namespace tl::server;
using namespace tl::server::http;
using namespace tl::server::test;

namespace {

constexpr const char* kOurName = "sells.test";
std::atomic<int> times_resolved{0};

}  // namespace

// Resolves the tests' own name: to this machine when asked first, to an address where nobody
// listens ever after, as somebody does who wants a checked name to lead elsewhere.
extern "C" int getaddrinfo(const char* name, const char* service, const addrinfo* hints,
                           addrinfo** found) {
  static const auto resolve =
      reinterpret_cast<decltype(&::getaddrinfo)>(dlsym(RTLD_NEXT, "getaddrinfo"));
  if (name != nullptr && std::string_view(name) == kOurName)
    name = times_resolved++ == 0 ? "127.0.0.1" : "127.0.0.9";
  return resolve(name, service, hints, found);
}

namespace {

// SSL_CERT_FILE while it lives; nobody else's threads run yet or any more.
class Trust {
 public:
  explicit Trust(const ThrowawayAuthority& authority) {
    ::setenv("SSL_CERT_FILE", authority.certificate_file().c_str(), 1);
  }
  ~Trust() { ::unsetenv("SSL_CERT_FILE"); }
  Trust(const Trust&) = delete;
  Trust& operator=(const Trust&) = delete;
};

ServerOptions with_tls(const ThrowawayAuthority::Files& files, std::size_t connections = 64) {
  ServerOptions options = quick(connections);
  options.tls_certificate = files.certificate;
  options.tls_key = files.key;
  return options;
}

OutgoingAnswer get(OutgoingClient& client, int port, const std::string& path,
                   const std::string& host = kOurName) {
  times_resolved = 0;
  OutgoingRequest request;
  request.method = "GET";
  request.url = "https://" + host + ":" + std::to_string(port) + path;
  return client.send(request);
}
OutgoingAnswer get(int port, const std::string& path) {
  OutgoingClient client(true);
  return get(client, port, path);
}

bool comes_true(const std::function<bool()>& is_so, int within_ms = 3000) {
  for (int left = within_ms; left > 0; left -= 10) {
    if (is_so()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return is_so();
}

// How a handshake begins: a record of 512 bytes that never come.
constexpr std::string_view kHelloBegun = "\x16\x03\x01\x02\x00\x01";

}  // namespace

TEST_CASE("the configured certificate and key serve HTTPS", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const auto files = authority.issue_for(kOurName);
  const TempFolder folder;
  Config config = demo_config();
  config.listen_port = 0;
  config.store_url = "sqlite:" + folder.file("app.db");
  config.tls_certificate = files.certificate;
  config.tls_key = files.key;
  const auto app = value_of(App::create(config));
  std::thread running([&] { app->run(); });

  OutgoingClient client(true);
  for (int i = 0; i < 2; ++i) {  // a new connection, then the same again
    const auto answer = get(client, app->port(), "/healthz");
    INFO(answer.error);
    CHECK(answer.status == 200);
  }
  app->stop();
  running.join();
}

TEST_CASE("a renewed certificate is served without a restart, a broken one is not", "[tls]") {
  ThrowawayAuthority first("first"), second("second");
  const auto files = first.issue_for(kOurName), renewed = second.issue_for(kOurName);
  RunningServer running(with_tls(files));
  TlsFiles& served = *running.server.tls_files();
  const auto is_served = [&](const ThrowawayAuthority& authority) {
    const Trust trust(authority);
    return get(running.server.port(), "/ok").body == "fine";
  };
  const auto write_over = [](const std::string& from, const std::string& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  };
  CHECK(is_served(first));
  CHECK_FALSE(value_of(served.load_changed()));

  write_over(renewed.certificate, files.certificate);  // its key is still to come
  const auto halfway = served.load_changed();
  REQUIRE(!halfway.ok());
  CHECK(halfway.error().code == "bad_tls_certificate");
  CHECK(halfway.error().detail.find("is not the key of") != std::string::npos);
  CHECK(is_served(first));
  CHECK_FALSE(value_of(served.load_changed()));  // told once

  write_over(renewed.key, files.key);
  CHECK(value_of(served.load_changed()));
  CHECK(is_served(second));
  CHECK_FALSE(is_served(first));

  std::filesystem::remove(files.certificate);
  CHECK(served.load_changed().error().detail.find("cannot be read") != std::string::npos);
  CHECK(is_served(second));
}

TEST_CASE("a certificate that could not be used is tried again although no file's time changed",
          "[tls]") {
  ThrowawayAuthority first("first"), second("second");
  const auto files = first.issue_for(kOurName), renewed = second.issue_for(kOurName);
  TlsFiles served(files.certificate, files.key);
  REQUIRE(served.load().ok());
  const auto before = served.current();
  const auto put = [&](const std::string& from) {
    const auto time = std::filesystem::last_write_time(files.key);
    std::filesystem::copy_file(from, files.key, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::last_write_time(files.key, time);
  };
  const std::string kept = files.key + ".kept";
  std::filesystem::copy_file(files.key, kept);
  put(renewed.key);
  REQUIRE_FALSE(served.load().ok());
  CHECK_FALSE(value_of(served.load_changed()));  // told already
  put(kept);  // as whoever may read it changes: its time says nothing
  CHECK(value_of(served.load_changed()));
  CHECK(served.current() != before);
  CHECK_FALSE(value_of(served.load_changed()));
}

TEST_CASE("a connection keeps the certificate that it began with", "[tls]") {
  ThrowawayAuthority first("first"), second("second");
  const auto files = first.issue_for(kOurName), renewed = second.issue_for(kOurName);
  const Trust trust(first);
  const TempFolder folder;
  Config config = demo_config();
  config.listen_port = 0;
  config.store_url = "sqlite:" + folder.file("app.db");
  config.tls_certificate = files.certificate;
  config.tls_key = files.key;
  const auto app = value_of(App::create(config));
  std::thread running([&] { app->run(); });
  OutgoingClient client(true);
  CHECK(get(client, app->port(), "/healthz").status == 200);

  std::filesystem::rename(renewed.certificate, files.certificate);
  std::filesystem::rename(renewed.key, files.key);
  app->reload_certificate();  // as SIGHUP does

  CHECK(get(client, app->port(), "/healthz").status == 200);  // kept alive
  CHECK(get(app->port(), "/healthz").status == 0);            // by a new one: not of `first`
  app->stop();
  running.join();
}

TEST_CASE("a long answer and a long wait come through TLS whole", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const RunningServer running(with_tls(authority.issue_for(kOurName)));

  CHECK(get(running.server.port(), "/big").body == std::string(200'000, 'b'));
  CHECK(get(running.server.port(), "/slow").body == "slow but done");
}

TEST_CASE("a TLS port ends plain HTTP and broken handshakes, and serves on", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const RunningServer running(with_tls(authority.issue_for(kOurName)));
  const int port = running.server.port();

  ByteClient plain(port);
  plain.send("GET /ok HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  CHECK(plain.read_all(3000).find("fine") == std::string::npos);
  CHECK(plain.was_closed());
  { ByteClient(port).send(kHelloBegun); }  // and gone
  ByteClient garbage(port);
  garbage.send(std::string(kHelloBegun) + std::string(512, '\xff'));
  garbage.read_all(3000);
  CHECK(garbage.was_closed());

  CHECK(get(port, "/ok").body == "fine");
  CHECK(running.served == 1);
  CHECK(comes_true([&] { return running.server.connections().open == 0; }));
}

TEST_CASE("a handshake has one deadline, however slowly it goes on", "[tls]") {
  ThrowawayAuthority authority("right");
  const RunningServer running(with_tls(authority.issue_for(kOurName)));
  ByteClient slow(running.server.port());
  const auto start = std::chrono::steady_clock::now();

  slow.send(kHelloBegun);
  for (int i = 0; i < 60 && !slow.was_closed(); ++i) {
    slow.send("x");
    slow.read_until("\x01never\x01", 50);
  }

  CHECK(slow.was_closed());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  CHECK(comes_true([&] { return running.server.connections().open == 0; }));
}

TEST_CASE("who connects and begins no handshake makes room, and does not delay stopping", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  auto options = with_tls(authority.issue_for(kOurName), /*connections=*/4);
  options.head_timeout_ms = 10'000;
  options.busy_idle_timeout_ms = 10'000;
  RunningServer running(options);
  std::vector<std::unique_ptr<ByteClient>> silent;
  for (int i = 0; i < 4; ++i) silent.push_back(std::make_unique<ByteClient>(running.server.port()));
  // The later ones may have ended an earlier one already.
  REQUIRE(comes_true([&] { return running.server.connections().idle > 0; }));

  const auto start = std::chrono::steady_clock::now();
  CHECK(get(running.server.port(), "/ok").body == "fine");
  running.stop();
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

TEST_CASE("the outgoing client talks to whom the certificate names, and tells why not", "[tls]") {
  ThrowawayAuthority known("known"), stranger("stranger");
  const Trust trust(known);
  struct Row {
    const char* what;
    ThrowawayAuthority::Files files;  // of the server; none: plain HTTP
    const char* error;                // "": it is served
  };
  const Row rows[] = {
      {"the right name", known.issue_for(kOurName), ""},
      {"another name", known.issue_for("buys.test"), "its certificate is another host's"},
      {"an unknown authority", stranger.issue_for(kOurName), "SSL_CERT_FILE"},
      {"expired", known.issue_for(kOurName, {-7200, -3600}), "certificate has expired"},
      {"not valid yet", known.issue_for(kOurName, {3600, 7200}), "certificate is not yet valid"},
      {"no TLS at all", {}, "the TLS handshake failed"}};
  for (const auto& row : rows) {
    const RunningServer running(with_tls(row.files));

    const auto answer = get(running.server.port(), "/ok");

    INFO(row.what << ": " << answer.error);
    const bool is_served = std::string_view(row.error).empty();
    CHECK((answer.reached == OutgoingAnswer::Reached::answered) == is_served);
    CHECK((answer.reached == OutgoingAnswer::Reached::not_sent) == !is_served);
    CHECK(answer.error.find(row.error) != std::string::npos);
    CHECK(answer.error.empty() == is_served);
    CHECK(running.served == (is_served ? 1 : 0));
    CHECK(times_resolved == 1);  // the address that was checked is the one that was used
  }
}

TEST_CASE("an address is no name of the certificate", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const RunningServer running(with_tls(authority.issue_for(kOurName)));
  OutgoingClient client(true);

  const auto answer = get(client, running.server.port(), "/ok", "127.0.0.1");

  CHECK(answer.reached == OutgoingAnswer::Reached::not_sent);
  CHECK(answer.error.find("another host's") != std::string::npos);
}

TEST_CASE("a private address is refused before a handshake, whatever its name", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const RunningServer running(with_tls(authority.issue_for(kOurName)));
  OutgoingClient guarded(false);

  const auto answer = get(guarded, running.server.port(), "/ok");

  CHECK(answer.reached == OutgoingAnswer::Reached::not_sent);
  CHECK(answer.error.find("private") != std::string::npos);
  CHECK(running.served == 0);
}

TEST_CASE("a redirect is the answer and is not followed", "[tls]") {
  ThrowawayAuthority authority("right");
  const Trust trust(authority);
  const RunningServer inside;
  RunningServer outside(with_tls(authority.issue_for(kOurName)));
  outside.away = "http://127.0.0.1:" + std::to_string(inside.server.port()) + "/ok";

  const auto answer = get(outside.server.port(), "/away");

  CHECK(answer.status == 302);
  CHECK(answer.headers.at("location") == outside.away);
  CHECK(inside.served == 0);
}
