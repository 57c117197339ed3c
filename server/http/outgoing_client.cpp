// SPDX-License-Identifier: Apache-2.0
// not_sent: the name, the connection or the TLS handshake failed, so no byte of the request left.
// unknown: everything after that, because the other side may have acted on it.

#include "server/http/outgoing_client.hpp"

#include "server/core/access/public_address.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <httplib.h>
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <vector>

namespace tl::server::http {
namespace {

constexpr auto kKeepIdle = std::chrono::seconds(15);  // less than common servers keep
constexpr std::size_t kIdlePerEndpoint = 4, kIdleInAll = 64;

using Steady = std::chrono::steady_clock;

struct Endpoint {
  std::string scheme, host, address, target;
  int port = 0;
  [[nodiscard]] std::string key() const {
    return scheme + "|" + host + "|" + std::to_string(port) + "|" + address;
  }
};

OutgoingAnswer failed(OutgoingAnswer::Reached reached, std::string error) {
  OutgoingAnswer answer;
  answer.reached = reached;
  answer.error = std::move(error);
  return answer;
}
OutgoingAnswer not_sent(std::string error) {
  return failed(OutgoingAnswer::Reached::not_sent, std::move(error));
}

bool read_url(const std::string& text, Endpoint& endpoint) {
  const auto parsed = parse_url(text);
  if (!parsed.ok()) return false;
  const auto& url = parsed.value();
  endpoint.scheme = url.scheme;
  endpoint.host = url.host;
  if ((endpoint.scheme != "http" && endpoint.scheme != "https") || endpoint.host.empty())
    return false;
  if (endpoint.host.front() == '[' && endpoint.host.back() == ']')
    endpoint.host = endpoint.host.substr(1, endpoint.host.size() - 2);
  std::int64_t port = endpoint.scheme == "https" ? 443 : 80;
  if (!url.port.empty() && (!parse_decimal(url.port, port) || port > 65535)) return false;
  endpoint.port = static_cast<int>(port);
  endpoint.target = url.path.empty() ? "/" : std::string(url.path);
  if (!url.query.empty()) endpoint.target += "?" + std::string(url.query);
  return true;
}

// The first address that may be reached; "" when there is none, `error` says why.
std::string resolve(const Endpoint& endpoint, bool allow_private, std::string& error) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int code = getaddrinfo(endpoint.host.c_str(), nullptr, &hints, &found); code != 0) {
    error = "The name " + endpoint.host + " could not be resolved: " + gai_strerror(code) + ".";
    return "";
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  for (const auto* entry = found; entry != nullptr; entry = entry->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(entry->ai_addr, entry->ai_addrlen, text.data(), text.size(), nullptr, 0,
                    NI_NUMERICHOST) != 0)
      continue;
    const auto address = IpAddress::parse(text.data());
    if (address && (allow_private || is_public_address(*address))) return address->text();
  }
  error = endpoint.host +
          " leads to a private or reserved address; such destinations are refused unless "
          "allow_private_destinations is true.";
  return "";
}

bool never_left(httplib::Error error) {
  switch (error) {
    case httplib::Error::Connection:
    case httplib::Error::ConnectionTimeout:
    case httplib::Error::BindIPAddress:
    case httplib::Error::SSLConnection:
    case httplib::Error::SSLLoadingCerts:
    case httplib::Error::SSLServerVerification:
    case httplib::Error::SSLServerHostnameVerification:
    case httplib::Error::ProxyConnection:
    case httplib::Error::UnsupportedAddressFamily:
      return true;
    default:
      return false;
  }
}

// What the operator can act on. A backend error is OpenSSL's: of a refused certificate its
// X509_V_ERR code, of a failed handshake one from its queue.
std::string reason_of(const httplib::Result& result) {
  switch (result.error()) {
    case httplib::Error::SSLServerHostnameVerification:
      return "its certificate is another host's";
    case httplib::Error::SSLServerVerification: {
      const auto code = static_cast<long>(result.ssl_backend_error());
      const bool is_unknown_issuer = code == X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT ||
                                     code == X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN ||
                                     code == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
                                     code == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
      return "its certificate was refused (" + std::string(X509_verify_cert_error_string(code)) +
             ")" +
             (is_unknown_issuer ? "; if its issuer is to be trusted, name the issuer's PEM file in "
                                  "the environment variable SSL_CERT_FILE"
                                : "");
    }
    case httplib::Error::SSLConnection: {
      const char* const reason = ERR_reason_error_string(result.ssl_backend_error());
      return "the TLS handshake failed" +
             (reason == nullptr ? std::string() : " (" + std::string(reason) + ")");
    }
    default:
      return httplib::to_string(result.error());
  }
}

bool is_sound_header(const std::string& name, const std::string& value) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\t'; };
  return !name.empty() && std::none_of(name.begin(), name.end(), is_control) &&
         std::none_of(value.begin(), value.end(), is_control);
}

}  // namespace

class OutgoingClient::Pool {
 public:
  // Null once the pool is abandoned.
  std::unique_ptr<httplib::Client> take(const Endpoint& endpoint) {
    const std::lock_guard lock(mutex_);
    if (is_abandoned_) return nullptr;
    drop_old();
    auto client = idle_or_new(endpoint);
    busy_.insert(client.get());
    return client;
  }

