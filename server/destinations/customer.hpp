// SPDX-License-Identifier: Apache-2.0
// Who an event is about, in the forms that ad platforms match by: SHA-256 in lower-case hex, and
// what they want plain. The gathering has left out what consent does not permit.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"
#include "server/destinations/json_object.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server::destinations {

struct Customer {
  std::string email, phone;                    // hex; empty: unknown
  std::string first_name, last_name, country;  // hex
  std::string country_code;                    // plain, ISO 3166, lower case
  std::vector<std::string> external_ids;       // hex: of our anonymous id, of the site's user id
  std::string ip, user_agent;                  // plain; the address only when it is public
  [[nodiscard]] bool has_browser() const { return !ip.empty() && !user_agent.empty(); }
};

// `email_form`, `phone_form`: the variants of contact_variants.hpp that the vendor hashes.
Customer customer_of(const Dispatch& dispatch, std::string_view email_form,
                     std::string_view phone_form);

// The keys that Meta, Pinterest and Snap share: em, ph, fn, ln, country, external_id as lists of
// hashes, client_ip_address and client_user_agent plain.
void add_hashed_user(JsonObject& data, const Customer& customer);
// Whether anything leads to a person: contact, id or browser.
bool leads_somewhere(const Customer& customer);
// Error for an event that leads to nobody.
ServerError leads_to_nobody(std::string_view vendor);

std::string sha256_hex(std::string_view text);
// The site's user id, for those who would read it plain; empty where it is a contact.
std::string plain_user_id(const Dispatch& dispatch);
std::string anonymous_id_text(const Dispatch& dispatch);  // empty: unknown

// The vendor's newest click on the path by one of these names (of one arrival the first named), as
// long as the vendor looks back; empty: none.
KnownClick click_of(const Dispatch& dispatch, std::initializer_list<std::string_view> names);
std::string click_id_of(const Dispatch& dispatch, std::string_view name);
// A vendor's cookie; empty: unknown.
std::string cookie_of(const Dispatch& dispatch, std::string VendorCookies::*cookie);
// The click as its link gave it, else as the vendor's cookie kept it.
std::string click_or_cookie(const Dispatch& dispatch, std::string_view name,
                            std::string VendorCookies::*cookie);

}  // namespace tl::server::destinations
