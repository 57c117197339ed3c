// SPDX-License-Identifier: Apache-2.0
// JSON that others wrote. A text cut inside an emoji leaves half a surrogate pair, which
// JSON.stringify and json.dumps write as a \u escape and the parser refuses, with the whole sale
// around it. Such a half reads as U+FFFD, as everywhere on the web. What was signed, and what is
// kept, stays as it came.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>

namespace tl::server {

// `json` itself, or `repaired`, a copy of equal length in which each escaped half of a surrogate
// pair without its other half is \ufffd. Costs one search where nothing is escaped by number.
std::string_view with_whole_surrogates(std::string_view json, std::string& repaired);

// Discarded (is_discarded()) when it is no JSON.
template <class Json = nlohmann::json>
Json parse_foreign_json(std::string_view text) {
  std::string repaired;
  return Json::parse(with_whole_surrogates(text, repaired), nullptr, /*allow_exceptions=*/false);
}

}  // namespace tl::server
