// SPDX-License-Identifier: Apache-2.0
#include "server/core/attribution/late_evidence.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/conversion_session.hpp"
#include "server/core/leads/leads.hpp"
#include "server/core/people/restatement.hpp"
#include "server/core/text/uuid_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>

namespace tl::server {
namespace {

using Json = nlohmann::json;

std::string key_of(char kind, const std::uint8_t* bytes, std::size_t size) {
  return std::string(1, kind) + std::string(reinterpret_cast<const char*>(bytes), size);
}

bool has_order(const ConversionRow& row) {
  return row.kind == "purchase";
}

Json id_json(const std::optional<Id128>& id) {
  return id ? Json(uuid_text(*id)) : Json(nullptr);
}
Json digest_json(const std::optional<Digest>& digest) {
  return digest ? Json(to_hex(*digest)) : Json(nullptr);
}

std::optional<Id128> id_at(const Json& said, const char* name) {
  const auto found = said.find(name);
  if (found == said.end() || !found->is_string()) return std::nullopt;
  const auto id = parse_uuid(found->get<std::string>());
  return id.ok() ? std::optional(id.value()) : std::nullopt;
}
std::optional<Digest> digest_at(const Json& said, const char* name) {
  const auto found = said.find(name);
  if (found == said.end() || !found->is_string()) return std::nullopt;
  const auto bytes = from_hex(found->get<std::string>());
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

}  // namespace

std::string visitor_key(const Id128& anonymous_id) {
  return key_of('v', anonymous_id.bytes.data(), anonymous_id.bytes.size());
}
std::string session_key(const Id128& session_id) {
  return key_of('s', session_id.bytes.data(), session_id.bytes.size());
}
std::string contact_key(ContactKind kind, const Digest& hash) {
  return key_of(static_cast<char>('0' + static_cast<int>(kind)), hash.data(), hash.size());
}

Outcome<void> file_conversion(Tables& tables, const SiteConfig& site, const ConversionDraft& draft,
                              const Match& match, const ConversionRow& row) {
  std::vector<std::string> keys;
  const Person& person = match.person;
  for (const auto* ids : {&person.ids, &person.seen_ids})
    for (const auto& id : *ids) keys.push_back(visitor_key(id));
  for (const auto& contact : person.seen_contacts)
    keys.push_back(contact_key(contact.kind, contact.hash));
  if (draft.anonymous_id) keys.push_back(visitor_key(*draft.anonymous_id));
  if (draft.session_id) keys.push_back(session_key(*draft.session_id));
  if (draft.email_hash) keys.push_back(contact_key(ContactKind::email, *draft.email_hash));
  if (draft.phone_hash) keys.push_back(contact_key(ContactKind::phone, *draft.phone_hash));
  if (draft.user_id_hash) keys.push_back(contact_key(ContactKind::user_id, *draft.user_id_hash));
  // Also what only some of a lead's tellers said.
  for (const auto& fact : draft.lead.facts) {
    if (fact.anonymous_id) keys.push_back(visitor_key(*fact.anonymous_id));
    if (fact.session_id) keys.push_back(session_key(*fact.session_id));
    for (const auto& contact : contacts_of(fact))
      keys.push_back(contact_key(contact.kind, contact.hash));
  }
  std::sort(keys.begin(), keys.end());
  keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
  return tables.orders().put_keys(site.id, row.id, row.occurred_ms, keys);
}

std::string write_said(const ConversionDraft& draft) {
  if (draft.kind == "purchase") return {};
  if (draft.provider == kLeadProvider) return write_lead_facts(draft.lead);
  Json said = {
      {"anonymous_id", id_json(draft.anonymous_id)}, {"session_id", id_json(draft.session_id)},
      {"email", digest_json(draft.email_hash)},      {"phone", digest_json(draft.phone_hash)},
      {"user_id", digest_json(draft.user_id_hash)},  {"told", draft.first_told_ms}};
  if (!draft.coarse.empty()) said["coarse"] = draft.coarse;
  if (draft.is_erased) said["erased"] = true;
  return said.dump();
}

Outcome<ConversionDraft> draft_of(Tables& tables, const ConversionRow& row) {
  if (has_order(row)) {
    TL_TRY(order, tables.orders().find_order(row.site_id, row.provider, row.order_id));
    if (!order)
      return fail(ErrorKind::bug, "conversion_without_order",
                  "the conversion of order " + row.order_id + " has lost its order");
    return draft_of(tables.orders(), *order);
  }
  if (row.provider == kLeadProvider) {
    if (auto draft = lead_draft(read_lead_facts(row.said), row.kind, row.order_id))
      return std::move(*draft);
    return fail(ErrorKind::bug, "lead_without_facts",
                "the " + row.kind + " " + row.order_id + " has lost what it was made of");
  }
  const Json said = Json::parse(row.said, nullptr, /*allow_exceptions=*/false);
  ConversionDraft draft;
  draft.kind = row.kind;
  draft.provider = row.provider;
  draft.order_id = row.order_id;
  draft.amount_minor = row.amount_minor;
  draft.refunds = row.refunds;
  draft.currency = row.currency;
  draft.live = row.live;
  draft.subscription = row.subscription;
  draft.occurred_ms = row.occurred_ms;
  draft.checkout_started_ms = row.checkout_started_ms;
  draft.is_browser_hint = false;
  draft.self_reported = row.self_reported;
  draft.stated_consent = parse_snapshot(row.snapshot).stated_consent;
  draft.request_digest = row.request_digest;
  if (said.is_object()) {
    draft.anonymous_id = id_at(said, "anonymous_id");
    draft.session_id = id_at(said, "session_id");
    draft.email_hash = digest_at(said, "email");
    draft.phone_hash = digest_at(said, "phone");
    draft.user_id_hash = digest_at(said, "user_id");
    draft.first_told_ms = said.value("told", row.occurred_ms);
    draft.coarse = said.value("coarse", std::string());
    draft.is_erased = said.value("erased", false);
  }
  return draft;
}

Outcome<void> restate_conversion(Tables& tables, const SiteConfig& site, const ConversionRow& row,
                                 std::int64_t now_ms, Restates how) {
  TL_TRY(draft, draft_of(tables, row));
  draft.restates = how;
  // No destination is told anew; what was made for it follows it.
  const DestinationTakes none = [](const DestinationConfig&, std::string_view) { return false; };
  TL_TRY(recorded, record_conversion(tables, site, draft, none, now_ms));
  static_cast<void>(recorded);
  return {};
}

Outcome<void> restate_conversions(Tables& tables, const SiteConfig& site,
                                  const std::vector<std::string>& keys, std::int64_t from_ms,
                                  std::int64_t now_ms, const std::optional<Id128>& except) {
  std::optional<Restatement> own;
  if (tables.restatement == nullptr) own.emplace(tables);
  for (const auto& key : keys) {
    if (tables.restatement->covers(key, from_ms, except)) continue;
    TL_TRY(found, tables.orders().conversions_by_key(site.id, key, from_ms));
    tables.restatement->add(key, from_ms, found, except);
  }
  if (!own) return {};
  while (const auto id = own->next()) {
    TL_TRY(row, tables.orders().find_conversion(site.id, *id));
    if (!row) continue;
    own->begin(row->id, row->occurred_ms);
    TL_CHECK(restate_conversion(tables, site, *row, now_ms));
  }
  return refresh_sessions(tables, site, own->sessions);
}

Outcome<void> restate_conversions(Tables& tables, const SiteConfig& site, const std::string& key,
                                  std::int64_t from_ms, std::int64_t now_ms,
                                  const std::optional<Id128>& except) {
  return restate_conversions(tables, site, std::vector{key}, from_ms, now_ms, except);
}

}  // namespace tl::server
