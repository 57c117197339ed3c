// SPDX-License-Identifier: Apache-2.0
// The payment providers this server understands: an explicit table, one line each, no
// self-registration. Adding one: a .cpp file here, its line in provider_list.inc, its rows in the
// tests, its page in docs/providers/. Its API, if its orders can be imported: NAME_api() there and
// a line in provider_api_list.inc.
#pragma once

#include "server/core/ports/checkout_maker.hpp"
#include "server/core/ports/provider.hpp"
#include "server/core/ports/provider_api.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// nullptr when unknown; "custom_NAME" is the custom provider. The providers live as long as the
// program.
const Provider* find_provider(std::string_view name);
std::vector<std::string> provider_names();
// Providers on whose page a checkout can be made.
const CheckoutMaker* find_checkout_maker(std::string_view name);
// Providers whose API is known; nullptr for others.
const ProviderApi* find_provider_api(std::string_view name);
std::vector<std::string> provider_api_names();

}  // namespace tl::server
