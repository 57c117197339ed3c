// SPDX-License-Identifier: Apache-2.0
// What only the parts themselves can judge in a configuration: the store and cache URLs, proxies,
// the files for TLS, which payment providers and destinations exist, and the destinations' own
// settings.
#pragma once

#include "server/config/load_config.hpp"
#include "server/core/outcome.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace tl::server {

// Errors: invalid (bad_config); one problem a line, each with its place in the file.
Outcome<void> check_parts(const LoadedConfig& loaded);

// What works in part only, each with its place: a payment whose orders could not be imported for
// want of a setting, checkouts that nobody makes, a base_url that no request would reach, a
// certificate that is out of date.
std::vector<std::string> doubts_of_parts(const LoadedConfig& loaded, std::int64_t now_ms);

}  // namespace tl::server