  // No longer under way, before it is given back or dropped.
  void finish(httplib::Client& client) {
    const std::lock_guard lock(mutex_);
    busy_.erase(&client);
  }

  void abandon() {
    const std::lock_guard lock(mutex_);
    is_abandoned_ = true;
    for (auto* client : busy_) client->stop();
  }

  void give_back(const Endpoint& endpoint, std::unique_ptr<httplib::Client> client) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[endpoint.key()];
    if (idle.size() >= kIdlePerEndpoint || total_ >= kIdleInAll) return;
    idle.push_back({std::move(client), Steady::now() + kKeepIdle});
    ++total_;
  }

 private:
  struct Idle {
    std::unique_ptr<httplib::Client> client;
    Steady::time_point until;
  };
  std::unique_ptr<httplib::Client> idle_or_new(const Endpoint& endpoint) {
    auto& idle = idle_[endpoint.key()];
    if (!idle.empty()) {
      auto client = std::move(idle.back().client);
      idle.pop_back();
      --total_;
      return client;
    }
    const bool is_v6 = endpoint.host.find(':') != std::string::npos;
    auto client = std::make_unique<httplib::Client>(
        endpoint.scheme + "://" + (is_v6 ? "[" + endpoint.host + "]" : endpoint.host) + ":" +
        std::to_string(endpoint.port));
    client->set_hostname_addr_map({{endpoint.host, endpoint.address}});
    client->set_keep_alive(true);
    client->set_follow_location(false);
    client->set_tcp_nodelay(true);
    client->set_path_encode(false);
    client->set_decompress(false);  // none is asked for; what comes anyway is kept as it is
    client->enable_server_certificate_verification(true);
    return client;
  }
  void drop_old() {
    const auto now = Steady::now();
    for (auto entry = idle_.begin(); entry != idle_.end();) {
      total_ -= std::erase_if(entry->second, [&](const Idle& idle) { return idle.until <= now; });
      entry = entry->second.empty() ? idle_.erase(entry) : std::next(entry);
    }
  }

  std::mutex mutex_;
  std::map<std::string, std::vector<Idle>> idle_;
  std::size_t total_ = 0;
  std::set<httplib::Client*> busy_;
  bool is_abandoned_ = false;
};

OutgoingClient::OutgoingClient(bool allow_private)
    : allow_private_(allow_private), pool_(std::make_unique<Pool>()) {}
OutgoingClient::~OutgoingClient() = default;

void OutgoingClient::abandon() {
  pool_->abandon();
}

OutgoingAnswer OutgoingClient::send(const OutgoingRequest& request) {
  Endpoint endpoint;
  if (!read_url(request.url, endpoint))
    return not_sent("The destination's URL is no http(s) URL; check its base_url.");
  std::string error;
  endpoint.address = resolve(endpoint, allow_private_, error);
  if (endpoint.address.empty()) return not_sent(error);

  httplib::Request out;
  out.method = request.method;
  out.path = endpoint.target;
  out.body = request.body;
  out.set_header("User-Agent", "Throughline/0.1");
  for (const auto& [name, value] : request.headers) {
    if (!is_sound_header(name, value))
      return not_sent("The header " + name +
                      " has a line break; check the destination's settings.");
    out.set_header(name, value);
  }
  OutgoingAnswer answer;
  bool has_head = false, is_cut = false;
  const auto take_head = [&](const httplib::Response& head) {
    has_head = true;
    answer.status = head.status;
    for (const auto& [name, value] : head.headers) {
      std::string lower_name = name;
      std::transform(lower_name.begin(), lower_name.end(), lower_name.begin(), ascii_lower);
      answer.headers.emplace(std::move(lower_name), value);
    }
    return true;
  };
  out.response_handler = take_head;
  out.content_receiver = [&](const char* bytes, std::size_t count, std::size_t, std::size_t) {
    const auto taken = std::min(count, request.max_answer_bytes - answer.body.size());
    answer.body.append(bytes, taken);
    is_cut = taken < count;
    return !is_cut;
  };

  auto client = pool_->take(endpoint);
  if (!client) return not_sent("The server is stopping.");
  const auto timeout = std::chrono::milliseconds(std::max<std::int64_t>(request.timeout_ms, 1));
  client->set_connection_timeout(timeout);
  client->set_read_timeout(timeout);
  client->set_write_timeout(timeout);
  client->set_max_timeout(timeout);
  out.start_time_ = Steady::now();  // or the whole request has no limit: send() does not begin it
  const auto result = client->send(out);
  pool_->finish(*client);
  if (result && !has_head) take_head(*result);  // 204: without a body nobody is asked before
  if (result || (has_head && is_cut)) {
    answer.reached = OutgoingAnswer::Reached::answered;
    if (result) pool_->give_back(endpoint, std::move(client));
    return answer;
  }
  const std::string why = reason_of(result);
  if (never_left(result.error()))
    return not_sent("No connection to " + endpoint.host + ": " + why + ".");
  return failed(OutgoingAnswer::Reached::unknown,
                "The request went to " + endpoint.host + " but no whole answer came: " + why + ".");
}

}  // namespace tl::server::http
