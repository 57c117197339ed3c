// SPDX-License-Identifier: Apache-2.0
// What stands for a click id's value that was withheld, as reduce_url() writes it: that there was
// one stays, for the channel follows from it.
#pragma once

#include <string_view>

namespace tl::server {

inline constexpr std::string_view kWithheldValue = "*";

}  // namespace tl::server
