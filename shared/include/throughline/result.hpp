// SPDX-License-Identifier: Apache-2.0
// Result<T, E>: either a value or an error, in the shape of std::expected.
// In shared/ the error is an `Error`: a closed kind plus a stable snake_case code that points at a
// string literal, so an error never allocates. server/ uses its own error type with an owned
// detail.
#pragma once

#include <cassert>
#include <cstdint>
#include <utility>

namespace tl {

// Closed set; exactly one place maps it to HTTP (server/http/error_reply.cpp).
enum class ErrorKind : std::uint8_t {
  invalid = 1,          // the sender must change the input
  unauthenticated = 2,  // bad or missing signature, token, key
  forbidden = 3,        // known sender, not allowed
  not_found = 4,
  conflict = 5,     // duplicate with different content
  too_large = 6,    // over a documented limit
  limited = 7,      // rate limit
  unavailable = 8,  // database, network, full queue: retry
  bug = 9,          // an invariant of ours failed
};

struct Error {
  ErrorKind kind = ErrorKind::bug;
  const char* code = "";  // string literal, listed in docs/errors.md
};

// T and E must be default constructible and movable.
template <class T, class E = Error>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)), ok_(true) {}   // NOLINT(google-explicit-constructor)
  Result(E error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)

  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }

  T& value() & {
    assert(ok_);
    return value_;
  }
  const T& value() const& {
    assert(ok_);
    return value_;
  }
  T&& value() && {
    assert(ok_);
    return std::move(value_);
  }
  const E& error() const {
    assert(!ok_);
    return error_;
  }

 private:
  T value_{};
  E error_{};
  bool ok_;
};

template <class E>
class [[nodiscard]] Result<void, E> {
 public:
  Result() = default;
  Result(E error) : error_(std::move(error)), ok_(false) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] bool ok() const { return ok_; }
  explicit operator bool() const { return ok_; }
  const E& error() const {
    assert(!ok_);
    return error_;
  }

 private:
  E error_{};
  bool ok_ = true;
};

}  // namespace tl

// Unwraps `expr` into `var` or returns its error from the enclosing function.
#define TL_TRY(var, expr)                              \
  auto var##_result = (expr);                          \
  if (!var##_result.ok()) return var##_result.error(); \
  auto var = std::move(var##_result).value()

// The same for expressions whose value is not needed.
#define TL_CHECK(expr)                                         \
  do {                                                         \
    auto tl_check_result = (expr);                             \
    if (!tl_check_result.ok()) return tl_check_result.error(); \
  } while (false)
