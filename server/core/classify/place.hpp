// SPDX-License-Identifier: Apache-2.0
// Where a visitor is, as coarsely as reports need it.
#pragma once

#include <string>

namespace tl::server {

struct Place {
  std::string country;  // ISO 3166-1 alpha-2, upper case; "" unknown
  std::string region;   // name, or the second part of an ISO 3166-2 code
  std::string city;
};

}  // namespace tl::server
