// SPDX-License-Identifier: Apache-2.0
#include "server/providers/described_provider.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/providers/described_change.hpp"
#include "server/providers/exact_json.hpp"
#include "server/providers/signature_check.hpp"
#include "server/providers/webhook_fields.hpp"
#include "throughline/hash.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace tl::server {
namespace {

using nlohmann::json;

bool names_type(const EventRule& rule, std::string_view type) {
  return is_one_of(type, rule.types);
}

// Nothing fits, although the type is known: the payment is not made, or others tell it.
OrderChange unmatched(const PaymentDescription& description, OrderChange change) {
  const auto known = std::find_if(
      description.events.begin(), description.events.end(),
      [&](const auto& rule) { return rule.each.empty() && names_type(rule, change.event_type); });
  if (known == description.events.end())
    ignore(change, "unknown_type");
  else
    ignore(change, known->role == EventRole::paid ? "unpaid" : "secondary_event");
  return change;
}

// One event of a delivery.
class EventReader {
 public:
  EventReader(const PaymentDescription& description, const PaymentConfig& config,
              const SiteConfig& site, const EventPlace& place)
      : description_(description), site_(site), place_(place) {
    start_.event_key = first_text_of(place, description.event_id);
    if (start_.event_key.empty()) start_.event_key = body_key(place.request.body);
    start_.event_type = first_text_of(place, description.event_type);
    start_.tells_live = !description.test_when.empty();
    start_.live =
        config.live && std::none_of(description.test_when.begin(), description.test_when.end(),
                                    [&](const auto& test) { return holds(place, test); });
  }

  // At least one change. Of what makes no sense the first is told, as unreadable and last.
  std::vector<OrderChange> read() {
    if (start_.event_type.empty())
      trouble_ = invalid("malformed_body",
                         "the webhook from " + description_.name + " does not say what it tells");
    else
      read_rules();
    if (changes_.empty() && !trouble_) take(unmatched(description_, start_));
    if (trouble_) {
      start_.kind = OrderChange::Kind::unreadable;
      start_.reason = trouble_->code;
      start_.complaint = trouble_->detail;
      changes_.push_back(std::move(start_));
    }
    return std::move(changes_);
  }

 private:
  void read_rules() {
    bool is_decided = false;
    for (const auto& rule : description_.events) {
      if (!names_type(rule, start_.event_type) || !all_hold(place_, rule.when)) continue;
      if (!rule.each.empty()) {
        read_each(rule);
      } else if (rule.is_beside || !is_decided) {
        is_decided = is_decided || !rule.is_beside;
        take(read_described_change({description_, rule, site_}, place_, start_));
      }
    }
  }

  void read_each(const EventRule& rule) {
    const json* list = pointed_at(place_, rule.each);
    if (list == nullptr || !list->is_array()) return;
    for (const auto& member : *list)
      take(read_described_change({description_, rule, site_}, place_.at(member), start_));
    if (rule.is_whole_list) take_list(rule, *list);
  }

  // Nothing where one of the list cannot be named: it would count as taken back.
  void take_list(const EventRule& rule, const json& list) {
    EventRule whole = rule;
    whole.role = EventRole::enrich;
    auto change = read_described_change({description_, whole, site_}, place_, start_);
    if (!change.ok()) return;
    OrderChange& told = change.value();
    told.change_key = "refunds:" + told.order_id + ":" + std::to_string(told.occurred_ms);
    told.listed_refunds = RefundList{{}, place_.request.now_ms};
    for (const auto& member : list) {
      const std::string id = first_text_of(place_.at(member), rule.fields.refund_id);
      if (id.empty()) return;
      told.change_key += ":" + id;
      told.listed_refunds->ids.push_back(id);
    }
    take(std::move(change));
  }

  void take(Outcome<OrderChange> change) {
    const auto checked =
        change.ok() ? check_ids(change.value(), description_.name) : Outcome<void>(change.error());
    if (checked.ok())
      changes_.push_back(std::move(change).value());
    else if (!trouble_)
      trouble_ = checked.error();
  }

