// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_match.hpp"

#include "server/core/orders/order_fact.hpp"

#include <algorithm>
#include <tuple>

namespace tl::server {
namespace {

bool is_expired(const MatchEvidence& evidence) {
  if (!evidence.is_browser_hint || evidence.subscription == SubscriptionRole::renewal ||
      evidence.subscription == SubscriptionRole::update)
    return false;
  std::int64_t started = 0;
  if (evidence.checkout_started_ms)
    started = *evidence.checkout_started_ms;
  else if (evidence.session_id)
    started = evidence.session_id->time_ms();
  else
    return false;
  return evidence.first_told_ms - started > kHandoverBindsMs;
}

bool is_same_name(std::string_view a, std::string_view b) {
  return !a.empty() && a == b;
}

// When it was first told that this is the address of that order's buyer; what else tells it (a
// subscription, for its payments) was there when the order was recorded.
Outcome<std::int64_t> address_told_ms(Tables& tables, std::string_view site_id,
                                      std::string_view provider, std::string_view order_id,
                                      const Digest& email, std::int64_t recorded_ms) {
  TL_TRY(changes, tables.orders().changes_of(site_id, provider, order_id));
  std::optional<std::int64_t> told_ms;
  for (const auto& change : changes) {
    const OrderFact fact = read_fact(change);
    if (fact.email_hash != email) continue;
    const std::int64_t then_ms = std::max(change.recorded_ms, fact.email_told_ms);
    if (!told_ms || then_ms < *told_ms) told_ms = then_ms;
  }
  return told_ms.value_or(recorded_ms);
}

// Of a hand-over, what another buyer's order that used it leaves to this one.
enum class Left : std::uint8_t { all, path, nothing };

Outcome<Left> left_by_others(Tables& tables, const MatchEvidence& evidence,
                             const Id128& anonymous_id) {
  if (!evidence.is_browser_hint || !evidence.checkout_started_ms || !evidence.email_hash)
    return Left::all;
  const NamedBuyer buyer{evidence.provider, evidence.customer_id, evidence.subscription_id,
                         evidence.email_hash};
  TL_TRY(others, tables.orders().conversions_of_checkout(evidence.site_id, anonymous_id,
                                                         *evidence.checkout_started_ms));
  Left left = Left::all;
  for (const auto& other : others) {
    if (other.kind != "purchase") continue;
    if (other.match_type != MatchType::session && other.match_type != MatchType::anonymous_id)
      continue;
    if (other.provider == evidence.provider && other.order_id == evidence.order_id) continue;
    TL_TRY(order, tables.orders().find_order(evidence.site_id, other.provider, other.order_id));
    if (!order || !order->email_hash ||
        !are_two_buyers(buyer, {order->provider, order->customer_id, order->subscription_id,
                                order->email_hash}))
      continue;
    TL_TRY(other_ms, address_told_ms(tables, evidence.site_id, order->provider, order->order_id,
                                     *order->email_hash, other.recorded_ms));
    if (other.recorded_ms <= evidence.recorded_ms && other_ms <= evidence.recorded_ms)
      return Left::nothing;
    TL_TRY(own_ms, address_told_ms(tables, evidence.site_id, evidence.provider, evidence.order_id,
                                   *evidence.email_hash, evidence.recorded_ms));
    if (std::tuple(other_ms, other.recorded_ms) < std::tuple(own_ms, evidence.recorded_ms))
      left = Left::path;
  }
  return left;
}

Outcome<bool> is_known_visitor(Tables& tables, std::string_view site_id, const Id128& id) {
  return tables.events().has_sessions(site_id, id);
}

void credit_origin(Match& match) {
  match.type = MatchType::coarse;
  match.handover = "coarse";
}

MatchType match_type_of(ContactKind kind) {
  if (kind == ContactKind::email) return MatchType::email;
  return kind == ContactKind::phone ? MatchType::phone : MatchType::user_id;
}

// The first of the person's ids that is tied to a contact of the buyer: proven ones first, each
// group newest first, by e-mail before phone before user id.
Outcome<void> match_by_contact(Tables& tables, const MatchEvidence& evidence, Match& match) {
  for (const auto& contact : contacts_of(evidence)) {
    TL_TRY(ties, ties_of(tables, evidence.site_id, contact));
    for (const auto* group : {&ties.proven, &ties.claimed})
      for (const auto& tie : *group) {
        if (!std::binary_search(match.person.ids.begin(), match.person.ids.end(), tie.anonymous_id))
          continue;
        match.type = match_type_of(contact.kind);
        match.anonymous_id = tie.anonymous_id;
        return {};
      }
  }
  // Known only through further contacts: that never lends a visitor's consent, as a user id would.
  if (match.person.ids.empty()) return {};
  match.type = evidence.email_hash ? MatchType::email : MatchType::phone;
  match.anonymous_id = match.person.ids.back();
  return {};
}

}  // namespace

Outcome<bool> is_storage_withheld(Tables& tables, const MatchEvidence& evidence,
                                  const Id128& visitor) {
  if (evidence.stated_storage == Choice::granted) return false;
  const std::int64_t bought_ms = std::min(evidence.first_told_ms, evidence.occurred_ms);
  return tables.people().was_storage_withheld(evidence.site_id, visitor, bought_ms);
}

bool are_two_buyers(const NamedBuyer& a, const NamedBuyer& b) {
  const bool is_one_shop = a.provider == b.provider;
  if (is_one_shop && (is_same_name(a.customer_id, b.customer_id) ||
                      is_same_name(a.subscription_id, b.subscription_id)))
    return false;
  if (a.email_hash && b.email_hash) return a.email_hash != b.email_hash;
  return is_one_shop && !a.customer_id.empty() && !b.customer_id.empty();
}

std::vector<ContactRef> contacts_of(const MatchEvidence& evidence) {
  std::vector<ContactRef> contacts;
  if (evidence.email_hash) contacts.push_back({ContactKind::email, *evidence.email_hash});
  if (evidence.phone_hash) contacts.push_back({ContactKind::phone, *evidence.phone_hash});
  if (evidence.user_id_hash) contacts.push_back({ContactKind::user_id, *evidence.user_id_hash});
  return contacts;
}

Outcome<Match> match_ids(Tables& tables, const MatchEvidence& evidence) {
  Match match;
  match.handover = "none";
  if (!evidence.session_id && !evidence.anonymous_id && evidence.has_coarse_origin &&
      evidence.stated_storage != Choice::granted) {
    credit_origin(match);
    return match;
  }
  if (evidence.stated_storage == Choice::denied) match.handover = "withheld";
  if (match.is_nobodys() || (!evidence.session_id && !evidence.anonymous_id)) return match;
  match.handover = "unknown";
  if (is_expired(evidence)) {
    match.handover = "expired";
    return match;
  }
  std::optional<SessionRow> session;
  if (evidence.session_id) {
    TL_TRY(found, tables.events().find_session(evidence.site_id, *evidence.session_id));
    session = std::move(found);
  }
  std::optional<Id128> visitor;
  if (session)
    visitor = session->anonymous_id;
  else if (evidence.anonymous_id) {
    TL_TRY(is_known, is_known_visitor(tables, evidence.site_id, *evidence.anonymous_id));
    if (is_known) visitor = evidence.anonymous_id;
  }
  if (!visitor) return match;
  TL_TRY(is_withheld, is_storage_withheld(tables, evidence, *visitor));
  if (is_withheld) {
    match.handover = "withheld";
    match.person.seen_ids.push_back(*visitor);  // a change of that choice may change this
    return match;
  }
  TL_TRY(left, left_by_others(tables, evidence, *visitor));
  if (left == Left::nothing) {
    match.handover = "other_buyer";
    return match;
  }
  match.handover = "bound";
  match.is_shared = left == Left::path;
  match.anonymous_id = visitor;
  const bool is_later_period = evidence.subscription == SubscriptionRole::renewal ||
                               evidence.subscription == SubscriptionRole::update;
  if (session && !is_later_period) {
    match.type = MatchType::session;
    match.session = std::move(session);
  } else {
    match.type = MatchType::anonymous_id;
  }
  return match;
}

Outcome<void> match_person(Tables& tables, const MatchEvidence& evidence, Match& match) {
  if (match.is_nobodys()) return {};
  auto contacts = contacts_of(evidence);
  if (match.anonymous_id && evidence.proofs != ContactProofs::whole) contacts.clear();
  // Typed by somebody, an e-mail address and a phone number may be two people's.
  const bool is_typed =
      !match.anonymous_id && evidence.proofs == ContactProofs::none && !contacts.empty();
  for (std::size_t used = 0;;) {
    PersonSeed seed{match.anonymous_id, contacts};
    if (is_typed) seed.contacts.assign(1, contacts.at(used));
    TL_TRY(person, find_person(tables, evidence.site_id, seed));
    match.person = std::move(person);
    if (!is_typed || !match.person.ids.empty() || ++used == contacts.size()) break;
  }
  if (match.type == MatchType::none) TL_CHECK(match_by_contact(tables, evidence, match));
  return {};
}

void match_origin(const MatchEvidence& evidence, Match& match) {
  if (match.type == MatchType::none && match.handover == "none" && evidence.has_coarse_origin)
    credit_origin(match);
}

}  // namespace tl::server
