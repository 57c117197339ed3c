// SPDX-License-Identifier: Apache-2.0
// The request target (RFC 9112 section 3.2): origin form, and the path part of absolute form.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tl::server::http {

struct RequestTarget {
  std::string path;                   // decoded as a whole, for logs and handlers
  std::vector<std::string> segments;  // split first, then decoded: %2F stays inside its segment
  std::vector<std::pair<std::string, std::string>> query;  // decoded, in order
};

// false when the target has no path ("*", an authority) or decodes to a NUL.
bool parse_target(std::string_view target, RequestTarget& parsed);
// Broken % sequences stay as they are. `plus_is_blank` for queries and forms.
std::string percent_decode(std::string_view text, bool plus_is_blank);

}  // namespace tl::server::http
