// SPDX-License-Identifier: Apache-2.0
#include "server/http/lead_json.hpp"

#include "server/core/attribution/late_evidence.hpp"
#include "server/core/leads/lead_facts.hpp"
#include "server/core/text/json_values.hpp"
#include "server/http/conversion_json.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/list_answer.hpp"
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

namespace {

std::vector<std::string> lead_columns() {
  return with_touches({"id", "form_type", "stage", "occurred_at", "amount", "currency",
                       "amount_minor", "email", "phone", "email_sha256", "phone_sha256", "verified",
                       "match_type", "session_id", "anonymous_id", "touches", "days_to_convert",
                       "self_reported", "bot"});
}

Outcome<Reply> lead_list(const OrderRouteParts& parts, const SecretBox& box,
                         const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  const auto site = parts.find_site(site_id);
  if (site == nullptr)
    return fail(ErrorKind::not_found, "unknown_site",
                "the key's site \"" + site_id + "\" is not configured any more");
  TL_TRY(query,
         read_list_request(request, site->id, parts.find_site, {"form_type", "stage", "format"}));
  ConversionFilter filter;
  filter.kind = kLeadStages[0];
  filter.form = request.query_value("form_type");
  filter.stage = request.query_value("stage");
  if (!filter.stage.empty() && !is_lead_stage(filter.stage))
    return invalid("bad_stage", "stage must be lead, opportunity or customer");
  const auto read = [parts, &box, site, filter](const ListQuery& asked) -> Outcome<ListPage> {
    ListPage leads;
    TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
      leads = {};
      TL_TRY(page, tables.orders().list_conversions(asked, filter));
      for (const auto& row : page.items) {
        TL_TRY(item, lead_item(tables, box, *site, row));
        leads.items.push_back(std::move(item));
      }
      leads.next_cursor = page.next_cursor;
      return {};
    }));
    return leads;
  };
  return answer_list(request, query, {"leads", lead_columns()}, read);
}

}  // namespace

Reply list_leads(const OrderRouteParts& parts, const SecretBox& box, const Request& request) {
  auto reply = lead_list(parts, box, request);
  return reply.ok() ? std::move(reply).value() : refused(reply.error());
}

}  // namespace tl::server::http
