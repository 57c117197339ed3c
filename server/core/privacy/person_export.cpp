// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/person_export.hpp"

#include "server/core/ingest/touch_json.hpp"
#include "server/core/privacy/own_path.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/json_values.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <limits>

namespace tl::server {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::uint32_t kReceiptsAPage = 1000;
constexpr std::uint32_t kInboxPage = 500;
constexpr std::uint32_t kAll = std::numeric_limits<std::uint32_t>::max();

// A column of JSON as what it is, any other text as text.
OrderedJson parsed(const std::string& text) {
  auto value = OrderedJson::parse(text, nullptr, /*allow_exceptions=*/false);
  return value.is_discarded() ? OrderedJson(text) : value;
}

bool has(const std::vector<Id128>& ids, const std::optional<Id128>& id) {
  return id && std::binary_search(ids.begin(), ids.end(), *id);
}

OrderedJson consent_json(const Consent& consent) {
  return {{"storage", choice_name(consent.storage)},
          {"marketing", choice_name(consent.marketing)},
          {"ad_personalisation", choice_name(consent.ad_personalisation)},
          {"opted_out_of_sale", consent.opted_out_of_sale}};
}

// Of whom it is only the pseudonym: all receipts of a site are proof, not a list of visitors.
OrderedJson receipt_json(const NumberedReceipt& row) {
  const ConsentReceipt& receipt = row.receipt;
  // Older receipts say it by their event alone.
  const bool is_implied = receipt.is_implied || receipt.event == "implied";
  const bool is_stated = receipt.event == kStatedReceipt;
  return {{"number", row.number},
          {"id", uuid_text(receipt.id)},
          {"subject", to_hex(row.subject)},
          {"t", write_rfc3339(receipt.t_ms)},
          {"event", receipt.event},
          {"basis", is_stated    ? "stated"
                    : is_implied ? "implied"
                                 : "explicit"},
          {"consent", consent_json(receipt.consent)},
          {"platform", receipt.platform},
          {"text_version", receipt.text_version},
          {"consent_string", receipt.consent_string},
          {"previous_hash", to_hex(row.previous_hash)},
          {"hash", to_hex(row.hash)}};
}

OrderedJson touch_json(const TouchRow& touch) {
  OrderedJson item = touch_item(touch);
  item["evidence"] = parsed(touch.evidence);
  return item;
}

OrderedJson event_json(const EventRow& event) {
  return {{"id", uuid_text(event.id)},
          {"name", event.name},
          {"t", write_rfc3339(event.t_ms)},
          {"url", event.url},
          {"title", event.title},
          {"properties", parsed(event.props)},
          {"verdict", verdict_name(event.verdict)}};
}

class PersonReport {
 public:
  PersonReport(Tables& tables, const SecretBox& box, const SiteConfig& site,
               const PersonTraces& traces)
      : tables_(tables), box_(box), site_(site), traces_(traces) {}

  Outcome<OrderedJson> write(std::int64_t now_ms) {
    report_ = {{"site", site_.id}, {"generated_at", write_rfc3339(now_ms)}};
    TL_CHECK(add_person());
    TL_CHECK(add_consent());
    TL_CHECK(add_sessions());
    TL_CHECK(add_views());
    TL_CHECK(add_orders());
    TL_CHECK(add_conversions());
    TL_CHECK(add_deliveries());
    TL_CHECK(add_webhooks());
    TL_CHECK(add_rejects());
    return std::move(report_);
  }

 private:
  Outcome<void> add_person() {
    OrderedJson ids = OrderedJson::array(), contacts = OrderedJson::array(),
                ties = OrderedJson::array();
    for (const auto& visitor : traces_.visitors) {
      ids.push_back(uuid_text(visitor));
      TL_TRY(claims, tables_.people().claims_of_visitor(site_.id, visitor));
      for (const auto& claim : claims)
        ties.push_back({{"anonymous_id", uuid_text(visitor)},
                        {"kind", contact_kind_name(claim.kind)},
                        {"sha256", to_hex(claim.hash)},
                        {"proven", claim.verified},
                        {"source", claim.source},
                        {"t", write_rfc3339(claim.t_ms)}});
    }
    for (const auto& contact : traces_.contacts) {
      OrderedJson item = {{"kind", contact_kind_name(contact.kind)},
                          {"sha256", to_hex(contact.hash)}};
      TL_TRY(kept, tables_.people().find_contact(site_.id, contact.kind, contact.hash));
      if (kept) {
        item["variants"] = parsed(kept->variants);
        if (const auto plain = box_.open(kept->plain, "contact:" + site_.id)) item["text"] = *plain;
      }
      contacts.push_back(std::move(item));
    }
    report_["person"] = {
        {"anonymous_ids", std::move(ids)},
        {"contacts", std::move(contacts)},
        {"ties", std::move(ties)},
    };
    return {};
  }

