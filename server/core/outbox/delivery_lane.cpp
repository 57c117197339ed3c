// SPDX-License-Identifier: Apache-2.0
// A round of a lane. Store works are repeated by the store when it must, so they only write to
// values that they set afresh each time.
#include "server/core/outbox/delivery_lane.hpp"

#include "server/core/orders/order_refunds.hpp"
#include "server/core/outbox/conversion_outbox.hpp"
#include "server/core/outbox/delivery_schedule.hpp"
#include "server/core/outbox/destination_account.hpp"
#include "server/core/outbox/transaction_ids.hpp"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace tl::server {
namespace {

using VerdictKind = DeliveryVerdict::Kind;

// How long a crashed sender's rows rest beyond the request's own time limit.
constexpr std::int64_t kLeaseMarginMs = 20 * kSecondMs;
// How often it is looked whether the account that a delivery is for is back.
constexpr std::int64_t kAccountLookMs = 15 * kMinuteMs;
constexpr std::size_t kMostRequestBytes = std::size_t{4} << 20;
// The first character of a kept body: which consent it was built under. Not sent. Bodies of former
// versions begin otherwise.
constexpr char kMarketing = 'M', kOwnMeasurement = 'S';

const DestinationConfig* find_config(const SiteConfig& site, std::string_view name) {
  for (const auto& config : site.destinations)
    if (config.name == name) return &config;
  return nullptr;
}

// Whether a kept body may be sent under today's consent and rules. One from the time when marketing
// was permitted may hold more than may be told now, and one of a former version a contact as the
// user's id, of a user whose id has changed since. Such a body is built afresh, under the same
// event id: what the vendor may have taken, it knows by that again.
bool may_go_again(const std::string& body, bool may_hold_marketing) {
  if (body.empty()) return false;
  return body.front() == kOwnMeasurement || (may_hold_marketing && body.front() == kMarketing);
}

}  // namespace

DeliveryLane::DeliveryLane(const OutboxParts& parts, std::string site_id,
                           std::string destination_name)
    : parts_(parts),
      sending_(parts.client, parts.clock, parts.entropy),
      site_id_(std::move(site_id)),
      destination_(std::move(destination_name)) {}

std::uint64_t DeliveryLane::random() const {
  std::uint8_t bytes[8];
  parts_.entropy.fill(bytes, sizeof bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes, sizeof number);
  return number;
}

void DeliveryLane::report(std::string_view what, std::string_view detail) const {
  if (parts_.report) parts_.report(what, name(), detail);
}

std::int64_t DeliveryLane::lease_until(const Target& target) const {
  return parts_.clock.now_ms() + target.limits().timeout_ms + kLeaseMarginMs;
}

void DeliveryLane::end(DeliveryRow& row, DeliveryState state, std::string reason) const {
  row.state = state;
  row.last_error = std::move(reason);
  row.lease_until_ms = 0;
  row.body.clear();
}

void DeliveryLane::bury(DeliveryRow& row, std::string_view code, std::string reason) const {
  end(row, DeliveryState::dead, std::move(reason));
  std::string detail = "delivery " + std::to_string(row.id) + ", " + std::string(code);
  if (row.last_status != 0) detail += ", answer " + std::to_string(row.last_status);
  report("dead_letter", detail);
}

