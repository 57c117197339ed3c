// SPDX-License-Identifier: Apache-2.0
// Every key of the configuration file, by section (api.md section 2). Destinations name their own
// settings (core/ports/destination.hpp); here only their common part is known.
#pragma once

#include "server/config/key.hpp"
#include "server/core/config.hpp"

#include <string_view>
#include <vector>

namespace tl::server {

const std::vector<Key<Config>>& server_keys();  // [server]
const std::vector<Key<Config>>& store_keys();   // [store]
const std::vector<Key<Config>>& cache_keys();   // [cache]
const std::vector<Key<Config>>& geo_keys();     // [geo]
const std::vector<Key<SiteConfig>>& site_keys();
const std::vector<Key<PaymentConfig>>& payment_keys();  // [site.payment.NAME]
// [site.payment.custom] beside those, and its [[…event]].
const std::vector<Key<PaymentDescription>>& description_keys();
const std::vector<Key<EventRule>>& event_rule_keys();
const std::vector<Key<CheckoutItem>>& checkout_keys();          // [[site.checkout]]
const std::vector<Key<DestinationConfig>>& destination_keys();  // common to all destinations

// Destination settings whose value is never printed.
bool is_secret_setting(std::string_view name);

// Rules shared by several keys; "" or "must be …".
bool is_name(std::string_view text);  // of a site, a key, a cookie, a checkout
std::string name_complaint(const Value& value);
std::string optional_name_complaint(const Value& value);
std::string currency_complaint(const Value& value);
std::string origin_complaint(std::string_view origin);
std::string time_zone_complaint(std::string_view name);
std::string web_url_complaint(std::string_view url);
// Of a URL that paths are added to: without user, query and fragment.
std::string api_url_complaint(std::string_view url);

}  // namespace tl::server
