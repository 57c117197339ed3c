// SPDX-License-Identifier: Apache-2.0
// The consent gate (facts: consent, sections 1 and 5). Unknown permits nothing: what it means on a
// site is decided before, by with_default().
#include "throughline/consent.hpp"

#include <initializer_list>

namespace tl {

Consent with_default(Consent consent, Choice site_default) {
  for (Choice* choice : {&consent.storage, &consent.marketing}) {
    if (*choice == Choice::unknown) *choice = site_default;
  }
  // Most platforms ask about marketing as a whole.
  if (consent.ad_personalisation == Choice::unknown) consent.ad_personalisation = consent.marketing;
  return consent;
}

bool permits_ids(const Consent& consent) {
  return consent.storage == Choice::granted;
}

bool permits_marketing(const Consent& consent) {
  return permits_ids(consent) && consent.marketing == Choice::granted && !consent.opted_out_of_sale;
}

}  // namespace tl
