// SPDX-License-Identifier: Apache-2.0
// Which hosts belong to one site, by the Public Suffix List, its private section included: two
// shops under myshopify.com are two sites (facts: channels, section 5). Thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace tl::server {

// "www.shop.example.co.uk" → "example.co.uk", lower case, in A-label form. IP addresses, single
// labels, public suffixes and what is no host name come back whole.
std::string registrable_domain(std::string_view host);

// The same registrable domain. Cheap for the usual strangers: they differ in the last two labels.
bool is_one_site(std::string_view host_a, std::string_view host_b);

}  // namespace tl::server
