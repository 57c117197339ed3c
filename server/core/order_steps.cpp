// SPDX-License-Identifier: Apache-2.0
#include "server/core/order_steps.hpp"

#include "server/core/contact_variants.hpp"
#include "server/core/conversion_outbox.hpp"
#include "server/core/conversions.hpp"
#include "server/core/order_fact.hpp"

namespace tl::server {

Outcome<void> keep_contacts(Tables& tables, const SiteConfig& site, const CustomerDetails& customer,
                            const OrderUseCase& by) {
  const std::string country = phone_country(customer, site);
  const std::pair<ContactKind, const std::string*> contacts[] = {
      {ContactKind::email, &customer.email}, {ContactKind::phone, &customer.phone}};
  for (const auto& [kind, plain] : contacts) {
    if (plain->empty()) continue;
    const auto hash = contact_hash(kind, *plain, country);
    if (!hash) continue;
    ContactVariants contact;
    contact.kind = kind;
    contact.hash = *hash;
    contact.variants = contact_variants(kind, *plain, country);
    if (site.contact_storage == "encrypted" && by.box != nullptr)
      contact.plain = by.box->seal(*plain, "contact:" + site.id);
    contact.t_ms = by.now_ms;
    TL_CHECK(tables.people().put_contact(site.id, contact));
  }
  return {};
}

Outcome<void> follow_ledger(Tables& tables, const SiteConfig& site, const LedgerStep& step,
                            const OrderUseCase& by) {
  if (step.order.state != OrderState::paid) return {};
  ConversionDraft draft = draft_of(step.order);
  draft.former = step.former;
  TL_TRY(recorded, record_conversion(tables, site, draft, by.takes, by.now_ms));
  if (!step.refund_event_id) return {};
  return enqueue_conversion(tables.outbox(), site, recorded.conversion, "refund",
                            *step.refund_event_id, by.takes, {by.now_ms, by.now_ms});
}

}  // namespace tl::server
