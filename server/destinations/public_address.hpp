// SPDX-License-Identifier: Apache-2.0
// Whether an address is one that a vendor can match: a public IPv4 or IPv6 unicast address.
// Source: IANA special-purpose address registries (RFC 6890 and successors).
#pragma once

#include <string_view>

namespace tl::server::destinations {

bool is_public_address(std::string_view text);

}  // namespace tl::server::destinations
