// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/oauth1.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/text/percent_encoding.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <map>

namespace tl::server::destinations {
namespace {

std::string hmac_sha1(std::string_view key, std::string_view message) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
  unsigned int size = 0;
  HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(message.data()), message.size(), mac.data(), &size);
  return {reinterpret_cast<const char*>(mac.data()), size};
}

}  // namespace

std::string oauth1_header(std::string_view method, std::string_view url, const Oauth1Keys& keys,
                          std::int64_t now_ms, std::string_view nonce) {
  std::map<std::string, std::string> params = {{"oauth_consumer_key", keys.consumer_key},
                                               {"oauth_nonce", std::string(nonce)},
                                               {"oauth_signature_method", "HMAC-SHA1"},
                                               {"oauth_timestamp", std::to_string(now_ms / 1000)},
                                               {"oauth_token", keys.token},
                                               {"oauth_version", "1.0"}};
  std::string joined;
  for (const auto& [name, value] : params)
    joined += (joined.empty() ? "" : "&") + name + "=" + percent_encoded(value);
  const std::string base =
      std::string(method) + "&" + percent_encoded(url) + "&" + percent_encoded(joined);
  params["oauth_signature"] = to_base64(hmac_sha1(
      percent_encoded(keys.consumer_secret) + "&" + percent_encoded(keys.token_secret), base));
  std::string header = "OAuth ";
  for (const auto& [name, value] : params)
    header += (header.size() > 6 ? ", " : "") + name + "=\"" + percent_encoded(value) + "\"";
  return header;
}

}  // namespace tl::server::destinations
