// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/checkouts.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/attribution/coarse_origin.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/outbox/event_outbox.hpp"
#include "server/core/text/id_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>

namespace tl::server {
namespace {

constexpr std::int64_t kDoubleClickMs = 10 * 1000;
constexpr std::int64_t kMostPieces = 100;
constexpr std::uint32_t kPageSearch = 1000;
constexpr std::array<std::int64_t, 2> kPausesMs = {200, 600};

// A coupon's id may be guessed, so a page may name those alone that the item lists.
Outcome<void> take_discount(const CheckoutItem& item, const CheckoutWish& wish,
                            CheckoutOrder& order) {
  if (!wish.promotion_code.empty() && !wish.coupon.empty())
    return invalid("bad_field", "give \"promotion_code\" or \"coupon\": one discount a checkout");
  if (!wish.promotion_code.empty() && !item.promotion_codes)
    return invalid("discount_not_allowed", "the item \"" + item.id +
                                               "\" takes no promotion codes; set promotion_codes "
                                               "= true in its [[site.checkout]]");
  if (!wish.coupon.empty() &&
      std::find(item.coupons.begin(), item.coupons.end(), wish.coupon) == item.coupons.end())
    return invalid("discount_not_allowed",
                   "the item \"" + item.id +
                       "\" does not list this coupon; add it to coupons in its [[site.checkout]]");
  order.promotion_code = wish.promotion_code;
  order.coupon = wish.coupon;
  return {};
}

Outcome<CheckoutOrder> order_of(const SiteConfig& site, const CheckoutWish& wish) {
  const auto item = std::find_if(site.checkouts.begin(), site.checkouts.end(),
                                 [&](const CheckoutItem& entry) { return entry.id == wish.item; });
  if (wish.item.empty() || wish.item.size() > kLongestIdBytes)
    return invalid("bad_field", "\"item\" must name what is bought: the id of a [[site.checkout]]");
  if (item == site.checkouts.end())
    return fail(ErrorKind::not_found, "no_such_item",
                "the site \"" + site.id + "\" has no checkout item \"" + wish.item +
                    "\"; add it as [[site.checkout]] to the configuration");
  if (wish.quantity < 1 || wish.quantity > kMostPieces)
    return invalid("bad_quantity", "quantity must be from 1 to " + std::to_string(kMostPieces));
  CheckoutOrder order;
  order.item = *item;
  order.site_name = site.name.empty() ? site.id : site.name;
  order.quantity = wish.quantity;
  order.email = wish.email;
  TL_CHECK(take_discount(*item, wish, order));
  const bool is_free_amount = item->price.empty();
  if (!is_free_amount && (wish.amount_minor || !wish.currency.empty()))
    return invalid("amount_not_allowed",
                   "the item \"" + item->id +
                       "\" has a price of its own; leave amount_minor and currency out");
  if (!wish.currency.empty() && wish.currency != item->currency)
    return invalid("bad_currency", "the item \"" + item->id + "\" is paid in " + item->currency +
                                       ", not " + wish.currency + "; leave currency out");
  if (is_free_amount) {
    // The limits are those of what is paid; the first comparison keeps the product in range.
    const std::int64_t amount = wish.amount_minor.value_or(0);
    if (amount < 1 || amount > item->max_minor || amount * wish.quantity < item->min_minor ||
        amount * wish.quantity > item->max_minor)
      return invalid("bad_amount", "amount_minor times quantity must be from " +
                                       std::to_string(item->min_minor) + " to " +
                                       std::to_string(item->max_minor) + " (" + item->currency +
                                       ", minor units)");
    order.amount_minor = *wish.amount_minor;
  }
  return order;
}

// One for every wish; wishes alike in the same ten seconds share it.
std::string idempotency_key(const SiteConfig& site, const CheckoutOrder& order,
                            const CheckoutWish& wish, std::int64_t bucket) {
  FieldHash hash("tl-checkout");
  hash.add(site.id);
  hash.add(order.handover ? order.handover->session_id : Id128{});
  hash.add(order.handover ? std::string_view{} : std::string_view(wish.origin));
  hash.add(order.item.id).add(std::to_string(order.amount_minor));
  hash.add(std::to_string(order.quantity)).add(order.email).add(std::to_string(bucket));
  hash.add(order.promotion_code).add(order.coupon).add(order.coarse);
  const Digest digest = hash.finish();
  return "tl-" + to_hex(digest);
}

}  // namespace

Outcome<MadeCheckout> Checkouts::make(const SiteConfig& site, const PaymentConfig& config,
                                      const CheckoutMaker& maker, const CheckoutWish& wish) {
  TL_TRY(order, order_of(site, wish));
  // The provider compares a repeat's whole body, so the time in it is that of the ten seconds.
  const std::int64_t bucket = clock_.now_ms() / kDoubleClickMs;
  order.handover = permitted_handover(site, wish, bucket * kDoubleClickMs);
  if (!order.handover) order.coarse = permitted_coarse(site, wish.coarse);
  order.idempotency_key = idempotency_key(site, order, wish, bucket);
  TL_TRY(request, maker.request(order, config));
  OutgoingAnswer answer = client_.send(request);
  for (const std::int64_t pause_ms : kPausesMs) {
    if (!maker.may_repeat(answer)) break;
    pause_(pause_ms);
    answer = client_.send(request);
  }
  const auto made = maker.read(answer);
  if (made.ok())
    faults_.succeeded(site.id, config.provider);
  else if (made.error().kind == ErrorKind::unavailable)
    faults_.failed(site.id, config.provider, made.error(), clock_.now_ms());
  if (!made.ok()) return made;
  // The buyer can pay now; a store that is away for a moment must not stop that.
  if (wish.visit && order.handover)
    static_cast<void>(record_started(site, order, *wish.visit, made.value()));
  return made;
}

// What the visitor chose since counts, not what the token says of then. With the store away nobody
// knows it, and the ids stay here.
std::optional<Handover> Checkouts::permitted_handover(const SiteConfig& site,
                                                      const CheckoutWish& wish,
                                                      std::int64_t started_ms) {
  std::optional<Handover> handover;
  if (wish.visit)
    handover = Handover{wish.visit->anonymous_id, wish.visit->session_id, started_ms};
  else if (wish.claim)
    handover = wish.claim;  // with its own time: a used or old token is not made new here
  if (!handover) return {};
  std::optional<ConsentRecord> recorded;
  const auto read = store_.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.people().find_consent(site.id, handover->anonymous_id));
    recorded = found;
    return {};
  });
  if (!read.ok() || (recorded && !permits_ids(recorded->consent))) return {};
  return handover;
}

