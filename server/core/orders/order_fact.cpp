// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/order_fact.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/coarse_origin.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/text/uuid_text.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server {
namespace {

using Json = nlohmann::json;
using Kind = OrderChange::Kind;

OrderChangeKind ledger_kind(const OrderFact& fact) {
  switch (fact.kind) {
    case Kind::pending:
      return OrderChangeKind::pending;
    case Kind::purchase:
      return OrderChangeKind::paid;
    case Kind::failed:
      return OrderChangeKind::failed;
    case Kind::refund:
      return fact.refund_status == "failed" || fact.refund_status == "canceled"
                 ? OrderChangeKind::refund_reversed
                 : OrderChangeKind::refunded;
    case Kind::dispute:
      return OrderChangeKind::disputed;
    case Kind::dispute_closed:
      return OrderChangeKind::dispute_closed;
    case Kind::ignored:
    case Kind::unreadable:
    case Kind::enrich:
    case Kind::lookup:
      break;
  }
  return OrderChangeKind::enriched;
}

std::string hashed_name_part(MetaKey key, std::string_view text, std::string_view country) {
  const auto value = meta_cleaned(key, text, country);
  return value ? value->sent : std::string{};
}

// {"country":"CZ","fn":"<sha256>","ln":"<sha256>"}: what destinations may be told beside contacts.
std::string customer_json(const CustomerDetails& customer) {
  Json object = Json::object();
  if (!customer.country.empty()) object["country"] = customer.country;
  const std::string_view name = trim(customer.name);
  const auto last_blank = name.rfind(' ');
  const std::string_view first =
      last_blank == std::string_view::npos ? name : trim(name.substr(0, last_blank));
  const std::string_view last =
      last_blank == std::string_view::npos ? std::string_view{} : name.substr(last_blank + 1);
  if (auto hash = hashed_name_part(MetaKey::fn, first, customer.country); !hash.empty())
    object["fn"] = hash;
  if (auto hash = hashed_name_part(MetaKey::ln, last, customer.country); !hash.empty())
    object["ln"] = hash;
  return object.empty() ? std::string{} : object.dump();
}

std::string items_json(const std::vector<OrderItem>& items) {
  Json list = Json::array();
  for (const auto& item : items) {
    Json entry = {{"id", item.id},
                  {"name", item.name},
                  {"category", item.category},
                  {"quantity", item.quantity}};
    entry["price_minor"] = item.price_minor ? Json(*item.price_minor) : Json(nullptr);
    list.push_back(std::move(entry));
  }
  return list.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void put_text(Json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}
void put_digest(Json& object, const char* key, const std::optional<Digest>& digest) {
  if (digest) object[key] = to_hex(*digest);
}
template <class T>
void put_number(Json& object, const char* key, const std::optional<T>& number) {
  if (number) object[key] = *number;
}

std::string take_text(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}
std::vector<std::string> take_texts(const Json& object, const char* key) {
  std::vector<std::string> texts;
  if (const auto found = object.find(key); found != object.end() && found->is_array())
    for (const auto& text : *found)
      if (text.is_string()) texts.push_back(text.get<std::string>());
  return texts;
}
std::optional<std::int64_t> take_number(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_integer()) return std::nullopt;
  return found->get<std::int64_t>();
}
template <class E>
E take_enum(const Json& object, const char* key) {
  return static_cast<E>(take_number(object, key).value_or(0));
}
std::optional<Id128> take_id(const Json& object, const char* key) {
  const auto id = parse_uuid(take_text(object, key));
  return id.ok() ? std::optional(id.value()) : std::nullopt;
}
std::optional<Digest> take_digest(const Json& object, const char* key) {
  const auto bytes = from_hex(take_text(object, key));
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  return digest;
}

}  // namespace

std::string phone_country(const CustomerDetails& customer, const SiteConfig& site) {
  return customer.country.size() == 2 ? customer.country : site.default_country;
}

std::vector<std::string> unreadable_contacts(const CustomerDetails& customer,
                                             const SiteConfig& site) {
  std::vector<std::string> unreadable;
  if (!customer.email.empty() && !contact_hash(ContactKind::email, customer.email, {}))
    unreadable.emplace_back("email");
  if (!customer.phone.empty() &&
      !contact_hash(ContactKind::phone, customer.phone, phone_country(customer, site)))
    unreadable.emplace_back("phone");
  return unreadable;
}

