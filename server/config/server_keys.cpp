// SPDX-License-Identifier: Apache-2.0
// [server], [store], [cache] and [geo].

#include "server/config/keys.hpp"
#include "throughline/text.hpp"

namespace tl::server {
namespace {

bool split_listen(const std::string& text, std::string& host, std::int64_t& port) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  host = text.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  return parse_decimal(text.substr(colon + 1), port) && port <= 65535 && !host.empty();
}

Key<Config> listen_key() {
  return {"",
          "listen",
          "address and port to listen on; [::]:8787 for IPv6, port 0 takes any free one",
          [](const Config& config) {
            const bool is_v6 = config.listen_host.find(':') != std::string::npos;
            return Value((is_v6 ? "[" + config.listen_host + "]" : config.listen_host) + ":" +
                         std::to_string(config.listen_port));
          },
          [](Config& config, const Value& value) {
            std::int64_t port = 0;
            if (split_listen(std::get<std::string>(value), config.listen_host, port))
              config.listen_port = static_cast<std::uint16_t>(port);
          },
          [](const Value& value) -> std::string {
            std::string host;
            std::int64_t port = 0;
            return split_listen(std::get<std::string>(value), host, port)
                       ? ""
                       : "must be ADDRESS:PORT, for example 127.0.0.1:8787";
          }};
}

std::string secret_complaint(const Value& value) {
  return std::get<std::string>(value).size() >= 32
             ? ""
             : "must have at least 32 bytes; make one with: openssl rand -hex 32";
}

std::string previous_secret_complaint(const Value& value) {
  return std::get<std::string>(value).empty() ? "" : secret_complaint(value);
}

std::string previous_secrets_complaint(const Value& value) {
  for (const auto& secret : std::get<std::vector<std::string>>(value))
    if (auto complaint = secret_complaint(Value(secret)); !complaint.empty()) return complaint;
  return "";
}

std::string public_url_complaint(const Value& value) {
  const auto& url = std::get<std::string>(value);
  return url.empty() ? "" : web_url_complaint(url);
}

}  // namespace

const std::vector<Key<Config>>& server_keys() {
  static const std::vector<Key<Config>> keys = {
      listen_key(),
      key("public_url", &Config::public_url, "how browsers reach this server from outside")
          .check(public_url_complaint),
      key("script_name", &Config::script_name,
          "a name of your own for the script: \"app\" serves it as /app.js too, and what it asks "
          "for as /app.HASH.c.js; empty = /throughline.js and /t.js alone")
          .check(optional_name_complaint),
      key("secret", &Config::secret,
          "at least 32 bytes; token, cookie and encryption keys derive from it: keep it, and keep "
          "it out of this file")
          .secret()
          .check(secret_complaint),
      key("previous_secret", &Config::previous_secret,
          "the secret before a change: its tokens still count and what it sealed still opens; "
          "nothing new is made with it. Keep it until `throughline reseal` has run and tokens of "
          "its "
          "time do not matter any more")
          .secret()
          .check(previous_secret_complaint),
      key("previous_secrets", &Config::previous_secrets,
          "the same for several, the newest first; `throughline reseal` makes them needless for "
          "what they sealed")
          .secret()
          .check(previous_secrets_complaint),
      key("trusted_proxies", &Config::trusted_proxies,
          "address ranges (CIDR) whose X-Forwarded-For and X-Forwarded-Proto are believed"),
      scaled_key("max_connections", &Config::max_connections, 1,
                 "connections at once, one small thread each")
          .check(between(16, 65'536)),
      scaled_key(
          "rate_limit_per_ip", &Config::rate_limit_per_ip, 1,
          "requests a second from one address, bursts of ten times that; a checkout counts as 20; "
          "0 = off")
          .check(between(0, 1'000'000)),
      scaled_key("form_limit_per_ip", &Config::form_limit_per_ip, 1,
                 "forms that pages send a minute from one address, as many at once; what the "
                 "site's server sends with its secret key is not counted; 0 = off")
          .check(between(0, 1'000'000)),
      key("allow_private_destinations", &Config::allow_private_destinations,
          "true lets base_url point at loopback or private ranges (sandbox, tests)"),
      key("tls_certificate", &Config::tls_certificate,
          "PEM file with the certificate and its chain; empty = plain HTTP behind a proxy. A "
          "renewed pair is taken within a minute, or at SIGHUP, without a restart"),
      key("tls_key", &Config::tls_key, "PEM file with the certificate's key"),
  };
  return keys;
}

const std::vector<Key<Config>>& store_keys() {
  static const std::vector<Key<Config>> keys = {
      key("url", &Config::store_url, "sqlite:PATH (relative to where the server is started)")};
  return keys;
}

const std::vector<Key<Config>>& cache_keys() {
  static const std::vector<Key<Config>> keys = {key("url", &Config::cache_url, "memory:")};
  return keys;
}

const std::vector<Key<Config>>& geo_keys() {
  static const std::vector<Key<Config>> keys = {
      key("mmdb", &Config::geo_mmdb,
          "MaxMind-format file that tells countries, regions and cities by address; empty: the "
          "headers of a CDN alone"),
      key("headers", &Config::geo_headers,
          "whose headers name the place, believed from trusted_proxies alone and before the file: "
          "vercel, cloudflare, cloudfront, netlify, or custom:COUNTRY[,REGION[,CITY]] with the "
          "names of your proxy's headers; empty = none"),
  };
  return keys;
}

}  // namespace tl::server
