// SPDX-License-Identifier: Apache-2.0
#include "server/core/leads/known_leads.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/leads/leads.hpp"

#include <algorithm>
#include <set>

namespace tl::server {
namespace {

// As many leads one contact may have by words of browsers, which could make up ever new forms.
constexpr std::size_t kMostTypedLeads = 32;

// News that names no lead: whose it is, the times tell.
bool is_free(const LeadFact& fact) {
  return fact.stage != kLeadStages[0] && !fact.is_pinned;
}

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

KnownLead known_lead(const ConversionRow& row) {
  KnownLead known;
  known.reference = row.order_id;
  known.before = known.lead = read_lead_facts(row.said);
  std::erase_if(known.lead.facts, is_free);
  return known;
}

// The person's leads, the earliest first.
Outcome<std::vector<KnownLead>> find_leads(Tables& tables, const SiteConfig& site,
                                           const LeadFact& fact) {
  std::vector<KnownLead> known;
  std::set<Id128> seen;
  for (const auto& contact : contacts_of(fact)) {
    TL_TRY(ids,
           tables.orders().conversions_by_key(site.id, contact_key(contact.kind, contact.hash), 0));
    for (const auto& id : ids) {
      if (!seen.insert(id).second) continue;
      TL_TRY(row, tables.orders().find_conversion(site.id, id));
      if (!row || row->provider != kLeadProvider || row->kind != kLeadStages[0]) continue;
      KnownLead one = known_lead(*row);
      if (is_same_person(one.before, fact)) known.push_back(std::move(one));
    }
  }
  std::sort(known.begin(), known.end(), [](const KnownLead& a, const KnownLead& b) {
    return std::pair(a.before.first_ms(), a.reference) <
           std::pair(b.before.first_ms(), b.reference);
  });
  return known;
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

// Whether a form sent now is that lead's, which has been sent before or is known by name.
bool lies_near(const LeadFacts& lead, const std::string& form, const LeadFact& fact) {
  if (!has_stage(lead, kLeadStages[0])) return lead.form.empty() || lead.form == form;
  return lead.form == form && fact.t_ms >= lead.first_ms() - kLeadMergesMs &&
         fact.t_ms <= lead.last_ms() + kLeadMergesMs;
}

// The lead of a form that is sent, by its place in `known`: one that it lies near, several of which
// it may close the gap between, else a new one. A phone number alone joins no two leads of
// different e-mail addresses.
std::size_t join_form(std::vector<KnownLead>& known, const LeadStatement& told,
                      const LeadFact& fact) {
  std::vector<std::size_t> near;
  for (std::size_t i = 0; i < known.size(); ++i)
    if (!known[i].lead.is_empty()) near.push_back(i);
  if (fact.word == LeadWord::browser && near.size() >= kMostTypedLeads)
    near.resize(1);
  else
    std::erase_if(near, [&](std::size_t i) { return !lies_near(known[i].lead, told.form, fact); });
  if (near.empty()) {
    near.push_back(known.size());
    known.push_back({told.fresh_reference, {}, {told.form, {}}, {}});
  }
  KnownLead& into = known[near.front()];
  for (std::size_t n = 1; n < near.size(); ++n) {
    KnownLead& other = known[near[n]];
    if (!fact.email_hash && !shares_email(into.lead, other.lead)) continue;
    for (auto& one : other.lead.facts) add_fact(into.lead, std::move(one));
    other.lead.facts.clear();
    into.joined.push_back(other.reference);
  }
  if (into.lead.form.empty()) into.lead.form = told.form;
  add_fact(into.lead, fact);
  return near.front();
}

// Which lead free news is of: the person's newest up to then, else the first after; of that form,
// if one is named. None while only other news is known of the person.
std::optional<std::size_t> lead_of_news(const std::vector<KnownLead>& known,
                                        const std::vector<LeadFacts>& leads, const LeadFact& news) {
  std::optional<std::size_t> chosen;
  const auto place = [&](std::size_t i) {
    return std::pair(leads[i].first_ms(), known[i].reference);
  };
  for (std::size_t i = 0; i < leads.size(); ++i) {
    const LeadFacts& lead = leads[i];
    if (lead.is_empty() || !is_same_person(lead, news)) continue;
    if (!news.about_form.empty() && lead.form != news.about_form) continue;
    const bool is_before = lead.first_ms() <= news.t_ms;
    const bool has_before = chosen && leads[*chosen].first_ms() <= news.t_ms;
    if (!chosen || (is_before ? !has_before || place(i) > place(*chosen)
                              : !has_before && place(i) < place(*chosen)))
      chosen = i;
  }
  return chosen;
}

// Until the form comes: with other news that awaits it, else in a lead of its own.
std::size_t waiting_place(std::vector<KnownLead>& known, const LeadStatement& told,
                          const LeadFact& news) {
  for (std::size_t i = 0; i < known.size(); ++i) {
    const LeadFacts& before = known[i].before;
    const bool awaits =
        !before.is_empty() && std::all_of(before.facts.begin(), before.facts.end(), is_free);
    if (awaits && (news.about_form.empty() || before.form == news.about_form)) return i;
  }
  known.push_back({told.fresh_reference, {}, {told.form, {}}, {}});
  return known.size() - 1;
}

// Gives the person's free news to its leads, by the times alone: whatever came in which order, each
// ends with the same one. Returns where `fresh` came to, if it is news.
std::size_t give_out_news(std::vector<KnownLead>& known, const LeadStatement& told,
                          const LeadFact& fresh, std::size_t place_of_fresh) {
  struct News {
    LeadFact fact;
    std::optional<std::size_t> holder;
  };
  std::vector<News> all;
  const auto gather = [&](const LeadFact& fact, std::optional<std::size_t> holder) {
    for (auto& one : all)
      if (one.fact.stage == fact.stage && one.fact.digest == fact.digest) {
        one.fact.t_ms = std::min(one.fact.t_ms, fact.t_ms);
        one.fact.last_ms = std::max(one.fact.last_ms, fact.last_ms);
        return;
      }
    all.push_back({fact, holder});
  };
  for (std::size_t i = 0; i < known.size(); ++i)
    for (const auto& fact : known[i].before.facts)
      if (is_free(fact)) gather(fact, i);
  if (is_free(fresh)) gather(fresh, std::nullopt);
  std::vector<LeadFacts> leads;  // before any news: what is given out decides nothing
  for (const auto& one : known) leads.push_back(one.lead);
  for (const auto& news : all) {
    auto place = lead_of_news(known, leads, news.fact);
    if (!place) place = news.holder;
    if (!place) place = waiting_place(known, told, news.fact);
    add_fact(known[*place].lead, news.fact);
    if (is_free(fresh) && news.fact.digest == fresh.digest && news.fact.stage == fresh.stage)
      place_of_fresh = *place;
  }
  return place_of_fresh;
}

Outcome<std::vector<KnownLead>> named_lead(Tables& tables, const SiteConfig& site,
                                           const Id128& lead_id) {
  TL_TRY(row, tables.orders().find_conversion(site.id, lead_id));
  if (!row || row->provider != kLeadProvider || row->kind != kLeadStages[0])
    return fail(ErrorKind::not_found, "unknown_lead",
                "the site has no lead of that lead_id; take the id that GET /api/leads lists, or "
                "name the person by e-mail or phone instead");
  std::vector<KnownLead> one{known_lead(*row)};
  one.front().lead = one.front().before;
  return one;
}

}  // namespace

bool has_stage(const LeadFacts& lead, std::string_view stage) {
  return std::any_of(lead.facts.begin(), lead.facts.end(),
                     [&](const LeadFact& fact) { return fact.stage == stage; });
}

bool goes_on_in(const KnownLead& from, const KnownLead& into, std::string_view stage) {
  if (&from == &into || !view_stage(from.before, stage) || view_stage(from.lead, stage) ||
      !view_stage(into.lead, stage))
    return false;
  return std::any_of(from.before.facts.begin(), from.before.facts.end(), [&](const LeadFact& fact) {
    return std::any_of(into.lead.facts.begin(), into.lead.facts.end(), [&](const LeadFact& other) {
      return other.digest == fact.digest && other.stage == fact.stage &&
             (fact.stage == stage || stage == kLeadStages[0]);
    });
  });
}

Outcome<PlacedLeadFact> place_lead_fact(Tables& tables, const SiteConfig& site,
                                        const LeadStatement& told, const LeadFact& fact) {
  PlacedLeadFact placed;
  if (told.lead_id) {
    TL_TRY(named, named_lead(tables, site, *told.lead_id));
    placed.leads = std::move(named);
    add_fact(placed.leads.front().lead, fact);
    return placed;
  }
  TL_TRY(found, find_leads(tables, site, fact));
  placed.leads = std::move(found);
  if (!is_free(fact)) placed.home = join_form(placed.leads, told, fact);
  placed.home = give_out_news(placed.leads, told, fact, placed.home);
  return placed;
}

}  // namespace tl::server