Outcome<DeliveryLane::Round> DeliveryLane::run_once() {
  const auto site = parts_.find_site(site_id_);
  const auto* config = site ? find_config(*site, destination_) : nullptr;
  const auto* destination = config != nullptr ? parts_.find_destination(config->kind) : nullptr;
  if (destination == nullptr) return Round{};  // no longer configured: its rows wait
  const Target target{*site, *config, *destination};

  TL_TRY(due, look());
  const std::int64_t now = parts_.clock.now_ms();
  const auto is_due = [&](const std::optional<std::int64_t>& at) { return at && *at <= now; };
  if (!is_due(due.send_ms) && !is_due(due.ask_ms)) {
    if (!due.send_ms || !due.ask_ms) return Round{false, due.send_ms ? due.send_ms : due.ask_ms};
    return Round{false, std::min(*due.send_ms, *due.ask_ms)};
  }
  const bool probes = is_closed();
  const bool is_first = is_first_round_;
  is_first_round_ = false;
  if (is_due(due.ask_ms)) {
    TL_CHECK(ask_result(target));
    if (lane_.until_ms > now) return Round{true, now};  // the answer closed the lane
  }
  if (is_due(due.send_ms)) {
    TL_TRY(items, lease(target, probes ? 1 : target.limits().max_batch));
    TL_CHECK(prepare(target, items));
    // What is held or has ended asks the receiver nothing.
    if (probes && !items.empty() && !items.front().is_clear) is_first_round_ = is_first;
    TL_CHECK(send_in_parts(target, std::move(items)));
  }
  return Round{true, now};
}

Outcome<DeliveryLane::Due> DeliveryLane::look() {
  Due due;
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(lane, tables.outbox().lane(site_id_, destination_));
    TL_TRY(next, tables.outbox().next_due(site_id_, destination_));
    TL_TRY(result, tables.outbox().next_result_due(site_id_, destination_));
    lane_ = lane;
    due = {next, result};
    return {};
  }));
  // A start opens what a receiver closed for good, whatever comes of the first delivery: it may be
  // too old to be sent, or find the receiver away.
  if (lane_.state == "disabled" && is_first_round_) {
    lane_ = {"ok", 0, ""};
    TL_CHECK(parts_.store.write(
        [&](Tables& tables) { return tables.outbox().set_lane(site_id_, destination_, lane_); }));
  }
  const std::int64_t open_ms = is_closed() && is_first_round_ ? 0 : lane_.until_ms;
  if (due.send_ms) due.send_ms = std::max({*due.send_ms, open_ms, pause_until_ms_});
  if (due.ask_ms) due.ask_ms = std::max({*due.ask_ms, open_ms, asking_pause_until_ms_});
  return due;
}

Outcome<DeliveryLane::Items> DeliveryLane::lease(const Target& target, std::uint32_t limit) {
  Items items;
  const std::int64_t until = lease_until(target);
  TL_CHECK(parts_.store.write([&](Tables& tables) -> Outcome<void> {
    TL_TRY(rows,
           tables.outbox().lease(site_id_, destination_, parts_.clock.now_ms(), until, limit));
    items.clear();
    for (auto& row : rows) {
      Item item;
      item.was_ambiguous = row.ambiguous;
      item.leased_until_ms = until;
      item.row = std::move(row);
      if (!item.row.account) item.row.account = account_of(target.config);
      items.push_back(std::move(item));
    }
    return {};
  }));
  return items;
}

Outcome<void> DeliveryLane::prepare(const Target& target, Items& items) {
  std::vector<Gathered> gathered;
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    gathered.clear();
    for (const Item& item : items) {
      TL_TRY(one, gather_dispatch(tables, target.site, item.row,
                                  target.destination.purpose(target.config)));
      gathered.push_back(std::move(one));
    }
    return {};
  }));
  std::vector<bool> goes(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) goes[i] = may_go(target, gathered[i], items[i]);
  TL_CHECK(name_sales(target, goes, gathered));
  for (std::size_t i = 0; i < items.size(); ++i)
    if (goes[i]) build(target, gathered[i], items[i]);
  return {};
}

