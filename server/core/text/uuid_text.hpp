// SPDX-License-Identifier: Apache-2.0
// An id as text with its own memory: 36 characters, lower case, dashed. The writer without
// allocation is write_uuid() in shared/.
#pragma once

#include "throughline/hash.hpp"

#include <string>

namespace tl::server {

inline std::string uuid_text(const Id128& id) {
  char buffer[36];
  Out out(buffer, sizeof buffer);
  write_uuid(id, out);
  return std::string(out.view());
}

}  // namespace tl::server
