// SPDX-License-Identifier: Apache-2.0
// Events and conversions are gathered apart and meet in the visitor's part: session, touches,
// context and contacts.
#include "server/core/outbox/dispatch_gathering.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/attribution/late_evidence.hpp"
#include "server/core/attribution/path_clicks.hpp"
#include "server/core/ingest/withheld_click_ids.hpp"
#include "server/core/outbox/choices_elsewhere.hpp"
#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/outbox/event_outbox.hpp"
#include "server/core/outbox/told_refunds.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/text/uuid_text.hpp"
#include "throughline/touch.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace tl::server {
namespace {

constexpr std::uint32_t kSessionEvents = 1000;  // enough to hold a session's last page

// The page that led here, from the evidence of the arrival that this event is.
std::string referrer_of(const TouchRow& touch) {
  const auto evidence = nlohmann::json::parse(touch.evidence, nullptr, false);
  if (evidence.is_object())
    if (const auto found = evidence.find("r"); found != evidence.end() && found->is_string())
      return found->get<std::string>();
  return touch.referrer_domain.empty() ? "" : "https://" + touch.referrer_domain + "/";
}

// A contact without stored variants has at least the one that its match hash is.
Outcome<std::string> variants_of(PeopleStore& people, std::string_view site_id, ContactKind kind,
                                 const Digest& hash) {
  TL_TRY(contact, people.find_contact(site_id, kind, hash));
  if (contact && contact->variants.size() > 2) return contact->variants;
  const std::string hex = to_hex(hash);
  return std::string(kind == ContactKind::email ? R"({"digits":")" : R"({"e164":")") + hex + "\"}";
}

// Of the session itself, where no conversion has its own.
Outcome<void> add_session_touches(EventStore& events, Dispatch& dispatch) {
  const SessionRow& session = *dispatch.session;
  if (session.first_touch) {
    TL_TRY(first, events.find_touch(session.site_id, session.id, *session.first_touch));
    dispatch.first_touch = std::move(first);
  }
  if (session.last_touch) {
    TL_TRY(last, events.find_touch(session.site_id, session.id, *session.last_touch));
    dispatch.last_touch = std::move(last);
  }
  return {};
}

// An ad that was only seen is told to nobody: the first and the last click of the path.
Outcome<void> add_path_touches(EventStore& events, Dispatch& dispatch) {
  const ConversionRow& conversion = *dispatch.conversion;
  if (!conversion.first_touch) return {};
  const ConversionPath path = parse_snapshot(conversion.snapshot);
  const auto clicks = path.clicks();
  if (clicks.empty()) return {};
  TL_TRY(first, events.find_touch(conversion.site_id, clicks.front()->session_id,
                                  clicks.front()->touch_id));
  TL_TRY(last,
         events.find_touch(conversion.site_id, clicks.back()->session_id, clicks.back()->touch_id));
  dispatch.first_touch = std::move(first);
  dispatch.last_touch = std::move(last);
  return {};
}

// What only marketing consent permits: clicks, context and contacts. The contacts of the order or
// lead come first, a browser's claims fill in.
Outcome<void> add_marketing_data(Tables& tables, Dispatch& dispatch) {
  const std::string& site_id = dispatch.delivery.site_id;
  if (permits_marketing(dispatch.consent)) {  // not of who has opted out of sale
    TL_TRY(clicks, path_clicks(tables, dispatch));
    dispatch.clicks = std::move(clicks);
  }
  if (dispatch.session_id) {
    TL_TRY(context, tables.events().find_context(site_id, *dispatch.session_id));
    dispatch.context = std::move(context);
  }
  if (!dispatch.context && dispatch.anonymous_id) {
    TL_TRY(context, tables.events().newest_context(site_id, *dispatch.anonymous_id));
    dispatch.context = std::move(context);
  }
  std::optional<Digest> email, phone;
  if (dispatch.conversion) {
    TL_TRY(draft, draft_of(tables, *dispatch.conversion));
    email = draft.email_hash;
    phone = draft.phone_hash;
  }
  if (dispatch.anonymous_id && (!email || !phone)) {
    TL_TRY(claims, tables.people().claims_of_visitor(site_id, *dispatch.anonymous_id));
    for (const auto& claim : claims) {
      if (!email && claim.kind == ContactKind::email) email = claim.hash;
      if (!phone && claim.kind == ContactKind::phone) phone = claim.hash;
    }
  }
  if (email) {
    TL_TRY(variants, variants_of(tables.people(), site_id, ContactKind::email, *email));
    dispatch.email_variants = std::move(variants);
  }
  if (phone) {
    TL_TRY(variants, variants_of(tables.people(), site_id, ContactKind::phone, *phone));
    dispatch.phone_variants = std::move(variants);
  }
  return {};
}

void remove_click_ids(TouchRow& touch) {
  touch.click_ids = "{}";
  touch.evidence = evidence_without_click_ids(touch.evidence);
}

// The path may hold touches of the person's other browsers. Consent to send is the matched one's;
// what theirs does not permit stays here.
Outcome<void> remove_unpermitted_click_ids(Tables& tables, Dispatch& dispatch) {
  const std::string& site_id = dispatch.delivery.site_id;
  std::vector<Id128> own;
  if (dispatch.conversion->anonymous_id) {
    TL_TRY(linked, tables.events().linked_ids(site_id, *dispatch.conversion->anonymous_id));
    own = std::move(linked);
  }
  for (auto* touch : {&dispatch.first_touch, &dispatch.last_touch}) {
    if (!*touch) continue;
    TL_TRY(may_tell, permits_click_ids(tables, site_id, own, (*touch)->anonymous_id));
    if (!may_tell) remove_click_ids(**touch);
  }
  return {};
}

void remove_marketing_data(Dispatch& dispatch) {
  if (reads_as_contact(dispatch.user_id)) dispatch.user_id.clear();
  dispatch.url = without_click_ids(dispatch.url);
  dispatch.referrer = without_click_ids(dispatch.referrer);
  for (auto* touch : {&dispatch.first_touch, &dispatch.last_touch})
    if (*touch) remove_click_ids(**touch);
  if (dispatch.order) {
    dispatch.order->email_hash.reset();
    dispatch.order->phone_hash.reset();
    dispatch.order->customer.clear();
  }
}

Outcome<void> add_visitor(Tables& tables, Dispatch& dispatch) {
  const std::string& site_id = dispatch.delivery.site_id;
  EventStore& events = tables.events();
  if (dispatch.conversion) {
    TL_CHECK(add_path_touches(events, dispatch));
    TL_CHECK(remove_unpermitted_click_ids(tables, dispatch));
  }
  if (dispatch.session_id) {
    TL_TRY(session, events.find_session(site_id, *dispatch.session_id));
    dispatch.session = std::move(session);
    if (dispatch.session && !dispatch.conversion) TL_CHECK(add_session_touches(events, dispatch));
  }
  if (permits_marketing_data(dispatch.consent))
    TL_CHECK(add_marketing_data(tables, dispatch));
  else
    remove_marketing_data(dispatch);
  return {};
}

Outcome<void> add_recorded(Tables& tables, std::string_view site_id,
                           const std::optional<Id128>& anonymous_id, ConsentFacts& facts) {
  if (!anonymous_id) return {};
  TL_TRY(recorded, tables.people().find_consent(site_id, *anonymous_id));
  facts.recorded = recorded;
  if (facts.match && !identifies_visitor(*facts.match)) return {};
  TL_TRY(elsewhere, choices_elsewhere(tables, site_id, *anonymous_id));
  facts.elsewhere = std::move(elsewhere);
  return {};
}

Gathered not_cleared(std::string_view reason) {
  Gathered gathered;
  gathered.clearance.reason = reason;
  return gathered;
}

Outcome<Gathered> gather_event(Tables& tables, const SiteConfig& site, const DeliveryRow& delivery,
                               Purpose purpose) {
  if (!delivery.session_id) return not_cleared("erased");
  TL_TRY(event, tables.events().find_event(site.id, *delivery.session_id, delivery.event_id));
  if (!event) return not_cleared("erased");
  if (!is_forwarded_event(*event)) return not_cleared("not_forwarded");
  ConsentFacts facts;
  facts.site_default = site.consent_default;
  facts.occurred_ms = event->t_ms;
  // The id that the browser used then, which may be another one than its session's.
  TL_CHECK(add_recorded(tables, site.id, delivery.anonymous_id, facts));
  Gathered gathered{clear_delivery(purpose, facts), {}};
  if (!gathered.clearance.may_send) return gathered;

  Dispatch& dispatch = gathered.dispatch;
  dispatch.delivery = delivery;
  dispatch.event_name = event->name;
  dispatch.event_id = event->id;
  dispatch.occurred_ms = event->t_ms;
  dispatch.anonymous_id = event->anonymous_id;
  dispatch.session_id = event->session_id;
  dispatch.consent = gathered.clearance.consent;
  dispatch.url = event->url;
  dispatch.title = event->title;
  dispatch.props = event->props;
  TL_TRY(arrival, tables.events().find_touch(site.id, event->session_id, event->id));
  if (arrival) dispatch.referrer = referrer_of(*arrival);
  TL_CHECK(add_visitor(tables, dispatch));
  return gathered;
}

struct Sale {
  std::optional<ConversionRow> conversion;
  std::optional<OrderRow> order;
};

// A conversion's delivery names it by its id; a refund's by an alias of the order. A lead's or
// signup's reference may well be the number of some order, which is none of theirs.
Outcome<Sale> find_sale(OrderStore& orders, std::string_view site_id, const Id128& event_id) {
  Sale sale;
  TL_TRY(conversion, orders.find_conversion(site_id, event_id));
  sale.conversion = std::move(conversion);
  if (sale.conversion) {
    if (sale.conversion->kind != "purchase") return sale;
    TL_TRY(order, orders.find_order(site_id, sale.conversion->provider, sale.conversion->order_id));
    sale.order = std::move(order);
    return sale;
  }
  TL_TRY(order, orders.find_order_by_reference(site_id, uuid_text(event_id)));
  sale.order = std::move(order);
  if (!sale.order) return sale;
  TL_TRY(purchase, orders.find_conversion_of_order(site_id, sale.order->provider,
                                                   sale.order->order_id, "purchase"));
  sale.conversion = std::move(purchase);
  return sale;
}

Outcome<std::string> last_page_of(EventStore& events, std::string_view site_id,
                                  const Id128& session_id) {
  TL_TRY(rows, events.events_of_session(site_id, session_id, kSessionEvents));
  for (auto row = rows.rbegin(); row != rows.rend(); ++row)
    if (!row->url.empty()) return row->url;
  return std::string();
}

Outcome<Gathered> gather_conversion(Tables& tables, const SiteConfig& site,
                                    const DeliveryRow& delivery, Purpose purpose) {
  TL_TRY(sale, find_sale(tables.orders(), site.id, delivery.event_id));
  if (!sale.conversion) return not_cleared("erased");
  const ConversionRow& conversion = *sale.conversion;
  ConsentFacts facts;
  facts.site_default = site.consent_default;
  facts.occurred_ms = conversion.occurred_ms;
  facts.is_live = conversion.live;
  facts.match = conversion.match_type;
  facts.stated =
      sale.order ? sale.order->stated_consent : parse_snapshot(conversion.snapshot).stated_consent;
  TL_CHECK(add_recorded(tables, site.id, conversion.anonymous_id, facts));
  Gathered gathered{clear_delivery(purpose, facts), {}};
  if (!gathered.clearance.may_send) return gathered;

  Dispatch& dispatch = gathered.dispatch;
  dispatch.delivery = delivery;
  dispatch.event_name = delivery.event_name;
  dispatch.event_id = delivery.event_id;
  dispatch.occurred_ms = conversion.occurred_ms;
  dispatch.consent = gathered.clearance.consent;
  dispatch.conversion = conversion;
  dispatch.order = sale.order;
  // Ids that an e-mail address, a phone number or a customer account alone led to stay here.
  if (identifies_visitor(conversion.match_type)) {
    dispatch.anonymous_id = conversion.anonymous_id;
    dispatch.session_id = conversion.session_id;
  } else {
    dispatch.conversion->first_touch.reset();
    dispatch.conversion->last_touch.reset();
  }
  if (sale.order) {
    dispatch.user_id = sale.order->user_id;
    if (follows_sale(delivery.event_name)) {
      TL_TRY(refund, told_refund(tables, delivery, conversion, *sale.order));
      dispatch.occurred_ms = refund.occurred_ms;
      dispatch.refunded_minor = refund.amount_minor;
      gathered.has_told_sale = refund.has_told_sale;
      gathered.has_told_another = refund.has_told_another;
      gathered.is_beyond_sale = refund.is_beyond_sale;
    }
  }
  if (dispatch.session_id) {
    TL_TRY(url, last_page_of(tables.events(), site.id, *dispatch.session_id));
    dispatch.url = std::move(url);
  }
  TL_CHECK(add_visitor(tables, dispatch));
  if (dispatch.url.empty() && dispatch.context) dispatch.url = dispatch.context->landing_url;
  return gathered;
}

}  // namespace

Outcome<Gathered> gather_dispatch(Tables& tables, const SiteConfig& site,
                                  const DeliveryRow& delivery, Purpose purpose) {
  return delivery.subject == DeliverySubject::event
             ? gather_event(tables, site, delivery, purpose)
             : gather_conversion(tables, site, delivery, purpose);
}

}  // namespace tl::server
