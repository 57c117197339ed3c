// SPDX-License-Identifier: Apache-2.0
// Customer data as people type it, brought to the form that Meta documents and then through the
// reference normalisation. What cannot be brought there is left out, key by key: one bad e-mail
// never costs the event, and no null and no hash of an empty text is ever sent.
// Source: Meta developer documentation "Customer Information Parameters", 2026-11; where Meta's two
// official normalisers disagree, docs/destinations.md says which form is sent.
#pragma once

#include "server/core/people/meta_reference.hpp"

#include <optional>
#include <string_view>

namespace tl::server {

// `country`: ISO alpha-2 (any case) of the person or the site's default, for national phone
// numbers, states and US zip codes; may be empty. The result has both text and hash, or there is
// none.
std::optional<MetaValue> meta_cleaned(MetaKey key, std::string_view value,
                                      std::string_view country);

// `throughline normalise meta`: one JSON line {"key","value","country"?} to its answer line
// (api.md section 1); bad lines are answered with {"error":{"code","message"}}.
std::string explain_meta_normalisation(std::string_view line, std::string_view default_country);

}  // namespace tl::server