OrderFact fact_of(const OrderChange& change, const SiteConfig& site) {
  OrderFact fact;
  fact.kind = change.kind;
  fact.change_key = change.change_key;
  fact.event_type = change.event_type;
  fact.order_id = change.order_id;
  fact.aliases = change.aliases;
  fact.occurred_ms = change.occurred_ms;
  fact.changed_ms = change.changed_ms;
  fact.amount_minor = change.amount_minor;
  fact.currency = change.currency;
  fact.part_id = change.part_id;
  fact.rank = change.amount_rank;
  fact.refund_id = change.refund_id;
  fact.refund_amount_minor = change.refund_amount_minor;
  fact.refunded_total_minor = change.refunded_total_minor;
  fact.begun_ms = change.begun_ms;
  fact.refund_status = change.refund_status;
  fact.listed_refunds = change.listed_refunds;
  fact.dispute = change.dispute;
  fact.subscription = change.subscription;
  fact.half = change.half;
  fact.half_made_ms = change.half_made_ms;
  fact.live = change.live;
  fact.anonymous_id = change.anonymous_id;
  fact.session_id = change.session_id;
  fact.checkout_started_ms = change.checkout_started_ms;
  fact.coarse = permitted_coarse(site, change.coarse);
  if (!change.customer.email.empty())
    fact.email_hash = contact_hash(ContactKind::email, change.customer.email, {});
  if (!change.customer.phone.empty())
    fact.phone_hash = contact_hash(ContactKind::phone, change.customer.phone,
                                   phone_country(change.customer, site));
  fact.unreadable = unreadable_contacts(change.customer, site);
  fact.customer = customer_json(change.customer);
  fact.items = items_json(change.items);
  // WooCommerce's guests are all customer 0.
  if (change.customer_id != "0") fact.customer_id = change.customer_id;
  fact.subscription_id = change.subscription_id;
  return fact;
}

std::vector<ContactRef> contacts_of(const OrderFact& fact) {
  std::vector<ContactRef> contacts;
  if (fact.email_hash) contacts.push_back({ContactKind::email, *fact.email_hash});
  if (fact.phone_hash) contacts.push_back({ContactKind::phone, *fact.phone_hash});
  if (!fact.user_id.empty())
    contacts.push_back(
        {ContactKind::user_id, *contact_hash(ContactKind::user_id, fact.user_id, {})});
  return contacts;
}

void make_nobodys(OrderFact& fact) {
  fact.is_erased = true;
  fact.anonymous_id.reset();
  fact.session_id.reset();
  fact.checkout_started_ms.reset();
  fact.email_hash.reset();
  fact.phone_hash.reset();
  fact.unreadable.clear();
  fact.user_id.clear();
  fact.customer.clear();
  fact.customer_id.clear();
  fact.self_reported.clear();
}

OrderChangeRow change_row(const OrderFact& fact) {
  Json detail = {{"kind", static_cast<int>(fact.kind)},
                 {"event_type", fact.event_type},
                 {"order_id", fact.order_id},
                 {"amount_minor", fact.amount_minor},
                 {"rank", fact.rank},
                 {"live", fact.live}};
  put_text(detail, "teller", fact.teller);
  if (!fact.aliases.empty()) detail["aliases"] = fact.aliases;
  put_text(detail, "part_id", fact.part_id);
  if (fact.changed_ms != 0) detail["changed_ms"] = fact.changed_ms;
  if (fact.retold_ms != 0) detail["retold_ms"] = fact.retold_ms;
  if (fact.refund_id) detail["refund_id"] = *fact.refund_id;
  put_number(detail, "refund_amount_minor", fact.refund_amount_minor);
  put_number(detail, "refunded_total_minor", fact.refunded_total_minor);
  put_number(detail, "begun_ms", fact.begun_ms);
  put_text(detail, "refund_status", fact.refund_status);
  if (fact.listed_refunds) {
    detail["listed_refunds"] = fact.listed_refunds->ids;
    detail["listed_told_ms"] = fact.listed_refunds->told_ms;
    if (fact.listed_until)
      detail["listed_until"] = {fact.listed_until->first, fact.listed_until->second};
  }
  if (fact.dispute != DisputeState::none) detail["dispute"] = static_cast<int>(fact.dispute);
  if (fact.subscription != SubscriptionRole::none)
    detail["subscription"] = static_cast<int>(fact.subscription);
  if (fact.half != SaleHalf::unsaid) detail["half"] = static_cast<int>(fact.half);
  put_number(detail, "half_made_ms", fact.half_made_ms);
  if (fact.is_erased) detail["erased"] = true;
  if (fact.anonymous_id) detail["anonymous_id"] = uuid_text(*fact.anonymous_id);
  if (fact.session_id) detail["session_id"] = uuid_text(*fact.session_id);
  put_number(detail, "checkout_started_ms", fact.checkout_started_ms);
  put_text(detail, "coarse", fact.coarse);
  put_digest(detail, "email_hash", fact.email_hash);
  put_digest(detail, "phone_hash", fact.phone_hash);
  if (fact.email_told_ms != 0) detail["email_told_ms"] = fact.email_told_ms;
  if (!fact.unreadable.empty()) detail["unreadable"] = fact.unreadable;
  put_digest(detail, "digest", fact.digest);
  if (fact.refund_event_id) {
    detail["refund_event_id"] = uuid_text(*fact.refund_event_id);
    detail["refund_event_minor"] = fact.refund_event_minor;
  }
  for (const auto& id : fact.restated_ids) detail["restated_ids"].push_back(uuid_text(id));
  put_text(detail, "user_id", fact.user_id);
  put_text(detail, "customer", fact.customer);
  if (fact.items != "[]") detail["items"] = fact.items;
  put_text(detail, "customer_id", fact.customer_id);
  put_text(detail, "subscription_id", fact.subscription_id);
  put_text(detail, "self_reported", fact.self_reported);
  if (!(fact.stated_consent == Consent{}))
    detail["consent"] = {static_cast<int>(fact.stated_consent.storage),
                         static_cast<int>(fact.stated_consent.marketing)};
  OrderChangeRow row;
  row.change_key = fact.change_key;
  row.kind = ledger_kind(fact);
  row.t_ms = fact.occurred_ms;
  row.currency = fact.currency;
  row.detail = detail.dump(-1, ' ', false, Json::error_handler_t::replace);
  return row;
}