  const PaymentDescription& description_;
  const SiteConfig& site_;
  const EventPlace& place_;
  OrderChange start_;
  std::vector<OrderChange> changes_;
  std::optional<ServerError> trouble_;
};

// A delivery with one of its events alone, made from `body` again and again.
std::string body_alone(json& body, const std::string& split, const json& event) {
  const_cast<json&>(*value_at(body, split)) = json::array({event});  // `body` is no constant
  return body.dump();
}

bool is_unreadable(const OrderChange& change) {
  return change.kind == OrderChange::Kind::unreadable;
}

}  // namespace

json described_body(const PaymentDescription& description, const WebhookRequest& request) {
  return description.content == PaymentDescription::Content::form ? parse_form(request.body)
                                                                  : parse_exact_json(request.body);
}

Outcome<std::vector<OrderChange>> read_described(const PaymentDescription& description,
                                                 const json& body, const WebhookRequest& request,
                                                 const PaymentConfig& config,
                                                 const SiteConfig& site) {
  if (body.is_discarded() || (!body.is_object() && description.split.empty()))
    return invalid("malformed_body", "the webhook's body is signed by " + description.name +
                                         " but is no JSON object");
  const bool is_split = !description.split.empty();
  const json* list = is_split ? value_at(body, description.split) : nullptr;
  if (is_split && (list == nullptr || !list->is_array() || list->empty()))
    return invalid("malformed_body",
                   "the webhook from " + description.name + " holds no list of events");
  std::vector<OrderChange> changes;
  const std::size_t events = is_split ? list->size() : 1;
  for (std::size_t i = 0; i < events; ++i) {
    const json& event = is_split ? (*list)[i] : body;
    for (auto& change : EventReader(description, config, site, {request, body, event}).read()) {
      change.place = static_cast<std::uint32_t>(i + 1);
      changes.push_back(std::move(change));
    }
  }
  const auto unread = std::stable_partition(
      changes.begin(), changes.end(), [](const auto& change) { return !is_unreadable(change); });
  if (unread == changes.begin()) return invalid(unread->reason, unread->complaint);
  json rest = unread == changes.end() ? json() : body;
  for (auto part = unread; part != changes.end(); ++part)
    part->body = events == 1 ? std::string(request.body)
                             : body_alone(rest, description.split, (*list)[part->place - 1]);
  // A delivery of several events is none of them: another may bring the first with others.
  if (events > 1) changes.front().event_key = body_key(request.body);
  return changes;
}

ConfigComplaint DescribedProvider::complaint(const PaymentConfig& config, std::int64_t) const {
  return secrets_complaint(description(config).signatures, config.webhook_secrets);
}

Outcome<std::vector<OrderChange>> DescribedProvider::read(const WebhookRequest& request,
                                                          const PaymentConfig& config,
                                                          const SiteConfig& site) const {
  TL_CHECK(check_signature(description(config), request, config));
  return read_fetched(request, config, site);
}

Outcome<std::vector<OrderChange>> DescribedProvider::read_fetched(const WebhookRequest& request,
                                                                  const PaymentConfig& config,
                                                                  const SiteConfig& site) const {
  const auto& own = description(config);
  return read_described(own, described_body(own, request), request, config, site);
}

std::string DescribedProvider::event_key(const WebhookRequest& request,
                                         const PaymentConfig& config) const {
  const auto& own = description(config);
  const json body = described_body(own, request);
  const json* list = own.split.empty() ? nullptr : value_at(body, own.split);
  const bool is_list = list != nullptr && list->is_array();
  std::string key;
  if (!is_list || list->size() == 1)
    key = first_text_of({request, body, is_list ? list->front() : body}, own.event_id);
  return key.empty() ? body_key(request.body) : key;
}

std::string DescribedProvider::given_secret(const WebhookRequest& request,
                                            const PaymentConfig& config) const {
  return secret_given(description(config), request);
}

}  // namespace tl::server
