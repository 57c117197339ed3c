// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/ip_address.hpp"

#include "throughline/text.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cstring>

namespace tl::server {
namespace {

constexpr std::array<std::uint8_t, 12> kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

}  // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  in_addr v4{};
  if (inet_pton(AF_INET, terminated.c_str(), &v4) == 1) {
    std::copy(kMappedPrefix.begin(), kMappedPrefix.end(), address.bytes_.begin());
    std::memcpy(address.bytes_.data() + 12, &v4, 4);
    return address;
  }
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> IpAddress::parse_with_port(std::string_view text) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto end = text.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = text.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    port = rest.empty() ? std::string_view("0") : rest.substr(1);
    text = text.substr(1, end - 1);
    if (text.find(':') == std::string_view::npos) return std::nullopt;
  } else if (std::count(text.begin(), text.end(), ':') == 1) {
    const auto colon = text.find(':');
    port = text.substr(colon + 1);
    text = text.substr(0, colon);
  } else {
    return parse(text);
  }
  std::int64_t number = 0;
  if (!parse_decimal(port, number) || number > 65535) return std::nullopt;
  return parse(text);
}

bool IpAddress::is_v4() const {
  return std::equal(kMappedPrefix.begin(), kMappedPrefix.end(), bytes_.begin());
}

std::string IpAddress::text() const {
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + 12, out.data(), out.size());
  else
    inet_ntop(AF_INET6, bytes_.data(), out.data(), out.size());
  return out.data();
}

Outcome<AddressRange> AddressRange::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  const auto refused = [&] {
    return invalid("bad_address_range", "'" + std::string(text) +
                                            "' is no IP address range; write for example "
                                            "10.0.0.0/8, 192.0.2.7 or fd00::/8.");
  };
  if (!address) return refused();
  AddressRange range;
  range.base_ = *address;
  if (slash == std::string_view::npos) return range;
  const int family_bits = address->is_v4() ? 32 : 128;
  std::int64_t bits = 0;
  if (!parse_decimal(text.substr(slash + 1), bits) || bits > family_bits) return refused();
  range.prefix_bits_ = static_cast<int>(bits) + 128 - family_bits;
  return range;
}

bool AddressRange::contains(const IpAddress& address) const {
  const auto& a = base_.bytes();
  const auto& b = address.bytes();
  const auto whole = static_cast<std::size_t>(prefix_bits_ / 8);
  if (!std::equal(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(whole), b.begin()))
    return false;
  const int rest = prefix_bits_ % 8;
  if (rest == 0) return true;
  return ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

}  // namespace tl::server
