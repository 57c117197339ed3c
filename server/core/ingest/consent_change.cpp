// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/consent_change.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/ingest/withheld_click_ids.hpp"
#include "server/core/people/person_evidence.hpp"
#include "server/core/privacy/touch_places.hpp"

namespace tl::server {
namespace {

Choice stricter(Choice a, Choice b) {
  if (a == Choice::denied || b == Choice::denied) return Choice::denied;
  return a == Choice::unknown || b == Choice::unknown ? Choice::unknown : Choice::granted;
}

constexpr std::string_view kWithdrawn = "consent_withdrawn";

// What a later yes must not send: consent does not reach back.
Outcome<void> withhold_marketing(OutboxStore& outbox, const SiteConfig& site,
                                 const Id128& anonymous_id, const std::vector<EventLane>& lanes,
                                 std::int64_t before_ms = kAnyTime) {
  for (const auto& lane : lanes)
    if (lane.purpose == Purpose::marketing)
      TL_CHECK(
          outbox.withhold_queued(site.id, anonymous_id, kWithdrawn, lane.destination, before_ms));
  return {};
}

// put_choice(), and what waits of the person's other browsers.
Outcome<void> put_for_person(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                             const ConsentRecord& record, const std::vector<EventLane>& lanes) {
  const bool is_all = !permits_ids(record.consent);
  if (!is_all && record.consent.marketing != Choice::denied)
    return put_choice(tables, site, anonymous_id, record, lanes);
  // Before, for afterwards nothing that was said there leads to anybody.
  TL_TRY(person, find_proven_person(tables, site.id, {anonymous_id, {}}));
  TL_CHECK(put_choice(tables, site, anonymous_id, record, lanes));
  OutboxStore& outbox = tables.outbox();
  for (const Id128& other : person.ids) {
    if (other == anonymous_id) continue;
    if (is_all)
      TL_CHECK(outbox.withhold_queued(site.id, other, kWithdrawn, {}, record.t_ms));
    else
      TL_CHECK(withhold_marketing(outbox, site, other, lanes, record.t_ms));
  }
  return {};
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

Outcome<void> put_choice(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                         const ConsentRecord& record, const std::vector<EventLane>& lanes) {
  TL_TRY(before, tables.people().find_consent(site.id, anonymous_id));
  const bool takes_marketing_back =
      before && permits_marketing(before->consent) && !permits_marketing(record.consent);
  if (takes_marketing_back || !permits_ids(record.consent)) tables.privacy().forget_soon();
  std::vector<ContactRef> claimed;
  if (!permits_ids(record.consent)) {
    TL_TRY(claims, tables.people().claims_of_visitor(site.id, anonymous_id));
    for (const auto& claim : claims) claimed.push_back({claim.kind, claim.hash});
  }
  TieWatch watch(tables, site);
  TL_CHECK(watch.add(anonymous_id));
  for (const auto& contact : claimed) TL_CHECK(watch.add(contact));
  TL_CHECK(tables.people().put_consent(site.id, anonymous_id, record));
  if (!permits_ids(record.consent)) TL_CHECK(tables.people().remove_claims(site.id, anonymous_id));
  TL_CHECK(watch.restate_changed(record.t_ms));
  // Restated first: no conversion is filed any more under what only this visitor said.
  for (const auto& contact : claimed)
    TL_CHECK(tables.people().remove_unheld_contact(site.id, contact));
  if (takes_marketing_back) {
    TL_TRY(first_ms, tables.events().delete_views(site.id, anonymous_id));
    if (first_ms)
      TL_CHECK(
          restate_conversions(tables, site, visitor_key(anonymous_id), *first_ms, record.t_ms));
  }
  // Told late: whose id it is stays, what was bought between this choice and the next does not.
  if (before && before->t_ms > record.t_ms)
    TL_CHECK(
        restate_conversions(tables, site, visitor_key(anonymous_id), record.t_ms, record.t_ms));
  if (!permits_marketing(record.consent))
    TL_CHECK(tables.events().delete_contexts(site.id, anonymous_id));
  if (permits_ids(record.consent)) {
    if (record.consent.marketing == Choice::denied && (!before || before->t_ms <= record.t_ms))
      TL_CHECK(withhold_marketing(tables.outbox(), site, anonymous_id, lanes));
    if (takes_marketing_back) return withhold_click_ids(tables, site.id, anonymous_id);
    return {};
  }
  TL_CHECK(tables.privacy().empty_visits_of(site.id, anonymous_id));
  TL_CHECK(clear_places(tables, site, anonymous_id, anonymous_id, [](TouchRow& touch) {
    touch.content.clear();
    touch.landing_path.clear();
  }));
  TL_CHECK(restate_conversions(tables, site, visitor_key(anonymous_id), 0, record.t_ms));
  TL_CHECK(tables.outbox().withhold_queued(site.id, anonymous_id, kWithdrawn));
  return {};
}

Outcome<void> apply_choice(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                           const ConsentRecord& record, const std::vector<EventLane>& lanes) {
  TL_CHECK(put_for_person(tables, site, anonymous_id, record, lanes));
  return tighten_linked(tables, site, anonymous_id, record, lanes);
}

Outcome<void> tighten_linked(Tables& tables, const SiteConfig& site, const Id128& anonymous_id,
                             const ConsentRecord& record, const std::vector<EventLane>& lanes) {
  TL_TRY(linked, tables.events().linked_ids(site.id, anonymous_id));
  for (const Id128& other : linked) {
    if (other == anonymous_id) continue;
    TL_TRY(known, tables.people().find_consent(site.id, other));
    if (known && known->t_ms > record.t_ms) continue;
    const Consent before = known ? known->consent : Consent{};
    const Consent both = stricter(before, record.consent);
    if (both == before) continue;
    TL_CHECK(put_for_person(tables, site, other, {both, record.t_ms, record.said_ms}, lanes));
  }
  return {};
}

}  // namespace tl::server
