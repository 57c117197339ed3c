// SPDX-License-Identifier: Apache-2.0
// Whose contacts and ids may not be kept any longer, by lead_days and order_contact_days of the
// site's rules (config.hpp, RetentionRules): people of whom every lead and every order is too old.
// A person here is what contacts join, and a subscription's or customer's account at a provider, in
// orders and leads alone; who shares a contact with somebody younger stays with them. A contact
// that too many share ("guest", a till: person.hpp) is nobody's: it joins nobody and stays where it
// is. The age is that of the newest thing that happened to an order or
// lead, or of the newest word of a visitor who says one of the contacts.
//   They are rewritten as an erasure rewrites its traces (erasure.hpp), without their visits: what
// is told later of their orders moves amounts and names nobody, and no sum changes. What was
// rewritten is marked in the evidence (OrderFact::is_erased), so that nothing else has to tell how
// far this has come: broken off anywhere, it goes on with whoever is left. Reads the ledger and the
// conversions of the site from end to end.
#pragma once

#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/privacy/erasure.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tl::server {

struct ExpiredPeople {
  std::vector<ContactRef> contacts;
  std::vector<OrderKey> orders;  // that name one of them in any way
  std::int64_t leads = 0;        // and conversions that do and have no order
  bool has_more = false;         // people beyond the limit
};

// At most so many people. Errors: unavailable.
Outcome<ExpiredPeople> find_expired_people(Tables& tables, const SiteConfig& site,
                                           std::int64_t now_ms, std::size_t limit);

struct ClearedPeople {
  std::int64_t orders = 0, leads = 0;
  bool is_done = false;  // nobody is left
};
// Takes at most so many people out of what names them, in one write. Nobody, and not done, when one
// of them bought or asked meanwhile. Errors: unavailable, bug.
Outcome<ClearedPeople> remove_expired_people(const ErasureServices& services,
                                             const SiteConfig& site, std::int64_t now_ms,
                                             std::size_t limit);

}  // namespace tl::server
