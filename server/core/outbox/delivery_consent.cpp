// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/delivery_consent.hpp"

namespace tl::server {
namespace {

Choice counting(Choice stated, Choice recorded, bool record_is_later) {
  if (record_is_later && recorded == Choice::denied) return Choice::denied;
  return stated != Choice::unknown ? stated : recorded;
}

void add_refusals(Consent& consent, const Consent& elsewhere) {
  if (!permits_ids(elsewhere)) consent.storage = Choice::denied;
  if (elsewhere.marketing == Choice::denied) consent.marketing = Choice::denied;
  if (elsewhere.ad_personalisation == Choice::denied) consent.ad_personalisation = Choice::denied;
  consent.opted_out_of_sale |= elsewhere.opted_out_of_sale;
}

}  // namespace

bool permits_marketing_data(const Consent& consent) {
  Consent without_limit = consent;
  without_limit.opted_out_of_sale = false;
  return permits_marketing(without_limit);
}

bool permits(Purpose purpose, const Consent& consent) {
  return purpose == Purpose::marketing ? permits_marketing_data(consent) : permits_ids(consent);
}

Clearance clear_delivery(Purpose purpose, const ConsentFacts& facts) {
  Clearance clearance;
  if (!facts.is_live) {
    clearance.reason = "test_payment";
    return clearance;
  }
  const bool knows_visitor = !facts.match || identifies_visitor(*facts.match);
  Consent recorded;
  if (knows_visitor && facts.recorded) recorded = facts.recorded->consent;
  const Consent stated = facts.stated.value_or(Consent{});
  const bool is_later = facts.recorded && facts.recorded->t_ms > facts.occurred_ms;

  Consent& consent = clearance.consent;
  consent.storage = counting(stated.storage, recorded.storage, is_later);
  consent.marketing = counting(stated.marketing, recorded.marketing, is_later);
  consent.ad_personalisation =
      counting(stated.ad_personalisation, recorded.ad_personalisation, is_later);
  consent.opted_out_of_sale = stated.opted_out_of_sale || recorded.opted_out_of_sale;
  // The site's default speaks for visitors that it knows to have said nothing.
  if (knows_visitor) consent = with_default(consent, facts.site_default);
  for (const auto& other : facts.elsewhere)
    if (knows_visitor && other.t_ms > facts.occurred_ms) add_refusals(consent, other.consent);

  const bool needs_marketing = purpose == Purpose::marketing;
  const Choice decisive =
      needs_marketing && consent.storage != Choice::denied ? consent.marketing : consent.storage;
  clearance.may_send = permits(purpose, consent);
  if (!clearance.may_send)
    clearance.reason = decisive == Choice::denied ? "consent_denied" : "consent_unknown";
  return clearance;
}

}  // namespace tl::server
