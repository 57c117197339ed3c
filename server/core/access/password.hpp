// SPDX-License-Identifier: Apache-2.0
// Passwords at rest: "scrypt$<log2 N>$<r>$<p>$<salt>$<hash>", base64url, by scrypt (RFC 7914) with
// N = 2^15, r = 8, p = 3: 32 MiB a check, OWASP Password Storage Cheat Sheet, checked 2026-11. A
// stored text carries its own costs, so that these may rise. Thread-safe; at most two checks run at
// once, the others wait, so that many logins cannot take the memory.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/outcome.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server {

inline constexpr std::size_t kMinPasswordBytes = 10;
inline constexpr std::size_t kMaxPasswordBytes = 1024;

struct PasswordCosts {
  std::int64_t log2_n = 15, r = 8, p = 3;
};

// Errors: invalid (weak_password): too short, too long, or one character only.
Outcome<void> check_new_password(std::string_view password);
std::string hash_password(std::string_view password, Entropy& entropy,
                          const PasswordCosts& costs = {});
// What an account that does not exist is compared with: costs as much as one that does, fits none.
std::string nobodys_password();
// In time that depends on the costs in `stored` alone. False for a malformed `stored`.
bool is_password(std::string_view password, std::string_view stored);

}  // namespace tl::server