  Outcome<void> add_consent() {
    OrderedJson states = OrderedJson::array(), receipts = OrderedJson::array();
    for (const auto& visitor : traces_.visitors) {
      TL_TRY(state, tables_.people().find_consent(site_.id, visitor));
      if (state)
        states.push_back({{"anonymous_id", uuid_text(visitor)},
                          {"t", write_rfc3339(state->t_ms)},
                          {"consent", consent_json(state->consent)}});
      TL_TRY(rows, tables_.privacy().receipts_of(site_.id, visitor));
      std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return a.receipt.t_ms < b.receipt.t_ms;
      });
      for (const auto& row : rows) {
        receipts.push_back(receipt_json(row));
        receipts.back()["anonymous_id"] = id_or_null(row.receipt.anonymous_id);
      }
    }
    report_["consent"] = std::move(states);
    report_["consent_receipts"] = std::move(receipts);
    return {};
  }

  Outcome<OrderedJson> session_json(const SessionRow& session) {
    OrderedJson item = {{"id", uuid_text(session.id)},
                        {"anonymous_id", uuid_text(session.anonymous_id)},
                        {"started_at", write_rfc3339(session.started_ms)},
                        {"last_activity_at", write_rfc3339(session.last_ms)},
                        {"ended_at", time_or_null(session.ended_ms)},
                        {"entry_path", session.entry_path},
                        {"exit_path", session.exit_path},
                        {"last_content", parsed(session.last_content)},
                        {"device", session.device},
                        {"browser", session.browser},
                        {"os", session.os},
                        {"country", session.country},
                        {"region", session.region},
                        {"city", session.city},
                        {"touches", OrderedJson::array()},
                        {"events", OrderedJson::array()},
                        {"context", nullptr}};
    TL_TRY(touches, tables_.events().touches_of_session(site_.id, session.id));
    for (const auto& touch : touches) item["touches"].push_back(touch_json(touch));
    TL_TRY(events, tables_.events().events_of_session(site_.id, session.id, kAll));
    for (const auto& event : events) item["events"].push_back(event_json(event));
    TL_TRY(context, tables_.events().find_context(site_.id, session.id));
    if (context) {
      item["context"] = {{"ip", context->ip},
                         {"user_agent", context->user_agent},
                         {"landing_url", context->landing_url},
                         {"fbclid", context->fbclid}};
      for (const auto& cookie : kVendorCookies)
        item["context"][cookie.name] = (*context).*cookie.value;
    }
    return item;
  }

  Outcome<void> add_sessions() {
    OrderedJson items = OrderedJson::array();
    for (const auto& id : traces_.sessions) {
      TL_TRY(session, tables_.events().find_session(site_.id, id));
      if (!session || session->id != id) continue;  // an alias
      TL_TRY(item, session_json(*session));
      items.push_back(std::move(item));
    }
    report_["sessions"] = std::move(items);
    return {};
  }

  // Seen in no session.
  Outcome<void> add_views() {
    OrderedJson items = OrderedJson::array();
    for (const auto& visitor : traces_.visitors) {
      TL_TRY(touches, tables_.events().touches_of_visitor(
                          site_.id, visitor, 0, std::numeric_limits<std::int64_t>::max(), kAll));
      for (const auto& touch : touches)
        if (touch.is_view && touch.anonymous_id == visitor) items.push_back(touch_json(touch));
    }
    report_["ad_views"] = std::move(items);
    return {};
  }

  Outcome<void> add_orders() {
    OrderedJson items = OrderedJson::array();
    for (const auto& key : traces_.orders) {
      TL_TRY(order, tables_.orders().find_order(site_.id, key.provider, key.order_id));
      if (!order) continue;
      OrderedJson item = {{"provider", order->provider},
                          {"order_id", order->order_id},
                          {"amount_minor", order->amount_minor},
                          {"refunded_minor", order->refunded_minor},
                          {"currency", order->currency},
                          {"created_at", write_rfc3339(order->created_ms)},
                          {"paid_at", time_or_null(order->paid_ms)},
                          {"anonymous_id", id_or_null(order->anonymous_id)},
                          {"session_id", id_or_null(order->session_id)},
                          {"user_id", order->user_id},
                          {"customer", parsed(order->customer)},
                          {"customer_id", order->customer_id},
                          {"subscription_id", order->subscription_id},
                          {"items", parsed(order->items)},
                          {"coarse", order->coarse},
                          {"self_reported", order->self_reported}};
      TL_TRY(aliases, tables_.orders().aliases_of(site_.id, key.provider, key.order_id));
      item["references"] = aliases;
      item["changes"] = OrderedJson::array();
      TL_TRY(changes, tables_.orders().changes_of(site_.id, key.provider, key.order_id));
      for (const auto& change : changes)
        item["changes"].push_back(
            {{"t", write_rfc3339(change.t_ms)}, {"detail", parsed(change.detail)}});
      items.push_back(std::move(item));
    }
    report_["orders"] = std::move(items);
    return {};
  }

  Outcome<void> add_conversions() {
    OrderedJson items = OrderedJson::array();
    for (const auto& id : traces_.conversions) {
      TL_TRY(row, tables_.orders().find_conversion(site_.id, id));
      if (!row) continue;
      TL_TRY(path, own_path(tables_, site_.id, row->snapshot, traces_.visitors));
      // A browser that only says the buyer's address may have been taken for the buyer's.
      if (!has(traces_.visitors, row->anonymous_id)) row->anonymous_id.reset();
      if (!has(traces_.sessions, row->session_id)) row->session_id.reset();
      OrderedJson item = {{"id", uuid_text(row->id)},
                          {"kind", row->kind},
                          {"provider", row->provider},
                          {"order_id", row->order_id},
                          {"amount_minor", row->amount_minor},
                          {"currency", row->currency},
                          {"occurred_at", write_rfc3339(row->occurred_ms)},
                          {"session_id", id_or_null(row->session_id)},
                          {"anonymous_id", id_or_null(row->anonymous_id)},
                          {"content", parsed(row->content)},
                          {"self_reported", row->self_reported},
                          {"said", parsed(row->said)},
                          {"path", std::move(path.snapshot)},
                          {"credits", OrderedJson::array()}};
      TL_TRY(credits, tables_.orders().credits_of(site_.id, id));
      for (const auto& credit : credits)
        item["credits"].push_back(
            {{"model", credit.model},
             {"touch", credit.touch_id && path.left_out.contains(*credit.touch_id)
                           ? OrderedJson()
                           : id_or_null(credit.touch_id)},
             {"value_minor", credit.value_minor},
             {"conversions_micro", credit.conversions_micro}});
      items.push_back(std::move(item));
    }
    report_["conversions"] = std::move(items);
    return {};
  }

  Outcome<void> add_deliveries() {
    OrderedJson items = OrderedJson::array();
    for (const auto number : traces_.deliveries) {
      TL_TRY(row, tables_.outbox().find_delivery(number));
      if (!row) continue;
      OrderedJson item = {{"destination", row->destination},
                          {"event_name", row->event_name},
                          {"event_id", uuid_text(row->event_id)},
                          {"state", delivery_state_name(row->state)},
                          {"occurred_at", write_rfc3339(row->occurred_ms)},
                          {"delivered_at", time_or_null(row->delivered_ms)},
                          {"last_error", row->last_error},
                          {"body", parsed(row->body)},
                          {"attempts", OrderedJson::array()}};
      TL_TRY(attempts, tables_.outbox().attempts_of(number));
      for (const auto& attempt : attempts)
        item["attempts"].push_back({{"t", write_rfc3339(attempt.t_ms)},
                                    {"status", attempt.status},
                                    {"answer", attempt.answer}});
      items.push_back(std::move(item));
    }
    report_["deliveries"] = std::move(items);
    return {};
  }

  Outcome<void> add_webhooks() {
    OrderedJson items = OrderedJson::array();
    for (std::int64_t last = 0; items.size() < traces_.inbox.size();) {
      TL_TRY(page, tables_.privacy().inbox_after(site_.id, last, kInboxPage));
      for (const auto& [number, entry] : page) {
        last = number;
        if (!std::binary_search(traces_.inbox.begin(), traces_.inbox.end(), number)) continue;
        items.push_back({{"provider", entry.provider},
                         {"event_type", entry.event_type},
                         {"received_at", write_rfc3339(entry.received_ms)},
                         {"order_id", entry.order_id},
                         {"headers", parsed(entry.headers_json)},
                         {"body", parsed(entry.body)}});
      }
      if (page.size() < kInboxPage) break;
    }
    report_["webhooks"] = std::move(items);
    return {};
  }

  Outcome<void> add_rejects() {
    OrderedJson items = OrderedJson::array();
    for (const auto number : traces_.rejects) {
      TL_TRY(reject, tables_.operations().find_reject(site_.id, number));
      if (reject)
        items.push_back({{"t", write_rfc3339(reject->t_ms)},
                         {"route", reject->route},
                         {"code", reject->code},
                         {"sender", parsed(reject->sender_json)},
                         {"body", parsed(reject->body)}});
    }
    report_["rejects"] = std::move(items);
    return {};
  }

  Tables& tables_;
  const SecretBox& box_;
  const SiteConfig& site_;
  const PersonTraces& traces_;
  OrderedJson report_;
};

}  // namespace

Outcome<std::string> export_person(Store& store, const SecretBox& box, const SiteConfig& site,
                                   const PersonName& name, std::int64_t now_ms) {
  std::string text;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(traces, find_traces(tables, site, name, Reach::proven));
    TL_TRY(report, PersonReport(tables, box, site, traces).write(now_ms));
    text = report.dump(2, ' ', false, OrderedJson::error_handler_t::replace);
    return {};
  }));
  return text;
}

Outcome<void> export_consent_receipts(Store& store, const std::string& site_id,
                                      const std::function<void(const std::string& line)>& line) {
  std::int64_t last_ms = 0;
  Id128 last;
  for (std::size_t found = kReceiptsAPage; found == kReceiptsAPage;) {
    std::vector<NumberedReceipt> page;
    TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(rows, tables.privacy().receipts_after(site_id, last_ms, last, kReceiptsAPage));
      page = std::move(rows);
      return {};
    }));
    found = page.size();
    for (const auto& row : page) {
      line(receipt_json(row).dump());
      last_ms = row.receipt.t_ms;
      last = row.receipt.id;
    }
  }
  return {};
}

}  // namespace tl::server
