// SPDX-License-Identifier: Apache-2.0
// What the other browsers of a visitor's person have chosen (person.hpp, by what is signed alone: a
// claim stops nobody's deliveries). Ids of the visitor's own browser are not among them, for they
// share one choice (consent_change.hpp).
#pragma once

#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <string_view>
#include <vector>

namespace tl::server {

// The newest record of each, where there is one. Nobody is looked for of a visitor of whom nothing
// is proven, as of most.
Outcome<std::vector<ConsentRecord>> choices_elsewhere(Tables& tables, std::string_view site_id,
                                                      const Id128& anonymous_id);

}  // namespace tl::server
