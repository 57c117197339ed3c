// SPDX-License-Identifier: Apache-2.0
// Errors as they go out: {"error":{"code":"snake_case","message":"…"}}. Codes and what to do about
// them: docs/errors.md.
#pragma once

#include "server/http/exchange.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::http {

int status_of(ErrorKind kind);
// For refusals that HTTP itself names (405, 408, 414, 415, 431 …) and that no ErrorKind has.
Reply refusal(int status, std::string_view code, std::string_view message);
// A body of `length` bytes, -1 when nobody counted them, where `most` are taken.
ServerError body_too_large(std::size_t most, std::int64_t length);
// Reply::error, its code also in X-Throughline.
Reply refused(const ServerError& error);

// Code and message of an error's body, both "" when it is none; the kind is not in it.
ServerError error_of(const Reply& reply);

}  // namespace tl::server::http
