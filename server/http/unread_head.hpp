// SPDX-License-Identifier: Apache-2.0
// A request whose head the library gave up: what it had asked for, and why it failed. The library
// says little more than that it is malformed.
#pragma once

#include "server/http/connection.hpp"
#include "server/http/dispatcher.hpp"
#include "server/http/exchange.hpp"

#include <cstddef>

namespace tl::server::http {

// The library's own limits; of a line with its CRLF.
inline constexpr std::size_t kMaxHeaderLine = 8192, kMaxHeaders = 100;

// As far as it came.
RawHead unread_head(const Connection& connection);
// `status`: the library's.
Reply library_refusal(const Connection& connection, int status);

}  // namespace tl::server::http
