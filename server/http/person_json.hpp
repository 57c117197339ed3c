// SPDX-License-Identifier: Apache-2.0
// A person as the API shows it: which anonymous ids, by browser, and the ties that join them or do
// not, each with the reason. Contacts are shown as their SHA-256.
#pragma once

#include "server/core/people/person.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace tl::server::http {

Outcome<nlohmann::ordered_json> person_item(Tables& tables, std::string_view site_id,
                                            const Person& person);

}  // namespace tl::server::http
