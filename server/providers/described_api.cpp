// SPDX-License-Identifier: Apache-2.0
#include "server/providers/described_api.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/durations.hpp"
#include "server/core/ingest/kept_sender.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/text/percent_encoding.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/providers/event_source.hpp"
#include "server/providers/exact_json.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace tl::server {
namespace {

using nlohmann::json;

constexpr std::string_view kHeaderPlace = "header:";
constexpr std::int64_t kCallTimeoutMs = 30'000;
constexpr std::size_t kMostOfAPage = 16 * 1024 * 1024;

std::string replaced(std::string text, std::string_view name, std::string_view value) {
  const std::string slot = "{" + std::string(name) + "}";
  for (auto at = text.find(slot); at != std::string::npos; at = text.find(slot, at + value.size()))
    text.replace(at, slot.size(), value);
  return text;
}

ServerError missing_setting(std::string_view provider, const std::string& setting,
                            const std::string& why) {
  return invalid("missing_setting",
                 "set " + setting + " in [site.payment." + std::string(provider) + "]: " + why);
}

// YYYY-MM-DD, of UTC.
std::string day_text(std::int64_t t_ms) {
  return write_rfc3339(t_ms).substr(0, 10);
}

std::optional<std::int64_t> time_in(const EventPlace& place, const Sources& sources) {
  const std::string text = first_text_of(place, sources);
  std::int64_t seconds = 0;
  if (parse_decimal(text, seconds)) return seconds * 1000;
  return parse_rfc3339(text);
}

void put_at(json& body, const std::string& pointer, json value) {
  body[json::json_pointer(pointer)] = std::move(value);
}

// Sources that look into an answer have no webhook's headers to look at.
const WebhookRequest kNoRequest{};

// The webhook that would have told this item as an event of that type.
struct MadeWebhook {
  HeaderList headers;
  std::string body;
};
std::string written_form(const json& body) {
  std::string text;
  for (const auto& [name, value] : body.items())
    text += (text.empty() ? "" : "&") + percent_encoded(name) + "=" +
            percent_encoded(value.is_string() ? value.get<std::string>() : value.dump());
  return text;
}

MadeWebhook webhook_of(const EventForm& form, const EventPlace& item, const std::string& type) {
  MadeWebhook made;
  json body = form.item_at.empty() && !form.is_form ? item.event : json();
  if (!form.item_at.empty()) put_at(body, form.item_at, item.event);
  for (const auto& [pointer, sources] : form.copies)
    for (const auto& source : sources) {
      const json* found = pointed_at(item, source);
      const std::string text = found == nullptr ? text_of(item, source) : std::string{};
      if (found == nullptr && text.empty()) continue;
      put_at(body, pointer, found == nullptr ? json(text) : *found);
      break;
    }
  if (form.type_at.starts_with(kHeaderPlace))
    made.headers.emplace_back(form.type_at.substr(kHeaderPlace.size()), type);
  else if (!type.empty())
    put_at(body, form.type_at, type);
  made.body =
      form.is_form ? written_form(body) : body.dump(-1, ' ', false, json::error_handler_t::replace);
  return made;
}

struct Reading {
  const Provider& provider;
  const EventForm& form;
  std::int64_t now_ms;
  const PaymentConfig& config;
  const SiteConfig& site;
};
void read_event(const std::string& type, const EventPlace& item, const Reading& by,
                ListPage& page) {
  auto made = webhook_of(by.form, item, type);
  const WebhookRequest request{made.headers, {}, made.body, by.now_ms};
  auto changes = by.provider.read_fetched(request, by.config, by.site);
  if (!changes.ok()) return page.unreadable.push_back(changes.error().detail);
  while (changes.value().back().kind == OrderChange::Kind::unreadable) {
    page.unreadable.push_back(changes.value().back().complaint);
    changes.value().pop_back();
  }
  if (std::all_of(changes.value().begin(), changes.value().end(),
                  [](const auto& change) { return change.kind == OrderChange::Kind::ignored; }))
    return;
  FetchedEvent fetched;
  fetched.headers_json = write_headers(made.headers);
  fetched.body = std::move(made.body);
  fetched.changes = std::move(changes).value();
  page.events.push_back(std::move(fetched));
}

void read_item(const std::vector<ItemEvent>& events, const EventPlace& item, const Reading& by,
               ListPage& page) {
  for (const auto& event : events) {
    if (!all_hold(item, event.when)) continue;
    if (event.each.empty()) {
      read_event(event.type, item, by, page);
    } else if (const json* members = pointed_at(item, event.each);
               members != nullptr && members->is_array()) {
      for (const auto& member : *members) read_event(event.type, item.at(member), by, page);
    }
  }
}

// A collection is a story only once it failed: money that came as it should is not listed beside
// the payment a second time.
void drop_untroubled_collections(std::vector<FetchedEvent>& events) {
  std::set<std::string> failed;
  for (const auto& event : events)
    for (const auto& change : event.changes)
      if (change.refund_id && change.refund_status == "succeeded") failed.insert(*change.refund_id);
  const auto is_untroubled = [&](const OrderChange& change) {
    return change.refund_id && change.refund_id->starts_with(kCollectionId) &&
           !failed.contains(*change.refund_id);
  };
  std::erase_if(events, [&](const FetchedEvent& event) {
    return std::all_of(event.changes.begin(), event.changes.end(), is_untroubled);
  });
}

// What is known of a look-up before the API told anything.
json begun(const LookupProgress& progress) {
  return {{"id", progress.subject}, {"event_type", progress.event_type}};
}

json known_of(const LookupProgress& progress) {
  return progress.document.empty() ? begun(progress) : json::parse(progress.document);
}

// A step's path with its sources filled in; "" when one of them is absent.
std::string filled_path(const std::string& path, const EventPlace& known) {
  std::string text;
  std::string_view rest = path;
  for (auto open = rest.find('{'); open != std::string_view::npos; open = rest.find('{')) {
    const auto close = rest.find('}', open);
    const std::string value = text_of(known, rest.substr(open + 1, close - open - 1));
    if (value.empty()) return {};
    text += std::string(rest.substr(0, open)) + percent_encoded(value);
    rest.remove_prefix(close + 1);
  }
  return text + std::string(rest);
}

}  // namespace

