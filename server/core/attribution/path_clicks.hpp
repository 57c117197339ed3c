// SPDX-License-Identifier: Apache-2.0
// The ad clicks that led to a conversion or event, by whichever vendor: an e-mail or a direct visit
// between click and purchase does not make the vendor's click undone.
#pragma once

#include "server/core/outcome.hpp"
#include "server/core/ports/destination.hpp"
#include "server/core/ports/store.hpp"

#include <string_view>
#include <vector>

namespace tl::server {

// Click ids of the dispatch's path (of a conversion: its snapshot's; of an event: the arrivals of
// its visitor up to it), newest first, those of one arrival in the order of their names. What its
// visitor does not permit to be told is not among them. Errors: unavailable.
Outcome<std::vector<KnownClick>> path_clicks(Tables& tables, const Dispatch& dispatch);

// Whether click ids of that browser may be told with what belongs to `own`, the linked ids of the
// visitor whose consent was asked. Errors: unavailable.
Outcome<bool> permits_click_ids(Tables& tables, std::string_view site_id,
                                const std::vector<Id128>& own, const Id128& anonymous_id);

}  // namespace tl::server
