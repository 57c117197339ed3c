// SPDX-License-Identifier: Apache-2.0
// Files as spreadsheets and ad platforms write them, as UTF-8: with or without a byte order mark,
// UTF-16 in either order (also without a mark, when every other byte is zero). Ill-formed sequences
// become U+FFFD.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

std::string plain_text(std::string_view bytes);

}  // namespace tl::server