std::vector<std::string> DescribedApi::lists() const {
  std::vector<std::string> names;
  for (const auto& entry : description_.listings) names.push_back(entry.name);
  return names;
}

const OrderListing& DescribedApi::listing(std::string_view name) const {
  return *std::find_if(description_.listings.begin(), description_.listings.end(),
                       [name](const auto& entry) { return entry.name == name; });
}

Outcome<OutgoingRequest> DescribedApi::request_of(const std::string& path,
                                                  const PaymentConfig& config) const {
  std::string base = config.base_url.empty() ? description_.base_url : config.base_url;
  while (base.ends_with('/')) base.pop_back();
  if (config.api_key.empty())
    return missing_setting(name(), "api_key", "its API is asked with the provider's API key");
  if (base.empty())
    return missing_setting(name(), "base_url", "the address of the shop itself, https://…");
  OutgoingRequest request;
  request.method = "GET";
  request.url = base + path;
  request.headers = description_.headers;
  request.headers.emplace("Accept", "application/json");
  std::string key = replaced(description_.key_form, "key", config.api_key);
  key = replaced(std::move(key), "basic", to_base64(config.api_key));
  key = replaced(std::move(key), "user", to_base64(config.api_key + ":"));
  request.headers[description_.key_header] = std::move(key);
  request.timeout_ms = kCallTimeoutMs;
  request.max_answer_bytes = kMostOfAPage;
  return request;
}

Outcome<OutgoingRequest> DescribedApi::list_request(const ListPlace& place,
                                                    const PaymentConfig& config) const {
  const OrderListing& list = listing(place.list);
  if (config.account_id.empty() && list.path.find("{account}") != std::string::npos)
    return missing_setting(name(), "account_id", "whose orders are read");
  std::string path = replaced(list.path, "since", write_rfc3339(place.since_ms));
  path = replaced(std::move(path), "since_s", std::to_string(place.since_ms / 1000));
  path = replaced(std::move(path), "since_day", day_text(place.since_ms));
  path = replaced(std::move(path), "day_before", day_text(place.since_ms - kDayMs));
  path = replaced(std::move(path), "account", percent_encoded(config.account_id));
  if (const auto& page = place.cursor.empty() ? list.first : place.cursor; !page.empty())
    path += (path.find('?') == std::string::npos ? "?" : "&") +
            percent_encoded(list.page_parameter) + "=" + percent_encoded(page);
  return request_of(path, config);
}

