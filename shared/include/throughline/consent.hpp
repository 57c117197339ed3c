// SPDX-License-Identifier: Apache-2.0
// Consent: two purposes on our surfaces, each granted, denied or unknown, and what they permit.
//   storage    identifiers on the device, own measurement
//   marketing  click-id values, vendor cookies, forwarding to ad platforms; without storage it
//              counts as denied (architecture section 10)
#pragma once

#include <cstdint>

namespace tl {

// Stored and sent: never renumber.
enum class Choice : std::uint8_t { unknown = 0, denied = 1, granted = 2 };

struct Consent {
  Choice storage = Choice::unknown;
  Choice marketing = Choice::unknown;
  Choice ad_personalisation = Choice::unknown;
  bool opted_out_of_sale = false;  // US sale/share opt-out, GPC

  friend bool operator==(const Consent& a, const Consent& b) {
    return a.storage == b.storage && a.marketing == b.marketing &&
           a.ad_personalisation == b.ad_personalisation &&
           a.opted_out_of_sale == b.opted_out_of_sale;
  }
};

// Replaces unknown purposes by the site's default (denied or granted); ad personalisation that
// nobody spoke of follows marketing.
Consent with_default(Consent consent, Choice site_default);

// Whether ids may exist at all: only when storage is granted.
bool permits_ids(const Consent& consent);
// Whether click-id values and vendor cookies may leave the page and ad platforms may be told.
bool permits_marketing(const Consent& consent);

}  // namespace tl
