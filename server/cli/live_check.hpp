// SPDX-License-Identifier: Apache-2.0
// check-config --live: every destination that its vendor lets be tried is sent one test event, in
// the vendor's test mode, so that nothing is counted.
#pragma once

#include "server/core/config.hpp"

#include <iosfwd>

namespace tl::server {
class HttpClient;
}

namespace tl::server::cli {

// A line for each destination: "site demo, ga4: taken: …". False when one was refused.
bool check_live(const Config& config, HttpClient& client, std::ostream& out);

}  // namespace tl::server::cli
