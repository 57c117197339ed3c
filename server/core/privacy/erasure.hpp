// SPDX-License-Identifier: Apache-2.0
// The use case "forget this person". Evidence is rewritten in place: fresh random ids in the same
// order, hashes of nothing in place of the contacts' hashes, and no page, click id, property,
// device, place or body of a webhook; channel, source, medium, campaign, content, times, amounts
// and the ledger stay. Everything derived is then made again by the same code as ever, so that
// totals and credits are what they were and `throughline audit` finds nothing.
//   Landing paths go too, and so does what in source, medium, campaign, content and the names of
// events names the person, unless many share it (touch_places.hpp). A fresh anonymous id counts in
// the day's sketches as the old one did (VisitorSketch::stand_in). What waits in the outbox is
// removed; of what was sent stays that it was sent.
// What is told later of an erased order moves its amounts and states, and is kept without the buyer
// (OrderFact::is_erased); references that named the buyer are digests there
// (erased_references.hpp), so that a refund or part told again counts once. A new order of the same
// person is new: with the receipt's key destroyed nobody can tell whose it is. A receipt remains
// (erasure_receipt.hpp). Erasing again changes nothing and leaves a receipt too.
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/privacy/person_traces.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tl::server {

struct ErasureServices {
  Store& store;
  const Clock& clock;
  Entropy& entropy;
  const SecretBox& box;
};

struct Erasure {
  std::int64_t receipt = 0;  // its number; 0 for a dry run
  std::int64_t t_ms = 0;
  // What was found, by name in a fixed order: visitors, contacts, sessions, events, orders,
  // conversions, webhooks, rejects, deliveries_removed, deliveries_emptied.
  std::vector<std::pair<std::string, std::int64_t>> counts;
  bool is_shared = false;  // the contact is shared by too many to lead to visitors
  // False: others use the log, which keeps pages as they were until the job has cut it.
  bool is_log_cut = true;
};

// Errors: invalid (bad_person), unavailable, bug.
Outcome<Erasure> erase_person(const ErasureServices& services, const SiteConfig& site,
                              const PersonName& name, bool is_dry_run);

// Rewrites what was found; a part of erase_person and of a restore. Runs in a write.
Outcome<void> rewrite_traces(Tables& tables, Entropy& entropy, const SecretBox& box,
                             const SiteConfig& site, const PersonTraces& traces,
                             std::int64_t now_ms);

}  // namespace tl::server
