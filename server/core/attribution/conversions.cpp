// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversions.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/attribution_rules.hpp"
#include "server/core/attribution/buyer_orders.hpp"
#include "server/core/attribution/coarse_origin.hpp"
#include "server/core/attribution/conversion_credits.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/conversion_session.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/attribution/milestones.hpp"
#include "server/core/attribution/new_customers.hpp"
#include "server/core/durations.hpp"
#include "server/core/orders/subscription_role.hpp"
#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/person_evidence.hpp"
#include "server/core/people/restatement.hpp"
#include "server/core/reports/credit_rollups.hpp"
#include "server/core/text/uuid_text.hpp"
#include "throughline/hash.hpp"

#include <algorithm>
#include <set>

namespace tl::server {
namespace {

// Conversions that this one is or takes over, the one whose id stays first. The site's statement
// was reported at once and its thank-you page may have asked for that id; else it is the earliest.
Outcome<std::vector<CountedConversion>> find_existing(Tables& tables, const SiteConfig& site,
                                                      const ConversionDraft& draft) {
  std::vector<OrderKey> orders = draft.former;
  orders.push_back({draft.provider, draft.order_id});
  std::vector<CountedConversion> existing;
  for (const auto& [provider, order_id] : orders) {
    TL_TRY(found,
           tables.orders().find_conversion_of_order(site.id, provider, order_id, draft.kind));
    if (!found) continue;
    TL_TRY(credits, tables.orders().credits_of(site.id, found->id));
    existing.push_back({std::move(*found), std::move(credits)});
  }
  std::sort(existing.begin(), existing.end(),
            [](const CountedConversion& a, const CountedConversion& b) {
              const bool is_stated = a.conversion.provider == kStatedProvider;
              if (is_stated != (b.conversion.provider == kStatedProvider)) return is_stated;
              if (a.conversion.recorded_ms != b.conversion.recorded_ms)
                return a.conversion.recorded_ms < b.conversion.recorded_ms;
              return a.conversion.id < b.conversion.id;
            });
  return existing;
}

// The content the buyer looked at last before converting.
Outcome<std::string> last_content(Tables& tables, const SiteConfig& site, const Match& match,
                                  std::int64_t occurred_ms) {
  if (match.session && !match.session->last_content.empty()) return match.session->last_content;
  if (!match.anonymous_id) return std::string{};
  constexpr std::uint32_t kRecentSessions = 5;
  TL_TRY(sessions,
         tables.events().sessions_of_visitor(site.id, *match.anonymous_id, kRecentSessions));
  const SessionRow* newest = nullptr;
  for (const auto& session : sessions)
    if (session.started_ms <= occurred_ms && !session.last_content.empty() &&
        (newest == nullptr || session.started_ms > newest->started_ms))
      newest = &session;
  return newest == nullptr ? std::string{} : newest->last_content;
}

// A provider or the site's own server has proven whose contacts these are: before the person is
// looked for, so that a conversion finds the same one when it is restated.
Outcome<void> put_proofs(Tables& tables, const MatchEvidence& evidence, const ConversionRow& row,
                         const Match& match, TieWatch& watch) {
  std::vector<ContactProof> proofs;
  const auto whose =
      evidence.proofs == ContactProofs::whole ? match.anonymous_id : std::optional<Id128>{};
  if (row.live && evidence.proofs != ContactProofs::none)
    for (const auto& contact : contacts_of(evidence))
      proofs.push_back({contact, whose, row.provider, row.occurred_ms, row.kind});
  TL_TRY(before, tables.people().proofs_of(row.site_id, row.id));
  if (proofs == before) return {};
  for (const auto& proof : before) TL_CHECK(watch.add(proof));
  for (const auto& proof : proofs) TL_CHECK(watch.add(proof));
  forget_ties(tables);
  return tables.people().put_proofs(row.site_id, row.id, proofs);
}

// The sale may turn out to be another provider's, by the same evidence.
Outcome<void> restate_source(Tables& tables, const ConversionRow& row,
                             std::vector<ContactProof> proofs) {
  bool is_same = true;
  for (auto& proof : proofs) {
    is_same = is_same && proof.source == row.provider;
    proof.source = row.provider;
  }
  if (is_same) return {};
  forget_ties(tables);
  return tables.people().put_proofs(row.site_id, row.id, proofs);
}

// One arrival of which only that is known; its touch has the nil id, for there is none.
std::vector<PathEntry> path_of_origin(const ConversionDraft& draft) {
  const auto origin = read_coarse(draft.coarse);
  if (!origin) return {};
  PathEntry entry;
  entry.t_ms = draft.occurred_ms;
  entry.channel = origin->channel;
  entry.source = origin->source;
  entry.campaign = origin->campaign;
  entry.why = "none";
  return {entry};
}

// The path of the buyer up to the conversion, and what the row says of it.
Outcome<ConversionPath> path_of_buyer(Tables& tables, const SiteConfig& site,
                                      const models::AttributionRules& rules,
                                      const ConversionDraft& draft, const Match& match,
                                      ConversionRow& row) {
  models::ConversionTime time{draft.occurred_ms};
  if (rules.repeat_rule != models::RepeatRule::every) {
    TL_TRY(previous, previous_conversion(tables, row, match.person));
    time.previous_ms = previous.value_or(models::kNoPreviousConversion);
  }
  TL_TRY(path, read_path(tables, site, rules, match.person.ids, time));
  if (match.type == MatchType::coarse) path.entries = path_of_origin(draft);
  TL_TRY(milestones, milestones_before(tables, row, match.person));
  path.milestones = milestones;
  const auto eligible = path.eligible();
  row.touches = static_cast<std::uint32_t>(eligible.size());
  row.first_touch.reset();
  row.last_touch.reset();
  row.days_to_convert = 0;
  if (!eligible.empty() && match.type != MatchType::coarse) {
    row.first_touch = eligible.front()->touch_id;
    row.last_touch = eligible.back()->touch_id;
    row.days_to_convert = (draft.occurred_ms - eligible.front()->t_ms) / kDayMs;
  }
  TL_TRY(content, last_content(tables, site, match, draft.occurred_ms));
  row.content = std::move(content);
  return path;
}

// Match, path and everything in the row that follows from them.
Outcome<ConversionPath> attribute_row(Tables& tables, const SiteConfig& site,
                                      const models::AttributionRules& rules,
                                      const ConversionDraft& draft, ConversionRow& row,
                                      TieWatch& watch) {
  MatchEvidence evidence = evidence_of(site, draft, row.recorded_ms);
  TL_TRY(match, match_ids(tables, evidence));
  if (match.is_shared && evidence.proofs == ContactProofs::whole)
    evidence.proofs = ContactProofs::apart;
  TL_CHECK(put_proofs(tables, evidence, row, match, watch));
  TL_CHECK(match_person(tables, evidence, match));
  TL_CHECK(match_by_orders(tables, site, draft, evidence, match));
  match_origin(evidence, match);
  TL_TRY(first, first_payment(tables, site, draft, match));
  if (first) {
    TL_TRY(is_followed, match_as_first(tables, evidence, *first, match));
    if (!is_followed) first.reset();
  }
  row.match_type = match.type;
  row.session_id = match.session ? std::optional(match.session->id) : std::nullopt;
  row.anonymous_id = match.anonymous_id;
  row.customer = customer_of(row, evidence, match.person);
  TL_TRY(path, first ? Outcome<ConversionPath>(path_of_first(*first, row))
                     : path_of_buyer(tables, site, rules, draft, match, row));
  path.evidence = evidence_digest(draft);
  path.handover = match.handover;
  path.stated_consent = draft.stated_consent;
  row.snapshot = write_snapshot(path);
  TL_CHECK(file_conversion(tables, site, draft, match, row));
  return path;
}

void take_draft(ConversionRow& row, const SiteConfig& site, const ConversionDraft& draft) {
  row.site_id = site.id;
  row.kind = draft.kind;
  row.provider = draft.provider;
  row.order_id = draft.order_id;
  row.amount_minor = draft.amount_minor;
  row.currency = draft.currency.empty() ? site.currency : draft.currency;
  row.live = draft.live;
  row.subscription = draft.subscription;
  row.occurred_ms = draft.occurred_ms;
  row.checkout_started_ms = draft.checkout_started_ms;
  row.self_reported = draft.self_reported;
  row.refunds = draft.refunds;
  row.said = write_said(draft);
  if (draft.request_digest) row.request_digest = draft.request_digest;
}

// The id derived from its order, unless that is another order's: a conversion keeps the id under
// which it was reported when its order gets a better name.
Outcome<Id128> fresh_conversion_id(Tables& tables, const SiteConfig& site,
                                   const ConversionDraft& draft) {
  for (std::string kind = draft.kind;; kind += '+') {
    const Id128 id = derive_order_event_id(site.id, draft.provider, draft.order_id, kind);
    TL_TRY(taken, tables.orders().find_conversion(site.id, id));
    if (!taken || taken->id != id) return id;
  }
}

// Errors: bug (conversion_taken) when a new one's id or order has a conversion already.
Outcome<void> put_row(Tables& tables, const ConversionRow& row, bool is_new) {
  if (!is_new) return tables.orders().put_conversion(row);
  TL_TRY(is_inserted, tables.orders().insert_conversion(row));
  if (is_inserted) return {};
  return fail(ErrorKind::bug, "conversion_taken",
              "the " + row.kind + " of order " + row.order_id + " has a conversion already");
}

// By which destinations may know the buyer.
Outcome<bool> is_contact_known(Tables& tables, const ConversionDraft& draft,
                               const ConversionRow& row) {
  if (draft.email_hash || draft.phone_hash) return true;
  if (!row.anonymous_id) return false;
  TL_TRY(claims, tables.people().claims_of_visitor(row.site_id, *row.anonymous_id));
  return !claims.empty();
}

// What its person converts to later looks back at it: a lead as a milestone, any conversion under
// a repeat rule.
Outcome<void> restate_after(Tables& tables, const SiteConfig& site,
                            const std::vector<CountedConversion>& before,
                            const std::vector<ContactProof>& proofs_before,
                            const ConversionRow& row, std::int64_t now_ms) {
  TL_TRY(proofs, tables.people().proofs_of(site.id, row.id));
  if (before.size() == 1 && before.front().conversion.anonymous_id == row.anonymous_id &&
      before.front().conversion.match_type == row.match_type &&
      before.front().conversion.occurred_ms == row.occurred_ms && proofs == proofs_before)
    return {};
  std::int64_t from_ms = row.occurred_ms;
  std::vector<std::string> keys;
  if (row.anonymous_id) keys.push_back(visitor_key(*row.anonymous_id));
  for (const auto& [old, credits] : before) {
    from_ms = std::min(from_ms, old.occurred_ms);
    if (old.anonymous_id) keys.push_back(visitor_key(*old.anonymous_id));
  }
  proofs.insert(proofs.end(), proofs_before.begin(), proofs_before.end());
  for (const auto& proof : proofs)
    keys.push_back(contact_key(proof.contact.kind, proof.contact.hash));
  return restate_conversions(tables, site, keys, from_ms, now_ms, row.id);
}

// Writes the row and all that follows from it: credits and rollups, who is a new customer, its
// visits, and what others of the buyer take from it. `keeps`: split by what it was split by.
Outcome<void> put_derived(Tables& tables, const SiteConfig& site, const ConversionDraft& told,
                          const ConversionDraft& draft,
                          const std::vector<CountedConversion>& before, bool keeps,
                          const ConversionPath& path, const ConversionRow& row,
                          std::int64_t now_ms) {
  TL_TRY(models, keeps ? models_of_credits(tables, site.id, row.kind, before.front().credits)
                       : present_models(tables, site, row.kind));
  TL_TRY(credits, credit_rows(models, path, draft.amount_minor, read_refund_steps(draft.refunds)));
  TL_CHECK(put_row(tables, row, before.empty()));
  if (before.size() != 1 || before.front().credits != credits)
    TL_CHECK(put_credit_rows(tables, row, path.rules, credits));
  TL_CHECK(
      restate_rollups(tables.rollups(), site, before, CountedConversion{row, std::move(credits)}));
  std::vector<std::optional<Digest>> customers = {row.customer};
  for (const auto& counted : before) customers.push_back(counted.conversion.customer);
  TL_CHECK(settle_new_customers(tables, site, std::move(customers)));
  TL_CHECK(settle_first_payment(tables, site, told, row, now_ms));
  TL_CHECK(restate_buyer(tables, site, draft,
                         before.size() == 1 ? &before.front().conversion : nullptr, row, now_ms));
  std::set<Id128> sessions;
  for (const auto& counted : before)
    if (counted.conversion.session_id) sessions.insert(*counted.conversion.session_id);
  if (row.session_id) sessions.insert(*row.session_id);
  if (tables.restatement != nullptr) {
    tables.restatement->sessions.merge(sessions);
    return {};
  }
  return refresh_sessions(tables, site, sessions);
}

// Those that look at the same person, and those that look back at this one.
Outcome<void> restate_others(Tables& tables, const SiteConfig& site,
                             const std::vector<CountedConversion>& before,
                             const ConversionPath& path,
                             const std::vector<ContactProof>& proofs_before,
                             const ConversionRow& row, TieWatch& watch, std::int64_t now_ms) {
  TL_CHECK(watch.restate_changed(now_ms, row.id));
  if (!is_milestone(row.kind) && read_rules(path.rules).repeat_rule == models::RepeatRule::every)
    return {};
  return restate_after(tables, site, before, proofs_before, row, now_ms);
}

}  // namespace

Outcome<RecordedConversion> record_conversion(Tables& tables, const SiteConfig& site,
                                              const ConversionDraft& told,
                                              const DestinationTakes& takes, std::int64_t now_ms) {
  ConversionDraft draft = told;
  TL_TRY(role, role_of(tables.orders(), site.id, told));
  draft.subscription = role;
  TL_TRY(before, find_existing(tables, site, draft));
  RecordedConversion recorded;
  recorded.is_new = before.empty();
  ConversionRow& row = recorded.conversion;
  ConversionPath path;
  if (recorded.is_new) {
    TL_TRY(fresh_id, fresh_conversion_id(tables, site, draft));
    row.id = fresh_id;
    row.recorded_ms = now_ms;
  } else {
    row = before.front().conversion;
    path = parse_snapshot(row.snapshot);
  }
  TL_TRY(proofs_before, tables.people().proofs_of(site.id, row.id));
  TieWatch watch(tables, site);
  for (std::size_t i = 1; i < before.size(); ++i) {
    const Id128& id = before[i].conversion.id;
    TL_TRY(proofs, tables.people().proofs_of(site.id, id));
    for (const auto& proof : proofs) TL_CHECK(watch.add(proof));
    forget_ties(tables);
    TL_CHECK(tables.orders().remove_conversion(site.id, id));
    // Whoever was told this id finds the conversion that stays.
    TL_CHECK(tables.orders().add_alias(site.id, draft.provider, uuid_text(id), draft.order_id));
  }

  const bool has_new_consent = !recorded.is_new && !(path.stated_consent == draft.stated_consent);
  // What is no sale proves nobody's contacts.
  const bool was_live = row.live;
  take_draft(row, site, draft);
  TL_TRY(mark, marked_role(tables.orders(), site.id, told, role));
  row.subscription = mark;
  const bool is_evidence_new =
      draft.restates != Restates::no || path.evidence != evidence_digest(draft);
  const bool attributes =
      recorded.is_new || is_evidence_new || has_new_consent || row.live != was_live;
  // What it was split by holds until somebody asks for another configuration.
  const bool keeps =
      !recorded.is_new && !before.front().credits.empty() &&
      (draft.restates == Restates::late || draft.restates == Restates::whole || !attributes);
  if (attributes) {
    const auto rules = keeps ? read_rules(path.rules) : rules_of(site);
    TL_TRY(fresh, attribute_row(tables, site, rules, draft, row, watch));
    path = std::move(fresh);
  } else {
    TL_CHECK(restate_source(tables, row, proofs_before));
  }
  if (!(path.stated_consent == draft.stated_consent)) {
    path.stated_consent = draft.stated_consent;
    row.snapshot = write_snapshot(path);
  }
  bool has_new_contact = false;
  if (!recorded.is_new && is_evidence_new) {
    TL_TRY(is_known, is_contact_known(tables, draft, row));
    has_new_contact = is_known;
  }
  // Most restatements find what they found before: nothing that follows from the row changes then.
  const bool stays = draft.restates == Restates::late && keeps && before.size() == 1 &&
                     row == before.front().conversion;
  if (!stays) TL_CHECK(put_derived(tables, site, told, draft, before, keeps, path, row, now_ms));
  TL_CHECK(restate_others(tables, site, before, path, proofs_before, row, watch, now_ms));
  const bool has_found_visitor = !recorded.is_new && identifies_visitor(row.match_type) &&
                                 before.front().conversion.match_type != row.match_type;
  const DueTime due{now_ms,
                    now_ms + draft.hold_ms,
                    has_new_consent,
                    draft.restates != Restates::no,
                    has_found_visitor,
                    has_new_contact};
  // What costs nothing, a trial or a free order, is no purchase to those who count its value.
  if (row.kind != "purchase" || row.amount_minor > 0)
    TL_CHECK(enqueue_conversion(tables.outbox(), site, row, row.kind, row.id, takes, due));
  TL_CHECK(follow_refunds(tables, site, row, due));
  for (std::size_t i = 1; i < before.size(); ++i)
    TL_CHECK(join_deliveries(tables.outbox(), site.id, before[i].conversion.id, row.id));
  return recorded;
}

}  // namespace tl::server
