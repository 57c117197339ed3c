// SPDX-License-Identifier: Apache-2.0
#include "server/core/leads/leads.hpp"

#include "server/core/attribution/conversions.hpp"
#include "server/core/leads/known_leads.hpp"
#include "server/core/orders/order_fact.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person_evidence.hpp"

#include <algorithm>

namespace tl::server {
namespace {

LeadFact fact_of(const LeadStatement& told, const SiteConfig& site) {
  const StatedConversion& said = told.said;
  const std::string country = phone_country(said.customer, site);
  LeadFact fact;
  fact.stage = told.stage;
  fact.word = told.word;
  fact.t_ms = fact.last_ms = said.occurred_ms;
  fact.anonymous_id = said.anonymous_id;
  fact.session_id = said.session_id;
  if (told.visit && !fact.anonymous_id && !fact.session_id) {
    fact.anonymous_id = told.visit->anonymous_id;
    fact.session_id = told.visit->session_id;
  }
  if (!said.customer.email.empty())
    fact.email_hash = contact_hash(ContactKind::email, said.customer.email, {});
  if (!said.customer.phone.empty())
    fact.phone_hash = contact_hash(ContactKind::phone, said.customer.phone, country);
  if (!said.user_id.empty())
    fact.user_id_hash = contact_hash(ContactKind::user_id, said.user_id, {});
  fact.amount_minor = said.amount_minor;
  fact.currency = said.currency;
  fact.self_reported = said.self_reported;
  fact.consent = said.consent;
  fact.digest = said.digest;
  if (told.stage == kLeadStages[0]) return fact;
  fact.is_pinned = told.lead_id.has_value();
  fact.about_form = told.form;
  return fact;
}

// Like identify: whoever holds the session's token says this of themselves.
Outcome<void> keep_claims(Tables& tables, const SiteConfig& site, const SessionToken& visit,
                          const LeadFact& fact, std::int64_t now_ms) {
  TL_TRY(recorded, tables.people().find_consent(site.id, visit.anonymous_id));
  if (!permits_ids(recorded ? recorded->consent : visit.consent)) return {};
  for (const auto& contact : contacts_of(fact)) {
    ContactClaim claim;
    claim.kind = contact.kind;
    claim.hash = contact.hash;
    claim.anonymous_id = visit.anonymous_id;
    claim.session_id = visit.session_id;
    claim.source = kLeadProvider;
    claim.t_ms = now_ms;
    TL_CHECK(keep_claim(tables, site, claim, now_ms));
  }
  return {};
}

}  // namespace

std::optional<ConversionDraft> lead_draft(const LeadFacts& lead, std::string_view stage,
                                          const std::string& reference) {
  const auto view = view_stage(lead, stage);
  if (!view) return std::nullopt;
  ConversionDraft draft;
  draft.kind = stage;
  draft.provider = kLeadProvider;
  draft.order_id = reference;
  draft.amount_minor = view->amount_minor;
  draft.currency = view->currency;
  draft.occurred_ms = draft.first_told_ms = view->t_ms;
  draft.anonymous_id = view->anonymous_id;
  draft.session_id = view->session_id;
  draft.email_hash = view->email_hash;
  draft.phone_hash = view->phone_hash;
  draft.user_id_hash = view->user_id_hash;
  draft.is_browser_hint = !view->ids_stated;
  draft.proofs = view->proofs;
  draft.self_reported = view->self_reported;
  draft.stated_consent = view->consent;
  draft.lead = lead;
  return draft;
}

Outcome<LeadResult> record_lead(Tables& tables, const SiteConfig& site, const LeadStatement& told,
                                const OrderUseCase& by) {
  const LeadFact fact = fact_of(told, site);
  TL_TRY(placed, place_lead_fact(tables, site, told, fact));
  TL_CHECK(keep_contacts(tables, site, told.said.customer, by));
  if (told.visit) TL_CHECK(keep_claims(tables, site, *told.visit, fact, by.now_ms));

  LeadResult result;
  const auto& known = placed.leads;
  const KnownLead& home = known[placed.home];
  result.is_new = !has_stage(home.before, fact.stage);
  for (const auto& one : known) {
    const auto& joined = home.joined;
    if (std::find(joined.begin(), joined.end(), one.reference) != joined.end())
      result.is_new = result.is_new && !has_stage(one.before, fact.stage);
    if (&one != &home && write_lead_facts(one.lead) == write_lead_facts(one.before)) continue;
    for (const auto stage : kLeadStages) {
      auto draft = lead_draft(one.lead, stage, one.reference);
      if (!draft) continue;
      for (const auto& other : known)
        if (goes_on_in(other, one, stage))
          draft->former.push_back({std::string(kLeadProvider), other.reference});
      TL_TRY(recorded, record_conversion(tables, site, *draft, by.takes, by.now_ms));
      static_cast<void>(recorded);
    }
  }
  TL_TRY(row, tables.orders().find_conversion_of_order(site.id, kLeadProvider, home.reference,
                                                       kLeadStages[0]));
  if (row) result.conversion_id = row->id;
  return result;
}

}  // namespace tl::server
