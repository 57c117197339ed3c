// SPDX-License-Identifier: Apache-2.0
// The server's error: the shared kinds with an owned sentence. `code` is a stable snake_case word
// (docs/errors.md), `detail` says what is wrong, where, and what to do.
#pragma once

#include "throughline/result.hpp"

#include <string>

namespace tl::server {

struct ServerError {
  ErrorKind kind = ErrorKind::bug;
  std::string code;
  std::string detail;
  std::int64_t retry_after_ms = 0;  // for limited and unavailable
};

template <class T>
using Outcome = Result<T, ServerError>;

inline ServerError invalid(std::string code, std::string detail) {
  return {ErrorKind::invalid, std::move(code), std::move(detail), 0};
}
inline ServerError fail(ErrorKind kind, std::string code, std::string detail) {
  return {kind, std::move(code), std::move(detail), 0};
}

}  // namespace tl::server
