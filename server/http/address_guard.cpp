// SPDX-License-Identifier: Apache-2.0
// IPv4 is stored as IPv4-mapped IPv6, so ::ffff:10.0.0.1 is caught by 10.0.0.0/8.

#include "server/http/address_guard.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace tl::server::http {
namespace {

constexpr std::array<std::string_view, 28> kNotPublic = {
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
    "::/96",            // unspecified, loopback, the old IPv4-compatible
    "64:ff9b::/96",     // NAT64
    "64:ff9b:1::/48",   // local NAT64
    "100::/64",         // discard
    "2001::/23",        // protocol assignments, Teredo
    "2001:db8::/32",    // documentation
    "2002::/16",        // 6to4
    "3fff::/20",        // documentation
    "5f00::/16",        // segment routing
    "fec0::/10",        // the old site local
    "fc00::/7",         // unique local
    "fe80::/10",        // link local
    "ff00::/8",         // multicast
};

std::vector<AddressRange> parse_ranges() {
  std::vector<AddressRange> ranges;
  for (const auto text : kNotPublic) ranges.push_back(AddressRange::parse(text).value());
  return ranges;
}

}  // namespace

bool is_public_address(const IpAddress& address) {
  static const std::vector<AddressRange> ranges = parse_ranges();
  return std::none_of(ranges.begin(), ranges.end(),
                      [&](const AddressRange& range) { return range.contains(address); });
}

}  // namespace tl::server::http