Outcome<ListPage> DescribedApi::read_page(const ListPlace& place, const OutgoingAnswer& answer,
                                          std::int64_t now_ms, const PaymentConfig& config,
                                          const SiteConfig& site) const {
  const OrderListing& list = listing(place.list);
  const json root = parse_exact_json(answer.body);
  const json none = json::array();
  const json* items = root.is_discarded() ? nullptr : value_at(root, list.items);
  if (items == nullptr && list.may_lack && root.is_object()) items = &none;
  if (items == nullptr || !items->is_array())
    return ServerError{ErrorKind::unavailable, "unreadable_answer",
                       "the API of " + std::string(name()) + " answered no list of " + list.name +
                           "; check base_url in [site.payment." + std::string(name()) + "]",
                       0};
  EventForm form = description_.form;
  if (!list.item_at.empty()) form.item_at = list.item_at;
  const Reading reading{provider_, form, now_ms, config, site};
  ListPage page;
  bool is_over = false;
  for (const auto& member : *items) {
    const json* item = value_at(member, list.item);
    const EventPlace here{kNoRequest, root, item == nullptr ? member : *item};
    const auto t_ms = time_in(here, list.time);
    if (t_ms && *t_ms < place.since_ms) {
      is_over = is_over || list.is_newest_first;
      continue;
    }
    ++page.items;
    read_item(list.events, here, reading, page);
  }
  const EventPlace whole{kNoRequest, root, root};
  if (is_over || (!list.more.empty() && !holds(whole, list.more))) return page;
  if (list.paging == OrderListing::Paging::answer) {
    page.next = text_of(whole, list.cursor);
    return page;
  }
  if (items->empty()) return page;
  if (list.paging == OrderListing::Paging::last_item) {
    page.next = text_of({kNoRequest, root, items->back()}, list.cursor);
    return page;
  }
  const bool is_offset = list.paging == OrderListing::Paging::offset;
  std::int64_t number = is_offset ? 0 : 1;
  if (!place.cursor.empty()) static_cast<void>(parse_decimal(place.cursor, number));
  page.next = std::to_string(number + (is_offset ? static_cast<std::int64_t>(items->size()) : 1));
  return page;
}

const OrderLookup* DescribedApi::lookup_of(std::string_view subject) const {
  for (const auto& lookup : description_.lookups)
    if (subject.starts_with(lookup.prefix)) return &lookup;
  return nullptr;
}

Outcome<std::optional<OutgoingRequest>> DescribedApi::lookup_request(
    LookupProgress& progress, const PaymentConfig& config) const {
  const OrderLookup* lookup = lookup_of(progress.subject);
  if (lookup == nullptr)
    return invalid("unknown_subject", "the API of " + std::string(name()) +
                                          " is not known to tell of " + progress.subject);
  const json known = known_of(progress);
  for (; progress.step < lookup->steps.size(); ++progress.step) {
    const std::string path =
        filled_path(lookup->steps[progress.step].path, {kNoRequest, known, known});
    if (path.empty()) continue;
    TL_TRY(request, request_of(path, config));
    return std::optional(std::move(request));
  }
  return std::optional<OutgoingRequest>();
}

bool DescribedApi::may_be_missing(const LookupProgress& progress) const {
  const OrderLookup* lookup = lookup_of(progress.subject);
  return lookup != nullptr && lookup->steps[progress.step].is_optional;
}

Outcome<void> DescribedApi::take_answer(LookupProgress& progress,
                                        const OutgoingAnswer& answer) const {
  const OrderLookup* lookup = lookup_of(progress.subject);
  json said = parse_exact_json(answer.body);
  if (lookup == nullptr || said.is_discarded() || !said.is_object())
    return ServerError{ErrorKind::unavailable, "unreadable_answer",
                       "the API of " + std::string(name()) + " answered no object about " +
                           progress.subject + "; check base_url in [site.payment." +
                           std::string(name()) + "]",
                       0};
  json known = known_of(progress);
  put_at(known, lookup->steps[progress.step].at, std::move(said));
  progress.document = known.dump(-1, ' ', false, json::error_handler_t::replace);
  ++progress.step;
  return {};
}

Outcome<std::vector<FetchedEvent>> DescribedApi::read_lookup(const LookupProgress& progress,
                                                             std::int64_t now_ms,
                                                             const PaymentConfig& config,
                                                             const SiteConfig& site) const {
  const OrderLookup* lookup = lookup_of(progress.subject);
  const json known = known_of(progress);
  const json* found = lookup == nullptr ? nullptr : value_at(known, lookup->items);
  if (found == nullptr)
    return invalid("malformed_body",
                   "the API of " + std::string(name()) + " told nothing of " + progress.subject);
  const Reading reading{provider_, description_.form, now_ms, config, site};
  ListPage page;
  if (!found->is_array()) {
    read_item(lookup->events, {kNoRequest, known, *found}, reading, page);
  } else {
    for (const auto& item : *found)
      read_item(lookup->events, {kNoRequest, known, item}, reading, page);
  }
  if (!page.unreadable.empty()) return invalid("malformed_body", page.unreadable.front());
  drop_untroubled_collections(page.events);
  return std::move(page.events);
}

}  // namespace tl::server
