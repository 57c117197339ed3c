// SPDX-License-Identifier: Apache-2.0
// Whose request it is. Forwarding headers count only when the TCP peer is a trusted proxy, and are
// read from the right: the left-most entry is whatever the client wrote.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/text/ip_address.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server::http {

class TrustedProxies {
 public:
  explicit TrustedProxies(std::vector<AddressRange> ranges) : ranges_(std::move(ranges)) {}
  // Errors: invalid (bad_address_range).
  static Outcome<TrustedProxies> parse(const std::vector<std::string>& ranges);
  [[nodiscard]] bool trusts(const IpAddress& address) const;

  struct Client {
    std::string ip;
    bool is_secure = false;   // a trusted proxy says that it was reached over TLS
    bool is_proxied = false;  // the peer is a trusted proxy
  };
  // `headers`: in wire order, names in any case.
  [[nodiscard]] Client client(
      std::string_view peer, const std::vector<std::pair<std::string, std::string>>& headers) const;

  TrustedProxies() = default;

 private:
  std::vector<AddressRange> ranges_;
};

}  // namespace tl::server::http
