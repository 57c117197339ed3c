// SPDX-License-Identifier: Apache-2.0
#include "server/core/consent_change.hpp"

namespace tl::server {
namespace {

Choice stricter(Choice a, Choice b) {
  if (a == Choice::denied || b == Choice::denied) return Choice::denied;
  return a == Choice::unknown || b == Choice::unknown ? Choice::unknown : Choice::granted;
}

}  // namespace

Consent stricter(const Consent& a, const Consent& b) {
  Consent both;
  both.storage = stricter(a.storage, b.storage);
  both.marketing = stricter(a.marketing, b.marketing);
  both.ad_personalisation = stricter(a.ad_personalisation, b.ad_personalisation);
  both.opted_out_of_sale = a.opted_out_of_sale || b.opted_out_of_sale;
  return both;
}

Outcome<void> put_choice(Tables& tables, std::string_view site_id, const Id128& anonymous_id,
                         const ConsentRecord& record) {
  TL_CHECK(tables.people().put_consent(site_id, anonymous_id, record));
  if (!permits_marketing(record.consent))
    TL_CHECK(tables.events().delete_contexts(site_id, anonymous_id));
  if (permits_ids(record.consent)) return {};
  TL_TRY(withheld, tables.outbox().withhold_queued(site_id, anonymous_id, "consent_withdrawn"));
  static_cast<void>(withheld);
  return {};
}

Outcome<void> tighten_linked(Tables& tables, std::string_view site_id, const Id128& anonymous_id,
                             const ConsentRecord& record) {
  TL_TRY(linked, tables.events().linked_ids(site_id, anonymous_id));
  for (const Id128& other : linked) {
    if (other == anonymous_id) continue;
    TL_TRY(known, tables.people().find_consent(site_id, other));
    if (known && known->t_ms > record.t_ms) continue;
    const Consent before = known ? known->consent : Consent{};
    const Consent both = stricter(before, record.consent);
    if (both == before) continue;
    TL_CHECK(put_choice(tables, site_id, other, {both, record.t_ms}));
  }
  return {};
}

}  // namespace tl::server
