// SPDX-License-Identifier: Apache-2.0
// The 249 ISO 3166-1 alpha-2 codes, English country names and the state codes of the United States
// and Canada, as far as customer data for ad platforms needs them. Source: ISO 3166-1 (2026-11; no
// XK, EU, UK), ISO 3166-2:US and :CA.
#pragma once

#include <optional>
#include <string_view>

namespace tl::server {

bool is_country_code(std::string_view upper_case);
// "japan" -> "jp", "deu" -> "de": lower-case English name or alpha-3 of the countries that shops
// meet most; none when unknown.
std::optional<std::string_view> country_code_of_name(std::string_view lower_case);
// "texas" -> "tx", "british columbia" -> "bc", "tx" -> "tx"; none when no state of these countries.
// `country`: "us", "ca" or empty for either.
std::optional<std::string_view> state_code_of_name(std::string_view lower_case,
                                                   std::string_view country);

}  // namespace tl::server