Outcome<void> Checkouts::record_started(const SiteConfig& site, const CheckoutOrder& order,
                                        const SessionToken& visit, const MadeCheckout& made) {
  const std::int64_t now_ms = clock_.now_ms();
  EventRow event;
  event.site_id = site.id;
  event.session_id = visit.session_id;
  event.anonymous_id = visit.anonymous_id;
  event.name = "checkout_started";
  event.t_ms = event.raw_t_ms = event.received_ms = now_ms;
  event.clock = ClockRule::received;
  // A double click ends in the same checkout and so in the same event.
  const Digest nonce = FieldHash("tl-checkout-event").add(made.id).finish();
  std::copy_n(nonce.begin(), event.page_nonce.bytes.size(), event.page_nonce.bytes.begin());
  event.id = derive_event_id(site.id, event.session_id, event.page_nonce, event.seq, event.name,
                             order.handover->checkout_started_ms);
  nlohmann::json props = {{"product_id", order.item.id}, {"quantity", order.quantity}};
  if (!order.item.name.empty()) props["product_name"] = order.item.name;
  if (order.item.price.empty()) {
    props["currency"] = order.item.currency;
    props["price"] = write_decimal_amount(order.amount_minor, order.item.currency);
  }
  event.props = props.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  event.why = SessionReason::same;
  event.verdict = Verdict::server;
  event.rules_version = kRulesVersion;
  return store_.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(recorded, tables.people().find_consent(site.id, visit.anonymous_id));
    const Consent consent = recorded ? recorded->consent : visit.consent;
    if (!permits_ids(consent)) return {};  // withdrawn while the provider answered
    TL_TRY(session, tables.events().find_session(site.id, visit.session_id));
    if (!session) return {};
    event.session_id = session->id;
    event.is_bot = session->is_bot;
    // The page that asked; Meta takes a website's events with their page only.
    TL_TRY(before, tables.events().events_of_session(site.id, session->id, kPageSearch));
    const auto page = std::find_if(before.rbegin(), before.rend(),
                                   [](const EventRow& seen) { return !seen.url.empty(); });
    if (page != before.rend()) event.url = page->url;
    EventRow kept = event;
    kept.anonymous_id = session->anonymous_id;
    TL_TRY(is_new, tables.events().insert_event(kept));
    if (!is_new) return {};
    ++session->events;
    session->last_ms = std::max(session->last_ms, now_ms);
    TL_CHECK(tables.events().put_session(*session));
    return enqueue_event(tables.outbox(), *find_lanes_(site.id), event, consent, now_ms);
  });
}

}  // namespace tl::server
