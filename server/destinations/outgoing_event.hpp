// SPDX-License-Identifier: Apache-2.0
// An event in our own words, for receivers that have no format of theirs. Contacts, click ids and
// the address are part of it only where the endpoint may receive them and marketing is permitted.
#pragma once

#include "server/core/ports/destination.hpp"

#include <string>
#include <string_view>

namespace tl::server::destinations {

// "granted", "denied", "unknown".
std::string_view choice_text(Choice choice);
// {"storage":…,"marketing":…}
std::string consent_json(const Consent& consent);
// {"channel","source","medium","campaign","term","content","time"} of a touch.
std::string touch_json(const TouchRow& touch);
// {"email_sha256":…,"phone_sha256":…}; empty where nothing is known.
std::string contact_json(const Dispatch& dispatch);
// The newest of each name, JSON object; empty: none.
std::string consented_click_ids(const Dispatch& dispatch);

}  // namespace tl::server::destinations
