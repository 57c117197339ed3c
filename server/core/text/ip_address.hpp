// SPDX-License-Identifier: Apache-2.0
// IP addresses and ranges of them.
#pragma once

#include "server/core/outcome.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// 16 bytes; IPv4 as IPv4-mapped IPv6 (RFC 4291 section 2.5.5.2), so both forms compare equal.
class IpAddress {
 public:
  // "192.0.2.1", "2001:db8::1", "::ffff:192.0.2.1"; no port, no zone.
  static std::optional<IpAddress> parse(std::string_view text);
  // Also "ip:port" and "[v6]:port", as forwarding headers carry them.
  static std::optional<IpAddress> parse_with_port(std::string_view text);
  [[nodiscard]] bool is_v4() const;
  [[nodiscard]] std::string text() const;  // IPv4-mapped prints as IPv4
  [[nodiscard]] const std::array<std::uint8_t, 16>& bytes() const { return bytes_; }
  friend bool operator==(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

class AddressRange {
 public:
  // "10.0.0.0/8", "fd00::/8", a single address. Errors: invalid (bad_address_range).
  static Outcome<AddressRange> parse(std::string_view text);
  [[nodiscard]] bool contains(const IpAddress& address) const;

 private:
  IpAddress base_;
  int prefix_bits_ = 128;  // over the 16 bytes
};

}  // namespace tl::server
