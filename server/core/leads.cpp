// SPDX-License-Identifier: Apache-2.0
#include "server/core/leads.hpp"

#include "server/core/contact_variants.hpp"
#include "server/core/conversions.hpp"
#include "server/core/late_evidence.hpp"
#include "server/core/order_fact.hpp"
#include "server/core/person_evidence.hpp"

#include <algorithm>

namespace tl::server {
namespace {

// As many leads one contact may have by words of browsers, which could make up ever new forms.
constexpr std::size_t kMostTypedLeads = 32;

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
  return fact;
}

bool has_stage(const LeadFacts& lead, std::string_view stage) {
  return std::any_of(lead.facts.begin(), lead.facts.end(),
                     [&](const LeadFact& fact) { return fact.stage == stage; });
}

struct KnownLead {
  ConversionRow row;
  LeadFacts lead;
};

bool is_same_person(const LeadFacts& lead, const LeadFact& fact) {
  bool has_email = false;
  for (const auto& known : lead.facts) {
    has_email = has_email || known.email_hash.has_value();
    if (fact.email_hash && known.email_hash == fact.email_hash) return true;
    if (fact.user_id_hash && known.user_id_hash == fact.user_id_hash) return true;
  }
  if (!fact.phone_hash || (has_email && fact.email_hash)) return false;
  return std::any_of(lead.facts.begin(), lead.facts.end(),
                     [&](const LeadFact& known) { return known.phone_hash == fact.phone_hash; });
}

// The person's leads, the earliest first.
Outcome<std::vector<KnownLead>> find_leads(Tables& tables, const SiteConfig& site,
                                           const LeadFact& fact) {
  std::vector<KnownLead> known;
  for (const auto& contact : contacts_of(fact)) {
    TL_TRY(ids,
           tables.orders().conversions_by_key(site.id, contact_key(contact.kind, contact.hash), 0));
    for (const auto& id : ids) {
      const bool is_seen = std::any_of(known.begin(), known.end(),
                                       [&](const KnownLead& one) { return one.row.id == id; });
      if (is_seen) continue;
      TL_TRY(row, tables.orders().find_conversion(site.id, id));
      if (!row || row->provider != kLeadProvider || row->kind != kLeadStages[0]) continue;
      LeadFacts lead = read_lead_facts(row->said);
      if (is_same_person(lead, fact)) known.push_back({std::move(*row), std::move(lead)});
    }
  }
  std::sort(known.begin(), known.end(), [](const KnownLead& a, const KnownLead& b) {
    return std::pair(a.lead.first_ms(), a.row.id) < std::pair(b.lead.first_ms(), b.row.id);
  });
  return known;
}

// Only news of it came so far, not the form itself.
bool awaits_form(const LeadFacts& lead) {
  return !has_stage(lead, kLeadStages[0]);
}

bool shares_email(const LeadFacts& a, const LeadFacts& b) {
  bool both_have = false;
  for (const auto& one : a.facts)
    for (const auto& other : b.facts) {
      if (!one.email_hash || !other.email_hash) continue;
      if (one.email_hash == other.email_hash) return true;
      both_have = true;
    }
  return !both_have;
}

// A form sent again joins the leads that it lies near; one may close the gap between two. A phone
// number alone joins no two leads of different e-mail addresses.
std::vector<KnownLead> near_leads(std::vector<KnownLead> known, const std::string& form,
                                  const LeadFact& fact) {
  if (fact.word == LeadWord::browser && known.size() >= kMostTypedLeads) {
    known.resize(1);
    return known;
  }
  std::erase_if(known, [&](const KnownLead& one) {
    if (awaits_form(one.lead)) return !one.lead.form.empty() && one.lead.form != form;
    return one.lead.form != form || fact.t_ms < one.lead.first_ms() - kLeadMerges_ms ||
           fact.t_ms > one.lead.last_ms() + kLeadMerges_ms;
  });
  for (std::size_t i = 1; !fact.email_hash && i < known.size();)
    if (shares_email(known[0].lead, known[i].lead))
      ++i;
    else
      known.erase(known.begin() + static_cast<std::ptrdiff_t>(i));
  return known;
}

// News of a lead is of the person's newest up to then, else of the first after.
std::vector<KnownLead> lead_up_to(std::vector<KnownLead> known, const std::string& form,
                                  std::int64_t t_ms) {
  std::erase_if(known,
                [&](const KnownLead& one) { return !form.empty() && one.lead.form != form; });
  if (known.empty()) return known;
  auto chosen = known.begin();
  for (auto one = known.begin(); one != known.end(); ++one)
    if (one->lead.first_ms() <= t_ms) chosen = one;
  return {std::move(*chosen)};
}

Outcome<std::vector<KnownLead>> find_joined(Tables& tables, const SiteConfig& site,
                                            const LeadStatement& told, const LeadFact& fact) {
  if (told.lead_id) {
    TL_TRY(row, tables.orders().find_conversion(site.id, *told.lead_id));
    if (!row || row->provider != kLeadProvider || row->kind != kLeadStages[0])
      return fail(ErrorKind::not_found, "unknown_lead",
                  "the site has no lead of that lead_id; take the id that GET /api/leads lists, or "
                  "name the person by e-mail or phone instead");
    LeadFacts lead = read_lead_facts(row->said);
    std::vector<KnownLead> one;
    one.push_back({std::move(*row), std::move(lead)});
    return one;
  }
  TL_TRY(known, find_leads(tables, site, fact));
  return fact.stage == kLeadStages[0] ? near_leads(std::move(known), told.form, fact)
                                      : lead_up_to(std::move(known), told.form, fact.t_ms);
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
  TL_TRY(joined, find_joined(tables, site, told, fact));
  TL_CHECK(keep_contacts(tables, site, told.said.customer, by));
  if (told.visit) TL_CHECK(keep_claims(tables, site, *told.visit, fact, by.now_ms));

  LeadResult result;
  LeadFacts lead;
  bool was_there = false;
  for (const auto& one : joined) {
    was_there = was_there || has_stage(one.lead, fact.stage);
    if (lead.form.empty()) lead.form = one.lead.form;
    for (const auto& known : one.lead.facts) add_fact(lead, known);
  }
  if (lead.form.empty()) lead.form = told.form;
  add_fact(lead, fact);
  result.is_new = !was_there;

  const std::string reference = joined.empty() ? told.fresh_reference : joined.front().row.order_id;
  for (const auto stage : kLeadStages) {
    auto draft = lead_draft(lead, stage, reference);
    if (!draft) continue;
    for (std::size_t i = 1; i < joined.size(); ++i)
      draft->former.push_back({std::string(kLeadProvider), joined[i].row.order_id});
    TL_TRY(recorded, record_conversion(tables, site, *draft, by.takes, by.now_ms));
    if (stage == kLeadStages[0]) result.conversion_id = recorded.conversion.id;
  }
  return result;
}

}  // namespace tl::server
