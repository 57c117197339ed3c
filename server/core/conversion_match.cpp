// SPDX-License-Identifier: Apache-2.0
#include "server/core/conversion_match.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::size_t kMostVisitors = 16;

void add_visitor(Match& match, const Id128& anonymous_id) {
  const bool is_known =
      std::find(match.visitors.begin(), match.visitors.end(), anonymous_id) != match.visitors.end();
  if (!is_known && match.visitors.size() < kMostVisitors) match.visitors.push_back(anonymous_id);
}

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
  return evidence.first_told_ms - started > kHandoverBinds_ms;
}

// Whether another order, recorded earlier, used the same hand-over with another buyer's contact.
Outcome<bool> is_taken(Tables& tables, const MatchEvidence& evidence, const Id128& anonymous_id) {
  if (!evidence.is_browser_hint || !evidence.checkout_started_ms || !evidence.email_hash)
    return false;
  TL_TRY(others, tables.orders().conversions_of_visitor(evidence.site_id, anonymous_id));
  for (const auto& other : others) {
    if (other.kind != "purchase") continue;
    if (other.provider == evidence.provider && other.order_id == evidence.order_id) continue;
    if (other.checkout_started_ms != evidence.checkout_started_ms ||
        other.recorded_ms > evidence.recorded_ms)
      continue;
    TL_TRY(order, tables.orders().find_order(evidence.site_id, other.provider, other.order_id));
    if (order && order->email_hash && order->email_hash != evidence.email_hash) return true;
  }
  return false;
}

Outcome<bool> is_known_visitor(Tables& tables, std::string_view site_id, const Id128& id) {
  return tables.events().has_sessions(site_id, id);
}

Outcome<void> match_by_ids(Tables& tables, const MatchEvidence& evidence, Match& match) {
  if (!evidence.session_id && !evidence.anonymous_id) return {};
  match.handover = "unknown";
  if (is_expired(evidence)) {
    match.handover = "expired";
    return {};
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
  if (!visitor) return {};
  TL_TRY(is_other_buyer, is_taken(tables, evidence, *visitor));
  if (is_other_buyer) {
    match.handover = "other_buyer";
    return {};
  }
  match.handover = "bound";
  match.anonymous_id = visitor;
  const bool is_later_period = evidence.subscription == SubscriptionRole::renewal ||
                               evidence.subscription == SubscriptionRole::update;
  if (session && !is_later_period) {
    match.type = MatchType::session;
    match.session = std::move(session);
  } else {
    match.type = MatchType::anonymous_id;
  }
  add_visitor(match, *visitor);
  return {};
}

Outcome<void> match_by_contact(Tables& tables, const MatchEvidence& evidence, ContactKind kind,
                               const std::optional<Digest>& hash, MatchType type, Match& match) {
  if (!hash) return {};
  TL_TRY(claims, tables.people().claims_of_contact(evidence.site_id, kind, *hash));
  // Proven ones first, each group newest first.
  std::stable_partition(claims.begin(), claims.end(),
                        [](const ContactClaim& claim) { return claim.verified; });
  for (const auto& claim : claims) {
    // A user id is easily guessed, and its match lends the visitor's consent: proven ones only.
    if (kind == ContactKind::user_id && !claim.verified) continue;
    if (match.type == MatchType::none) {
      match.type = type;
      match.anonymous_id = claim.anonymous_id;
    }
    add_visitor(match, claim.anonymous_id);
  }
  return {};
}

}  // namespace

Outcome<Match> match_visitor(Tables& tables, const MatchEvidence& evidence) {
  Match match;
  match.handover = "none";
  TL_CHECK(match_by_ids(tables, evidence, match));
  TL_CHECK(match_by_contact(tables, evidence, ContactKind::email, evidence.email_hash,
                            MatchType::email, match));
  TL_CHECK(match_by_contact(tables, evidence, ContactKind::phone, evidence.phone_hash,
                            MatchType::phone, match));
  TL_CHECK(match_by_contact(tables, evidence, ContactKind::user_id, evidence.user_id_hash,
                            MatchType::user_id, match));
  return match;
}

}  // namespace tl::server
