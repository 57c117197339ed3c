// SPDX-License-Identifier: Apache-2.0
// What a person reached on the way to a conversion, for the models that reward the touch before it:
// the newest lead and the newest opportunity up to then. Conversions of such a kind count when they
// were matched to the person's ids or prove one of the person's contacts, events of such a name
// when one of the ids sent them.
#pragma once

#include "server/core/people/person.hpp"
#include "server/core/ports/store.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace tl::server {

struct MilestoneTimes {
  std::optional<std::int64_t> lead_ms, opportunity_ms;  // none: never, as far as is known
};

// Whether a conversion of that kind, or an event of that name, is one: lead, signup and
// email_signup are a lead, opportunity is an opportunity.
bool is_milestone(std::string_view name);

// Up to the conversion, which is none for itself. Errors: unavailable.
// When the person converted to the same kind before, at least a millisecond earlier.
Outcome<std::optional<std::int64_t>> previous_conversion(Tables& tables,
                                                         const ConversionRow& conversion,
                                                         const Person& person);

Outcome<MilestoneTimes> milestones_before(Tables& tables, const ConversionRow& conversion,
                                          const Person& person);

}  // namespace tl::server
