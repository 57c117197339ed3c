// SPDX-License-Identifier: Apache-2.0
// A vendor's sentence may repeat whom it was told of, or our key. In a log stands what is left of
// it: its words, without addresses, numbers that are people's and everything as long as a token.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

// At most 200 characters on one line; what is left out shows as "…".
std::string loggable_words(std::string_view sentence);

}  // namespace tl::server
