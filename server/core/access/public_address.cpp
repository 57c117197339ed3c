// SPDX-License-Identifier: Apache-2.0
// IPv4 is stored as IPv4-mapped IPv6, so ::ffff:10.0.0.1 is caught by 10.0.0.0/8.
#include "server/core/access/public_address.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace tl::server {
namespace {

constexpr std::array<std::string_view, 15> kSpecialV4 = {
    "0.0.0.0/8",        // this network
    "10.0.0.0/8",       // private
    "100.64.0.0/10",    // shared by carriers (CGNAT)
    "127.0.0.0/8",      // loopback
    "169.254.0.0/16",   // link local, cloud metadata
    "172.16.0.0/12",    // private
    "192.0.0.0/24",     // protocol assignments
    "192.0.2.0/24",     // documentation
    "192.88.99.0/24",   // 6to4 relays, gone
    "192.168.0.0/16",   // private
    "198.18.0.0/15",    // benchmarking
    "198.51.100.0/24",  // documentation
    "203.0.113.0/24",   // documentation
    "224.0.0.0/4",      // multicast
    "240.0.0.0/4",      // reserved, broadcast
};
// Of IPv6 only 2000::/3 is global unicast; in it are special:
constexpr std::string_view kGlobalV6 = "2000::/3";
constexpr std::array<std::string_view, 4> kSpecialV6 = {
    "2001::/23",      // protocol assignments, Teredo
    "2001:db8::/32",  // documentation
    "2002::/16",      // 6to4
    "3fff::/20",      // documentation
};

template <std::size_t N>
std::vector<AddressRange> parse_ranges(const std::array<std::string_view, N>& texts) {
  std::vector<AddressRange> ranges;
  for (const auto text : texts) ranges.push_back(AddressRange::parse(text).value());
  return ranges;
}

bool is_in(const std::vector<AddressRange>& ranges, const IpAddress& address) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace

bool is_public_address(const IpAddress& address) {
  static const auto special_v4 = parse_ranges(kSpecialV4);
  static const auto special_v6 = parse_ranges(kSpecialV6);
  static const auto global_v6 = AddressRange::parse(kGlobalV6).value();
  if (address.is_v4()) return !is_in(special_v4, address);
  return global_v6.contains(address) && !is_in(special_v6, address);
}

bool is_public_address(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address && is_public_address(*address);
}

}  // namespace tl::server
