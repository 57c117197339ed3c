// SPDX-License-Identifier: Apache-2.0
// Contact normalisation for matching and hashing in the browser and on the server. Vendor-specific
// variants (Meta's, Google's, Reddit's texts) live with the server's destinations.
#pragma once

#include "throughline/hash.hpp"
#include "throughline/out.hpp"
#include "throughline/result.hpp"

#include <string_view>

namespace tl {

// Trims ASCII and Unicode blanks, lower-cases ASCII; must hold one @ with something on both sides,
// a dot in the domain, no blank inside, at most 254 bytes. Errors: invalid (bad_email).
Result<std::string_view> normalise_email(std::string_view raw, Out& out);
// Keeps + and digits of an international number (00 prefix becomes +, a bracketed (0) goes).
// Errors: invalid (bad_phone) for national numbers: the country is the server's business.
Result<std::string_view> normalise_phone_e164(std::string_view raw, Out& out);
// 64 lower-case hex digits.
void write_sha256_hex(std::string_view text, Out& out);

}  // namespace tl
