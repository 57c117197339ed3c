// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/conversion_draft.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/contact_variants.hpp"
#include "throughline/hash.hpp"

namespace tl::server {
namespace {

std::string digest_text(const std::optional<Digest>& digest) {
  if (!digest) return {};
  return {digest->begin(), digest->end()};
}

}  // namespace

ConversionDraft draft_of(const OrderRow& order) {
  ConversionDraft draft;
  draft.provider = order.provider;
  draft.order_id = order.order_id;
  draft.amount_minor = order.amount_minor;
  draft.refunds = order.refunds;
  draft.items = order.items;
  draft.currency = order.currency;
  draft.live = order.live;
  draft.subscription = order.subscription;
  draft.subscription_id = order.subscription_id;
  draft.customer_id = order.customer_id;
  draft.occurred_ms = order.paid_ms.value_or(order.created_ms);
  draft.first_told_ms = order.created_ms;
  draft.anonymous_id = order.anonymous_id;
  draft.session_id = order.session_id;
  draft.checkout_started_ms = order.checkout_started_ms;
  draft.coarse = order.coarse;
  draft.email_hash = order.email_hash;
  draft.phone_hash = order.phone_hash;
  if (!order.user_id.empty())
    draft.user_id_hash = contact_hash(ContactKind::user_id, order.user_id, {});
  draft.is_browser_hint = !order.ids_stated;
  draft.self_reported = order.self_reported;
  draft.stated_consent = order.stated_consent;
  return draft;
}

bool tells_subscription(const OrderRow& order) {
  return order.state != OrderState::paid && !order.subscription_id.empty() &&
         order.order_id == order.subscription_id;
}

Outcome<ConversionDraft> draft_of(OrderStore& orders, const OrderRow& order) {
  ConversionDraft draft = draft_of(order);
  if (draft.email_hash || draft.phone_hash || order.subscription_id.empty()) return draft;
  TL_TRY(told, orders.find_order(order.site_id, order.provider, order.subscription_id));
  if (!told || told->subscription_id != order.subscription_id || !tells_subscription(*told) ||
      told->live != order.live)
    return draft;
  draft.email_hash = told->email_hash;
  draft.phone_hash = told->phone_hash;
  return draft;
}

std::string evidence_digest(const ConversionDraft& draft) {
  FieldHash hash("tl-match");
  hash.add(draft.anonymous_id.value_or(Id128{}));
  hash.add(draft.session_id.value_or(Id128{}));
  hash.add(std::to_string(draft.checkout_started_ms.value_or(0)));
  hash.add(digest_text(draft.email_hash));
  hash.add(digest_text(draft.phone_hash));
  hash.add(digest_text(draft.user_id_hash));
  hash.add_u32(static_cast<std::uint32_t>(draft.subscription));
  hash.add(std::to_string(draft.occurred_ms));
  hash.add(std::to_string(draft.first_told_ms));
  if (draft.proofs != ContactProofs::whole) hash.add_u32(static_cast<std::uint32_t>(draft.proofs));
  if (!draft.coarse.empty()) hash.add(draft.coarse);
  if (!draft.subscription_id.empty()) hash.add("subscription").add(draft.subscription_id);
  if (!draft.customer_id.empty()) hash.add("customer").add(draft.customer_id);
  // What began it is told by what both sold.
  if (draft.subscription == SubscriptionRole::renewal ||
      draft.subscription == SubscriptionRole::update)
    hash.add("sold").add(draft.items).add(std::to_string(draft.amount_minor)).add(draft.currency);
  if (!draft.lead.is_empty()) hash.add_u32(draft.is_browser_hint ? 1 : 0);
  // It is filed under what each of a lead's tellers said.
  for (const auto& fact : draft.lead.facts) {
    hash.add(fact.anonymous_id.value_or(Id128{})).add(fact.session_id.value_or(Id128{}));
    for (const auto& contact : contacts_of(fact)) hash.add(digest_text(contact.hash));
  }
  const Digest digest = hash.finish();
  return to_hex({reinterpret_cast<const char*>(digest.data()), 16});
}

MatchEvidence evidence_of(const SiteConfig& site, const ConversionDraft& draft,
                          std::int64_t recorded_ms) {
  MatchEvidence evidence;
  evidence.site_id = site.id;
  evidence.provider = draft.provider;
  evidence.order_id = draft.order_id;
  evidence.customer_id = draft.customer_id;
  evidence.subscription_id = draft.subscription_id;
  evidence.anonymous_id = draft.anonymous_id;
  evidence.session_id = draft.session_id;
  evidence.checkout_started_ms = draft.checkout_started_ms;
  evidence.has_coarse_origin = !draft.coarse.empty();
  evidence.email_hash = draft.email_hash;
  evidence.phone_hash = draft.phone_hash;
  evidence.user_id_hash = draft.user_id_hash;
  evidence.subscription = draft.subscription;
  evidence.stated_storage = draft.stated_consent.storage;
  evidence.occurred_ms = draft.occurred_ms;
  evidence.first_told_ms = draft.first_told_ms;
  evidence.recorded_ms = recorded_ms;
  evidence.is_browser_hint = draft.is_browser_hint;
  evidence.proofs = draft.proofs;
  return evidence;
}

}  // namespace tl::server
