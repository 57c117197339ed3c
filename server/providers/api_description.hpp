// SPDX-License-Identifier: Apache-2.0
// A provider's API as data, beside the description of its webhooks: where its lists are, how they
// are paged, and how an item of a list becomes the body that its webhook would have had. Sources
// and conditions: core/orders/payment_description.hpp; in an item, root: is the whole answer.
#pragma once

#include "server/core/orders/payment_description.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace tl::server {

// An event that an item stands for, when all conditions hold in it.
struct ItemEvent {
  std::string type{};  // as the webhook names it; "": the item is the webhook's body and says so
  std::vector<std::string> when{};
  std::string each{};  // a list in the item: an event for each of its members instead
};

// The webhook's body around an item.
struct EventForm {
  std::string item_at{};  // a JSON pointer; "": the item is the body
  std::string type_at{};  // a JSON pointer or header:NAME
  bool is_form = false;   // the body is a form of the copies alone
  std::vector<std::pair<std::string, Sources>>
      copies{};  // further places, from sources in the item
};

struct OrderListing {
  // number: 1, 2 … until a page is empty. offset: how many items came before, likewise. last_item:
  // `cursor` is a source in the page's last item. answer: `cursor` is a source in the answer; an
  // empty one ends the list, an empty page does not.
  enum class Paging : std::uint8_t { number, offset, last_item, answer };
  std::string name{};
  // With {since} (RFC 3339), {since_s} (seconds), {since_day} (of UTC), {day_before} it and
  // {account} (account_id) filled in.
  std::string path{};
  std::string items{};    // where in the answer the list is; "": the answer itself
  bool may_lack = false;  // an answer without a list has no items
  std::string item{};     // where in a member of the list the item is
  std::string item_at{};  // where not the form's
  Paging paging = Paging::number;
  std::string page_parameter{}, cursor{};
  std::string first{};  // the parameter's value on the first page; "": none
  std::string more{};   // a condition on the answer: there is another page
  // Of an item; older ones are left out. For lists that cannot be asked for a time.
  Sources time{};
  bool is_newest_first = false;  // the first item that is too old ends the list
  std::vector<ItemEvent> events{};
};

// One request of a look-up: its path has sources in braces, which look into what is known so far:
// {"id","event_type"} of the webhook, and at `at` what each step answered. Without a value for each
// of them the step is left out.
struct LookupStep {
  std::string path{}, at{};
  bool is_optional = false;  // what it tells may be gone, and the rest counts without it
};

struct OrderLookup {
  std::string prefix{};  // of the subjects that are looked up like this
  std::vector<LookupStep> steps{};
  std::string items{};  // where in what is known the item, or a list of items, is
  std::vector<ItemEvent> events{};
};

inline constexpr const char* kSomethingBack = "!=0|0.0|0.00|";  // of an amount: there, and not zero

struct ApiDescription {
  std::string base_url{};  // "": each account has its own, which must be configured
  // {key}: the API key; {basic}: the same in base64; {user}: as a user without a password, in
  // base64.
  std::string key_header = "Authorization", key_form = "Bearer {key}";
  std::map<std::string, std::string> headers{};
  EventForm form{};
  std::vector<OrderListing> listings{};
  std::vector<OrderLookup> lookups{};
  bool needs_lookups =
      true;  // false: webhooks tell the sale, a look-up adds to it where there is a key
  bool counts_unanswered = false;  // ProviderApi
};

}  // namespace tl::server
