// SPDX-License-Identifier: Apache-2.0
// Which addresses an outgoing request may reach. URLs come from users, so a name must not lead into
// the server's own network (SSRF). Source: IANA special-purpose address registries for IPv4 and
// IPv6, checked 2026-11; every block that is not globally reachable, plus multicast and the
// translation prefixes that carry an IPv4 address inside.
#pragma once

#include "server/http/client_address.hpp"

namespace tl::server::http {

bool is_public_address(const IpAddress& address);

}  // namespace tl::server::http
