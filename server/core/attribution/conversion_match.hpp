// SPDX-License-Identifier: Apache-2.0
// Who converted: the visitor behind an order or lead, by the strongest evidence there is:
//   session -> anonymous id -> coarse -> e-mail -> phone -> proven user id
//     -> subscription, customer (buyer_orders.hpp) -> none
// coarse: no visitor at all, but the channel that the checkout named (coarse_origin.hpp); last
// of all where the site's server says that storage was granted.
// Ids that came through a payment page are hints by whoever paid: they bind for 7 days after the
// checkout began, and to the first buyer whose contact used them, so that a shared payment link
// does not give one visitor's path to everybody; whose address changed is the same buyer by account
// or subscription. What is told late of one order takes nothing from another: an order that was
// bound before the other's address was known stays bound, and of the two the address that was told
// later proves nothing of the visitor. A renewal is bound by its subscription instead:
// its ids never expire, but the session they name is long over. Contacts that are not proven to be
// the ids' never widen whom the ids lead to.
// What happened while consent to storage was refused is joined to nothing: neither to the visitor
// whose ids it carries from before, nor by contacts (facts: consent, section 5). Consent is that of
// the time when the order began: what was bought before stays matched, also when it is paid after,
// and a new yes does not reach back.
#pragma once

#include "server/core/people/person.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

inline constexpr std::int64_t kHandoverBindsMs = 7LL * 24 * 3600 * 1000;

// What a conversion's contacts prove.
enum class ContactProofs : std::uint8_t {
  none = 0,   // somebody typed them: they may lead to one person, and join nobody
  apart = 1,  // whose they are, but not that the ids are theirs, which a browser said
  whole = 2   // they belong to each other and to the ids
};

struct MatchEvidence {
  std::string site_id;
  std::string provider, order_id;            // of what is matched itself
  std::string customer_id, subscription_id;  // at that provider
  std::optional<Id128> anonymous_id, session_id;
  std::optional<std::int64_t> checkout_started_ms;
  bool has_coarse_origin = false;
  std::optional<Digest> email_hash, phone_hash, user_id_hash;
  SubscriptionRole subscription = SubscriptionRole::none;
  Choice stated_storage = Choice::unknown;  // by the site's own server, of that time
  std::int64_t occurred_ms = 0;
  std::int64_t first_told_ms = 0;  // when the order began: a slow bank transfer may pay weeks later
  std::int64_t recorded_ms = 0;    // of the conversion
  bool is_browser_hint = true;     // false: the site's own server said the ids
  ContactProofs proofs = ContactProofs::whole;
};

struct Match {
  MatchType type = MatchType::none;
  std::optional<SessionRow> session;  // when matched by session
  std::optional<Id128> anonymous_id;
  Person person;           // the buyer: the matched id and all that are the same person's
  bool is_shared = false;  // another buyer's address used the hand-over before this one's was told
  std::string handover;    // none, bound, expired, other_buyer, unknown, withheld, coarse
  // Its buyer gave no consent: nobody is looked for.
  [[nodiscard]] bool is_nobodys() const { return handover == "withheld" || handover == "coarse"; }
};

// How a payment names its buyer.
struct NamedBuyer {
  std::string_view provider, customer_id, subscription_id;
  std::optional<Digest> email_hash;
};
// Whether two payments that carry the same ids say that they are two buyers'.
bool are_two_buyers(const NamedBuyer& a, const NamedBuyer& b);

// By e-mail, phone, user id, in this order.
std::vector<ContactRef> contacts_of(const MatchEvidence& evidence);
// By ids alone, without the person.
Outcome<Match> match_ids(Tables& tables, const MatchEvidence& evidence);
// Finds the person, and by contacts the visitor whom no id told.
Outcome<void> match_person(Tables& tables, const MatchEvidence& evidence, Match& match);
// Of whom nothing else tells anything: credits the channel that the checkout named, if it did.
void match_origin(const MatchEvidence& evidence, Match& match);
// Whether that visitor refused storage when this was bought: then it is nobody's.
Outcome<bool> is_storage_withheld(Tables& tables, const MatchEvidence& evidence,
                                  const Id128& visitor);

}  // namespace tl::server
