// SPDX-License-Identifier: Apache-2.0
#include "server/http/lead_json.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/text/json_values.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/list_request.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

// {"email_sha256":…,"email":…}: the plain text only where it was sealed.
Outcome<void> add_contact_to(OrderedJson& item, Tables& tables, const SecretBox& box,
                             const SiteConfig& site, const ContactRef& contact, const char* name) {
  item[std::string(name) + "_sha256"] = to_hex(contact.hash);
  TL_TRY(kept, tables.people().find_contact(site.id, contact.kind, contact.hash));
  if (!kept || kept->plain.empty()) return {};
  if (const auto plain = box.open(kept->plain, "contact:" + site.id)) item[name] = *plain;
  return {};
}

}  // namespace

Outcome<OrderedJson> lead_item(Tables& tables, const SecretBox& box, const SiteConfig& site,
                               const ConversionRow& row) {
  TL_TRY(item, conversion_item(tables, row));
  const LeadFacts lead = read_lead_facts(row.said);
  OrderedJson stages = OrderedJson::array();
  for (const auto stage : kLeadStages) {
    TL_TRY(reached, tables.orders().find_conversion_of_order(row.site_id, row.provider,
                                                             row.order_id, stage));
    if (!reached) continue;
    item["stage"] = stage;
    stages.push_back({{"stage", stage},
                      {"id", uuid_text(reached->id)},
                      {"t", write_rfc3339(reached->occurred_ms)},
                      {"amount_minor", reached->amount_minor},
                      {"currency", reached->currency}});
  }
  item["stages"] = std::move(stages);
  item["form_type"] = lead.form;
  TL_TRY(proofs, tables.people().proofs_of(row.site_id, row.id));
  item["verified"] = !proofs.empty();
  TL_TRY(draft, draft_of(tables, row));
  if (draft.email_hash)
    TL_CHECK(
        add_contact_to(item, tables, box, site, {ContactKind::email, *draft.email_hash}, "email"));
  if (draft.phone_hash)
    TL_CHECK(
        add_contact_to(item, tables, box, site, {ContactKind::phone, *draft.phone_hash}, "phone"));
  return item;
}

Reply list_leads(const OrderRouteParts& parts, const SecretBox& box, const Request& request) {
  const auto site_id = parts.authorise(request, "read");
  if (!site_id.ok()) return refused(site_id.error());
  const auto site = parts.find_site(site_id.value());
  if (site == nullptr)
    return refused(fail(ErrorKind::not_found, "unknown_site",
                        "the key's site \"" + site_id.value() + "\" is not configured any more"));
  const auto query = read_list_request(request, site->id, parts.find_site);
  if (!query.ok()) return refused(query.error());
  ConversionFilter filter;
  filter.kind = kLeadStages[0];
  filter.form = request.query_value("form_type");
  filter.stage = request.query_value("stage");
  if (!filter.stage.empty() && !is_lead_stage(filter.stage))
    return refused(invalid("bad_stage", "stage must be lead, opportunity or customer"));
  OrderedJson items = OrderedJson::array();
  std::optional<std::string> next_cursor;
  const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
    items = OrderedJson::array();
    TL_TRY(page, tables.orders().list_conversions(query.value(), filter));
    for (const auto& row : page.items) {
      TL_TRY(item, lead_item(tables, box, *site, row));
      items.push_back(std::move(item));
    }
    next_cursor = page.next_cursor;
    return {};
  });
  if (!read.ok()) return refused(read.error());
  return answer_list(std::move(items), next_cursor);
}

}  // namespace tl::server::http
