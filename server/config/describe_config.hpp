// SPDX-License-Identifier: Apache-2.0
// The configuration in words: as it was understood, without secrets (check-config), and the
// reference of all keys (docs/configuration.md).
#pragma once

#include "server/core/config.hpp"

#include <string>

namespace tl::server {

// TOML; a secret prints as its length only.
std::string redacted_config(const Config& config);
// Markdown tables of every section.
std::string config_reference();

}  // namespace tl::server
