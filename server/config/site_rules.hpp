// SPDX-License-Identifier: Apache-2.0
// What single values of a site's tables may be; "" or "must be …".
#pragma once

#include "server/config/key.hpp"

#include <string>

namespace tl::server {

std::string country_complaint(const Value& value);  // "" is none
std::string countries_complaint(const Value& value);
std::string origins_complaint(const Value& value);
std::string domains_complaint(const Value& value);
std::string parameters_complaint(const Value& value);
std::string model_complaint(const Value& value);
std::string event_names_complaint(const Value& value);

}  // namespace tl::server
