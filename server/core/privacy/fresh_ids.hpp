// SPDX-License-Identifier: Apache-2.0
// What stands in place of a person's ids and contacts: random, and in the same order as they were,
// for paths and matches are decided by it where times are equal.
#pragma once

#include "server/core/clock.hpp"
#include "server/core/ports/privacy_store.hpp"

#include <vector>

namespace tl::server {

// `ids` ascending. They count in sketches as the old ones did (VisitorSketch::stand_in).
Renames::Ids fresh_visitors(const std::vector<Id128>& ids, Entropy& entropy);
// `ids` ascending. Their time stays: a hand-over binds by it.
Renames::Ids fresh_timed_ids(const std::vector<Id128>& ids, Entropy& entropy);
// `contacts` ascending.
std::vector<Renames::Contact> fresh_contacts(const std::vector<ContactRef>& contacts,
                                             Entropy& entropy);

}  // namespace tl::server
