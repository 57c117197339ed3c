// SPDX-License-Identifier: Apache-2.0
// The settings of every destination as Markdown: the second half of docs/configuration.md.
#pragma once

#include <string>

namespace tl::server::destinations {

// A table for each destination, in the order of registry.cpp, as its own settings() tell it.
std::string settings_reference();

}  // namespace tl::server::destinations
