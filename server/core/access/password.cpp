// SPDX-License-Identifier: Apache-2.0

#include "server/core/access/password.hpp"

#include "server/core/access/secret_box.hpp"
#include "throughline/text.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <semaphore>

namespace tl::server {
namespace {

constexpr std::size_t kSaltBytes = 16, kHashBytes = 32;
constexpr std::uint64_t kMaxMemory = 256ULL * 1024 * 1024;

std::counting_semaphore<2> running{2};

std::string derive(std::string_view password, std::string_view salt, const PasswordCosts& costs) {
  std::string hash(kHashBytes, '\0');
  running.acquire();
  const int done = EVP_PBE_scrypt(
      password.data(), password.size(), reinterpret_cast<const unsigned char*>(salt.data()),
      salt.size(), std::uint64_t{1} << costs.log2_n, static_cast<std::uint64_t>(costs.r),
      static_cast<std::uint64_t>(costs.p), kMaxMemory,
      reinterpret_cast<unsigned char*>(hash.data()), hash.size());
  running.release();
  return done == 1 ? hash : std::string();
}

std::string_view next_part(std::string_view& rest) {
  const auto end = rest.find('$');
  const auto part = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return part;
}

std::string stored_form(const PasswordCosts& costs, std::string_view salt, std::string_view hash) {
  return "scrypt$" + std::to_string(costs.log2_n) + "$" + std::to_string(costs.r) + "$" +
         std::to_string(costs.p) + "$" + to_base64url(salt) + "$" + to_base64url(hash);
}

}  // namespace

Outcome<void> check_new_password(std::string_view password) {
  const bool is_repeated =
      std::all_of(password.begin(), password.end(), [&](char c) { return c == password.front(); });
  if (password.size() >= kMinPasswordBytes && password.size() <= kMaxPasswordBytes && !is_repeated)
    return {};
  return invalid("weak_password", "A password has 10 to 1,024 characters, not all the same.");
}

std::string hash_password(std::string_view password, Entropy& entropy, const PasswordCosts& costs) {
  std::array<std::uint8_t, kSaltBytes> bytes{};
  entropy.fill(bytes.data(), bytes.size());
  const std::string salt(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return stored_form(costs, salt, derive(password, salt, costs));
}

std::string nobodys_password() {
  return stored_form({}, std::string(kSaltBytes, '\0'), std::string(kHashBytes, '\0'));
}

bool is_password(std::string_view password, std::string_view stored) {
  PasswordCosts costs;
  const bool is_scrypt = next_part(stored) == "scrypt";
  const bool has_costs = parse_decimal(next_part(stored), costs.log2_n) &&
                         parse_decimal(next_part(stored), costs.r) &&
                         parse_decimal(next_part(stored), costs.p);
  const auto salt = from_base64url(next_part(stored));
  const auto hash = from_base64url(next_part(stored));
  if (!is_scrypt || !has_costs || costs.log2_n < 1 || costs.log2_n > 20 || costs.r < 1 ||
      costs.r > 32 || costs.p < 1 || costs.p > 16 || !salt || !hash || hash->size() != kHashBytes)
    return false;
  return equal_in_constant_time(derive(password, *salt, costs), *hash);
}

}  // namespace tl::server
