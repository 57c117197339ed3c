// SPDX-License-Identifier: Apache-2.0
// One advertiser under many names: links say fb, ig and facebook-ads where the platform's export
// says facebook. For meeting costs with their traffic alone; reports show sources as they came.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

struct AdSource {
  std::string name;      // "instagram" of "ig" and "instagram.com"
  std::string platform;  // whose ads run there: "meta"; the name where nothing more is known
  bool operator==(const AdSource&) const = default;
};

AdSource ad_source(std::string_view source);

}  // namespace tl::server