Outcome<void> DeliveryLane::name_sales(const Target& target, const std::vector<bool>& goes,
                                       std::vector<Gathered>& gathered) {
  const OrderNumbers numbers = target.destination.order_numbers(target.config);
  std::vector<Dispatch*> sales;
  for (std::size_t i = 0; i < gathered.size(); ++i) {
    Dispatch& dispatch = gathered[i].dispatch;
    if (goes[i] && dispatch.conversion && dispatch.conversion->kind == "purchase")
      sales.push_back(&dispatch);
  }
  if (numbers.scope.empty() || sales.empty()) return {};
  // What goes again has its number: writing would make every round wait for the writer.
  TL_CHECK(parts_.store.read([&](Tables& tables) -> Outcome<void> {
    for (Dispatch* sale : sales) {
      TL_TRY(known, known_transaction_id(tables, numbers, *sale->conversion));
      sale->transaction_id = std::move(known).value_or("");
    }
    return {};
  }));
  std::erase_if(sales, [](const Dispatch* sale) { return !sale->transaction_id.empty(); });
  if (sales.empty()) return {};
  return parts_.store.write([&](Tables& tables) -> Outcome<void> {
    for (Dispatch* sale : sales) {
      TL_TRY(name, assign_transaction_id(tables, numbers, destination_, *sale->conversion));
      sale->transaction_id = std::move(name);
    }
    return {};
  });
}

// Ends what consent, age or the vendor do not permit.
bool DeliveryLane::may_go(const Target& target, const Gathered& gathered, Item& item) const {
  DeliveryRow& row = item.row;
  const auto limits = target.limits(row.event_name);
  if (!gathered.clearance.may_send) {
    end(row, DeliveryState::withheld, std::string(gathered.clearance.reason));
  } else if (const auto late = past_deadline(row, limits, parts_.clock.now_ms())) {
    const std::string told = std::string(*late) + ": " + row.last_error;
    // What was too old when it came, as an imported order may be, is nobody's fault here.
    if (past_deadline(row, limits, row.created_ms))
      end(row, DeliveryState::dead, told);
    else
      bury(row, *late, told);
  } else if (!is_for_account(row, account_of(target.config))) {
    hold_for_account(row);
  } else if (gathered.dispatch.consent.opted_out_of_sale && !limits.has_limited_use) {
    end(row, DeliveryState::withheld, "opted_out_of_sale");
  } else if ((limits.restates && follows_sale(row.event_name) && !gathered.has_told_sale) ||
             gathered.has_told_another) {
    end(row, DeliveryState::withheld, "sale_not_told");
  } else if (!limits.restates && gathered.is_beyond_sale) {
    end(row, DeliveryState::withheld, "sale_told_for_less");
  } else {
    return true;
  }
  return false;
}

// The body stays behind: it may hold what the next receiver must not hear.
void DeliveryLane::hold_for_account(DeliveryRow& row) const {
  end(row, DeliveryState::failed,
      std::string(kOtherAccount) + ": destination " + destination_ +
          " has another account now than this was made for; it waits until that one is back, or "
          "is sent again by hand to the one that is there");
  row.next_attempt_ms = parts_.clock.now_ms() + kAccountLookMs;
}

void DeliveryLane::build(const Target& target, const Gathered& gathered, Item& item) {
  const auto& conversion = gathered.dispatch.conversion;
  const bool is_sale = conversion && item.row.event_name == conversion->kind;
  const bool is_restated =
      target.limits().restates && conversion &&
      (follows_sale(item.row.event_name) || !read_refund_steps(conversion->refunds).empty() ||
       (is_sale && item.row.told_minor != conversion->amount_minor));
  const bool may_hold_marketing = permits_marketing_data(gathered.dispatch.consent);
  if (is_restated || !may_go_again(item.row.body, may_hold_marketing)) {
    auto body = target.destination.build(gathered.dispatch, target.config, parts_.clock.now_ms());
    if (!body.ok()) {
      bury(item.row, body.error().code, body.error().code + ": " + body.error().detail);
      return;
    }
    item.row.body = (may_hold_marketing ? kMarketing : kOwnMeasurement) + body.value();
    if (is_sale) item.row.told_minor = conversion->amount_minor;
  }
  item.is_clear = true;
}

