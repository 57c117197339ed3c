// SPDX-License-Identifier: Apache-2.0
// Whether an address is one of the public Internet. Decides where an outgoing request may go (URLs
// come from users, so a name must not lead into the server's own network: SSRF) and which visitor
// addresses a vendor can match. Source: IANA special-purpose address registries for IPv4 and IPv6
// (RFC 6890 and successors), checked 2026-11: every block that is not globally reachable, plus
// multicast and the translation prefixes that carry an IPv4 address inside.
#pragma once

#include "server/core/text/ip_address.hpp"

#include <string_view>

namespace tl::server {

bool is_public_address(const IpAddress& address);
// Of a text that may be no address at all; then false.
bool is_public_address(std::string_view text);

}  // namespace tl::server
