// SPDX-License-Identifier: Apache-2.0
#include "server/providers/described_provider.hpp"

#include "server/core/secret_box.hpp"
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

std::string body_key(const WebhookRequest& request) {
  const Digest digest = sha256(request.body);
  return "sha256:" + to_hex(digest);
}

class EventReader {
 public:
  EventReader(const PaymentDescription& description, const PaymentConfig& config,
              const SiteConfig& site)
      : description_(description), config_(config), site_(site) {}

  Outcome<void> read(const EventPlace& place, std::vector<OrderChange>& changes) const {
    OrderChange start;
    start.event_key = first_text_of(place, description_.event_id);
    if (start.event_key.empty()) start.event_key = body_key(place.request);
    start.event_type = first_text_of(place, description_.event_type);
    if (start.event_type.empty())
      return invalid("malformed_body",
                     "the webhook from " + description_.name + " does not say what it tells");
    start.tells_live = !description_.test_when.empty();
    start.live =
        config_.live && std::none_of(description_.test_when.begin(), description_.test_when.end(),
                                     [&](const auto& test) { return holds(place, test); });
    const std::size_t before = changes.size();
    bool is_decided = false;
    for (const auto& rule : description_.events) {
      if (!names_type(rule, start.event_type) || !all_hold(place, rule.when)) continue;
      if (!rule.each.empty()) {
        TL_CHECK(read_each(rule, place, start, changes));
      } else if (!is_decided) {
        is_decided = true;
        TL_TRY(change, read_described_change({description_, rule, site_}, place, start));
        changes.push_back(std::move(change));
      }
    }
    if (changes.size() == before) changes.push_back(unmatched(description_, std::move(start)));
    return {};
  }

 private:
  Outcome<void> read_each(const EventRule& rule, const EventPlace& place, const OrderChange& start,
                          std::vector<OrderChange>& changes) const {
    const json* list = pointed_at(place, rule.each);
    if (list == nullptr || !list->is_array()) return {};
    for (const auto& member : *list) {
      TL_TRY(change, read_described_change({description_, rule, site_}, place.at(member), start));
      changes.push_back(std::move(change));
    }
    return {};
  }

  const PaymentDescription& description_;
  const PaymentConfig& config_;
  const SiteConfig& site_;
};

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
  const EventReader reader(description, config, site);
  std::vector<OrderChange> changes;
  if (description.split.empty()) {
    TL_CHECK(reader.read({request, body, body}, changes));
    TL_CHECK(check_ids(changes, description.name));
    return changes;
  }
  const json* list = value_at(body, description.split);
  if (list == nullptr || !list->is_array() || list->empty())
    return invalid("malformed_body",
                   "the webhook from " + description.name + " holds no list of events");
  for (const auto& event : *list) TL_CHECK(reader.read({request, body, event}, changes));
  TL_CHECK(check_ids(changes, description.name));
  // A delivery of several events is none of them: another may bring the first with others.
  if (list->size() > 1) changes.front().event_key = body_key(request);
  return changes;
}

Outcome<std::vector<OrderChange>> read_webhook(const PaymentDescription& description,
                                               const WebhookRequest& request,
                                               const PaymentConfig& config,
                                               const SiteConfig& site) {
  TL_CHECK(check_signature(description, request, config));
  return read_described(description, described_body(description, request), request, config, site);
}

ConfigComplaint DescribedProvider::complaint(const PaymentConfig& config, std::int64_t) const {
  return secrets_complaint(description_.signatures, config.webhook_secrets);
}

Outcome<std::vector<OrderChange>> DescribedProvider::read(const WebhookRequest& request,
                                                          const PaymentConfig& config,
                                                          const SiteConfig& site) const {
  return read_webhook(description_, request, config, site);
}

Outcome<std::vector<OrderChange>> DescribedProvider::read_fetched(const WebhookRequest& request,
                                                                  const PaymentConfig& config,
                                                                  const SiteConfig& site) const {
  return read_described(description_, described_body(description_, request), request, config, site);
}

}  // namespace tl::server
