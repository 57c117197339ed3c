// SPDX-License-Identifier: Apache-2.0
// Reads [site.payment.custom]: the description of a provider that only the configuration knows.
#pragma once

#include "server/config/section_reader.hpp"
#include "server/core/orders/payment_description.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// "custom" and "custom_NAME".
bool is_custom_provider(std::string_view name);
// Names in its table that belong to the description, not to every provider.
std::vector<std::string> description_names();

// `label` and `path` as in SectionReader. Problems are added with their lines.
PaymentDescription read_custom_provider(const TomlNode& table, const std::string& name,
                                        const std::string& label, const std::string& path,
                                        const ValueSource& source, ConfigProblems& problems);

// The content of such a table alone, for trying a description out. Errors: invalid (bad_toml,
// bad_config).
Outcome<PaymentDescription> parse_custom_provider(std::string_view toml, const ValueSource& source);

}  // namespace tl::server