// Writes what is about to happen, or why it will not. A row that was withheld since it was leased,
// or leased by another node, is left alone.
Outcome<void> DeliveryLane::mark_sending(const Target& target, Items& items, bool counts) {
  const std::int64_t now = parts_.clock.now_ms();
  const std::int64_t until = lease_until(target);
  for (Item& item : items) {
    if (!item.is_clear) continue;
    item.row.lease_until_ms = until;
    item.row.ambiguous = true;
    if (counts) ++item.row.attempts;
    if (!item.row.first_sent_ms) item.row.first_sent_ms = now;
  }
  std::vector<bool> mine;
  const Store::Work work = [&](Tables& tables) -> Outcome<void> {
    mine.assign(items.size(), false);
    for (std::size_t i = 0; i < items.size(); ++i) {
      TL_TRY(stored, tables.outbox().find_delivery(items[i].row.id));
      if (!stored || stored->state != DeliveryState::sending ||
          stored->lease_until_ms != items[i].leased_until_ms)
        continue;
      mine[i] = true;
      TL_CHECK(tables.outbox().put_delivery(items[i].row));
    }
    return {};
  };
  TL_CHECK(parts_.store.write(work));
  for (std::size_t i = 0; i < items.size(); ++i) {
    items[i].is_mine = mine[i];
    items[i].leased_until_ms = until;
  }
  return {};
}

// Bodies may be large: a request takes as many as fit. What goes alone goes first, and only while
// the vendor answers.
Outcome<void> DeliveryLane::send_in_parts(const Target& target, Items items) {
  const auto others = std::stable_partition(items.begin(), items.end(),
                                            [](const Item& item) { return item.row.is_alone; });
  for (auto item = items.begin(); item != others; ++item) {
    const std::int64_t now = parts_.clock.now_ms();
    if (pause_until_ms_ > now || lane_.until_ms > now)
      return give_back(target,
                       Items(std::make_move_iterator(item), std::make_move_iterator(items.end())));
    TL_CHECK(deliver(target, Items{std::move(*item)}, true));
  }
  items.erase(items.begin(), others);
  Items part;
  std::size_t bytes = 0;
  for (Item& item : items) {
    if (!part.empty() && bytes + item.row.body.size() > kMostRequestBytes) {
      TL_CHECK(deliver(target, std::move(part), true));
      part = Items();
      bytes = 0;
    }
    bytes += item.row.body.size();
    part.push_back(std::move(item));
  }
  if (part.empty()) return {};
  return deliver(target, std::move(part), true);
}

// What was leased and cannot be sent now waits where it was.
Outcome<void> DeliveryLane::give_back(const Target& target, Items items) {
  for (Item& item : items) {
    if (!item.is_clear) continue;
    item.is_clear = false;
    item.row.state = item.row.attempts > 0 ? DeliveryState::failed : DeliveryState::queued;
    item.row.lease_until_ms = 0;
  }
  return mark_sending(target, items, false);
}

Outcome<void> DeliveryLane::deliver(const Target& target, Items items, bool counts) {
  TL_CHECK(mark_sending(target, items, counts));
  std::erase_if(items, [](const Item& item) { return !item.is_clear || !item.is_mine; });
  if (items.empty()) return {};

  std::vector<std::string> bodies;
  for (const Item& item : items) bodies.push_back(item.row.body.substr(1));
  OutgoingRequest request = target.destination.envelope(bodies, target.config);
  request.timeout_ms = target.limits().timeout_ms;
  const std::int64_t started = parts_.clock.now_ms();
  const auto sent = sending_.send(target.destination, target.config, request);
  const DeliveryVerdict verdict =
      sent.refusal ? *sent.refusal : target.destination.judge(sent.answer, items.size());
  TL_CHECK(settle(target, items, sent.answer, verdict, started));

  const std::size_t all = items.size();
  std::erase_if(items, [](const Item& item) { return !item.goes_again; });
  if (items.empty()) return {};
  if (items.size() < all) return deliver(target, std::move(items), false);
  const auto middle = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
  Items second(std::make_move_iterator(middle), std::make_move_iterator(items.end()));
  items.erase(middle, items.end());
  TL_CHECK(deliver(target, std::move(items), false));
  return deliver(target, std::move(second), false);
}

}  // namespace tl::server
