// SPDX-License-Identifier: Apache-2.0
// identity_signature: the site's own server says whose a contact is. Hex HMAC-SHA-256 under the
// site's identity_secret over one contact: a user id, an e-mail address or a phone number with its
// "+", as it is sent or in its normal form (contact_text). It proves that contact and no other.
// Pure.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/records.hpp"

#include <string>
#include <string_view>

namespace tl::server::http {

// Whether the site's server signed this contact. `country`: of national phone numbers.
bool is_signed_by_site(const SiteConfig& site, ContactKind kind, std::string_view text,
                       std::string_view country, std::string_view signature);
// unauthenticated (bad_identity_signature): it is over no contact of the request.
ServerError bad_identity_signature();

}  // namespace tl::server::http