OrderFact read_fact(const OrderChangeRow& row) {
  OrderFact fact;
  fact.change_key = row.change_key;
  fact.occurred_ms = row.t_ms;
  fact.recorded_ms = row.recorded_ms;
  fact.currency = row.currency;
  const Json detail = Json::parse(row.detail, nullptr, /*allow_exceptions=*/false);
  if (!detail.is_object()) return fact;
  fact.kind = take_enum<Kind>(detail, "kind");
  fact.event_type = take_text(detail, "event_type");
  fact.order_id = take_text(detail, "order_id");
  fact.aliases = take_texts(detail, "aliases");
  fact.amount_minor = take_number(detail, "amount_minor").value_or(0);
  fact.part_id = take_text(detail, "part_id");
  fact.changed_ms = take_number(detail, "changed_ms").value_or(0);
  fact.retold_ms = take_number(detail, "retold_ms").value_or(0);
  fact.rank = static_cast<std::uint8_t>(take_number(detail, "rank").value_or(0));
  fact.live = detail.value("live", true);
  fact.is_erased = detail.value("erased", false);
  if (auto refund_id = take_text(detail, "refund_id"); !refund_id.empty())
    fact.refund_id = std::move(refund_id);
  fact.refund_amount_minor = take_number(detail, "refund_amount_minor");
  fact.refunded_total_minor = take_number(detail, "refunded_total_minor");
  fact.begun_ms = take_number(detail, "begun_ms");
  if (!fact.begun_ms) fact.begun_ms = take_number(detail, "refund_created_ms");  // its older name
  fact.refund_status = take_text(detail, "refund_status");
  if (detail.contains("listed_refunds"))
    fact.listed_refunds = {take_texts(detail, "listed_refunds"),
                           take_number(detail, "listed_told_ms").value_or(0)};
  if (const auto until = detail.find("listed_until");
      until != detail.end() && until->is_array() && until->size() == 2 &&
      (*until)[0].is_number_integer() && (*until)[1].is_number_integer())
    fact.listed_until = {(*until)[0].get<std::int64_t>(), (*until)[1].get<std::int64_t>()};
  fact.dispute = take_enum<DisputeState>(detail, "dispute");
  fact.subscription = take_enum<SubscriptionRole>(detail, "subscription");
  fact.half = take_enum<SaleHalf>(detail, "half");
  fact.half_made_ms = take_number(detail, "half_made_ms");
  fact.anonymous_id = take_id(detail, "anonymous_id");
  fact.session_id = take_id(detail, "session_id");
  fact.checkout_started_ms = take_number(detail, "checkout_started_ms");
  fact.coarse = take_text(detail, "coarse");
  fact.email_hash = take_digest(detail, "email_hash");
  fact.phone_hash = take_digest(detail, "phone_hash");
  fact.email_told_ms = take_number(detail, "email_told_ms").value_or(0);
  fact.unreadable = take_texts(detail, "unreadable");
  fact.digest = take_digest(detail, "digest");
  fact.teller = take_text(detail, "teller");
  if (fact.teller.empty() && !fact.is_stated()) fact.teller = row.provider;  // of older ones
  fact.refund_event_id = take_id(detail, "refund_event_id");
  fact.refund_event_minor = take_number(detail, "refund_event_minor").value_or(0);
  for (const auto& text : take_texts(detail, "restated_ids"))
    if (const auto id = parse_uuid(text); id.ok()) fact.restated_ids.push_back(id.value());
  fact.user_id = take_text(detail, "user_id");
  fact.customer = take_text(detail, "customer");
  if (auto items = take_text(detail, "items"); !items.empty()) fact.items = std::move(items);
  fact.customer_id = take_text(detail, "customer_id");
  fact.subscription_id = take_text(detail, "subscription_id");
  fact.self_reported = take_text(detail, "self_reported");
  if (const auto consent = detail.find("consent");
      consent != detail.end() && consent->is_array() && consent->size() == 2) {
    fact.stated_consent.storage = static_cast<Choice>((*consent)[0].get<int>());
    fact.stated_consent.marketing = static_cast<Choice>((*consent)[1].get<int>());
  }
  return fact;
}

}  // namespace tl::server
