// SPDX-License-Identifier: Apache-2.0
#include "server/destinations/public_address.hpp"

#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace tl::server::destinations {
namespace {

struct Range {
  std::uint32_t network;
  int bits;
};
constexpr std::array<Range, 14> kSpecial = {{{0x00000000, 8},    // this network
                                             {0x0A000000, 8},    // private
                                             {0x64400000, 10},   // carrier NAT
                                             {0x7F000000, 8},    // loopback
                                             {0xA9FE0000, 16},   // link local
                                             {0xAC100000, 12},   // private
                                             {0xC0000000, 24},   // protocol assignments
                                             {0xC0000200, 24},   // documentation
                                             {0xC0A80000, 16},   // private
                                             {0xC6120000, 15},   // benchmarks
                                             {0xC6336400, 24},   // documentation
                                             {0xCB007100, 24},   // documentation
                                             {0xE0000000, 4},    // multicast
                                             {0xF0000000, 4}}};  // reserved

bool is_public_v4(std::uint32_t address) {
  for (const Range& range : kSpecial)
    if ((address >> (32 - range.bits)) == (range.network >> (32 - range.bits))) return false;
  return true;
}

}  // namespace

bool is_public_address(std::string_view text) {
  const std::string address(text);
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, address.c_str(), bytes.data()) == 1)
    return is_public_v4(std::uint32_t{bytes[0]} << 24 | std::uint32_t{bytes[1]} << 16 |
                        std::uint32_t{bytes[2]} << 8 | bytes[3]);
  if (inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
  // Global unicast is 2000::/3; of it 2001:db8::/32 and 3fff::/20 are documentation.
  if ((bytes[0] & 0xE0) != 0x20) return false;
  if (bytes[0] == 0x20 && bytes[1] == 0x01 && bytes[2] == 0x0D && bytes[3] == 0xB8) return false;
  return !(bytes[0] == 0x3F && bytes[1] == 0xFF && (bytes[2] & 0xF0) == 0);
}

}  // namespace tl::server::destinations
