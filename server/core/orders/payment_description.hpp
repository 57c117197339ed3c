// SPDX-License-Identifier: Apache-2.0
// A payment provider as data: how a webhook proves where it comes from and where in it stands what.
// The providers of server/providers/ are such descriptions, and [site.payment.custom] in the
// configuration fills the same one. Facts: payments, sections 2, 3 and 16.
//
// A source is a text that says where a value is:
//   /data/id              a JSON pointer (RFC 6901) into the event
//   root:/live            the same into the whole body, where the event is a part of it
//   header:X-Event-Name   a header of the request
//   {/a} {/b}             a text with sources in braces; absent when one of them is
//   =sale                 the text itself
// Of a list of sources the first that gives a text counts. A condition is a source that must give a
// text, or SOURCE=a|b, or SOURCE!=a|b; a value that ends in * stands for all that begin so.
#pragma once

#include "server/core/orders/webhook_signature.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

using Sources = std::vector<std::string>;

struct SignatureRule {
  // hmac: a MAC. basic_auth: Authorization: Basic with the secret "user:password". token: the
  // secret itself, in the header or, without one, in the query's `token`.
  enum class Kind : std::uint8_t { hmac, basic_auth, token };
  // plain: the MAC alone, after `prefix` if it is there. pairs: t=<seconds>,v1=<mac>[,v1=<mac>].
  // time_and_mac: <seconds>,<mac>. standard: Standard Webhooks, three headers.
  enum class Form : std::uint8_t { plain, pairs, time_and_mac, standard };
  Kind kind = Kind::hmac;
  Form form = Form::plain;
  std::string header{};
  MacScheme scheme{};
  std::string prefix{};                                     // plain
  std::string separator = ",";                              // pairs
  std::string timestamp_name = "t", signature_name = "v1";  // pairs
  std::string id_header{}, timestamp_header{};              // standard
  // {body}, {timestamp}, {id} and {url}, the address as registered with the provider.
  std::string signed_text = "{body}";
  std::int64_t tolerance_s = 0;  // 0: the age is not looked at
  bool allows_future = true;     // the provider's own library looks at the age only
};

// Where the parts of a change are. An event rule's own non-empty lists stand in for the
// description's.
struct OrderFields {
  Sources order_id{}, aliases{};  // all aliases count
  Sources amount{}, currency{};   // amounts: also a sum, "/data/amount + /data/tax"
  Sources part_id{};              // of one of several payments of the sale, which add up
  Sources refund_id{}, refund_amount{}, refunded_total{}, refund_status{};
  Sources dispute_id{}, dispute_status{};
  Sources begun_at{};  // of a dispute, where occurred_at is when its event happened
  Sources round_id{};  // of what may happen to one refund or dispute more than once
  Sources subscription{}, subscription_id{}, customer_id{};
  Sources email{}, phone{}, name{}, country{};
  Sources occurred_at{};  // seconds or milliseconds since 1970, or ISO 8601, without zone in UTC
  Sources changed_at{};   // of a payment's amount: since when it is this one
  // The visit's ids: objects or lists of name and value (all count), the packed token, one id.
  Sources metadata{}, token{}, anonymous_id{};
};

struct OrderField {
  const char* name;
  Sources OrderFields::*member;
  const char* help;
};
// Every member of OrderFields, once.
const std::vector<OrderField>& order_fields();

// lookup: the event only names, as order_id, what the provider's API tells (provider_api.hpp).
enum class EventRole : std::uint8_t {
  paid,
  pending,
  failed,
  refund,
  dispute,
  enrich,
  ignore,
  lookup
};

// What events of these types mean. Of the rules whose type and conditions fit the first counts;
// rules with `each`, and those that say so, count beside it.
struct EventRule {
  std::vector<std::string> types{};  // "refund.*": all that begin so
  EventRole role = EventRole::ignore;
  std::vector<std::string> when{};  // all must hold
  // A list inside the event: one change for each of its members, in which sources then look.
  std::string each{};
  bool is_beside = false;  // counts whichever other rule does
  // Of `each`: the list is all there is, so a refund that a later one lacks was taken back.
  bool is_whole_list = false;
  // A list inside the event: the amounts of its members that fit `sum_when` are added up.
  std::string sum{};
  std::vector<std::string> sum_when{};
  std::int64_t rank = 1;  // of several amounts told for one sale the highest rank counts
  std::string reason{};   // for ignore and enrich; default secondary_event
  OrderFields fields{};
};

struct PaymentDescription {
  enum class Content : std::uint8_t { json, form };
  // minor: whole numbers of the currency's small unit. decimal: "10.5" or 10.5 in its main unit.
  enum class Amounts : std::uint8_t { minor, decimal };
  std::string name{};
  std::vector<SignatureRule> signatures{};  // the first whose header is there counts
  int refusal_status = 401;                 // HTTP, of what does not prove itself
  Content content = Content::json;
  std::string split{};  // "/" or a pointer: the body is, or holds there, a list of events
  Sources event_id{};   // the delivery's key; without one the body's hash
  Sources event_type{};
  std::vector<std::string> test_when{};  // any: a test. None: the configuration says live or not
  Amounts amounts = Amounts::minor;
  std::int64_t exponent = -1;                       // decimals of minor amounts; -1: ISO 4217's
  std::map<std::string, std::int64_t> exponents{};  // of single currencies, where others
  std::string default_currency{};                   // where the event names none
  std::string metadata_prefix{};                    // before each name in the metadata
  std::vector<std::string> first_values{}, renewal_values{}, update_values{}, collected_values{};
  std::vector<std::string> refund_pending_values{}, refund_failed_values{};
  std::vector<std::string> dispute_won_values{}, dispute_lost_values{};
  OrderFields fields{};
  Sources charge_id{};  // of a shop: the charge at Stripe that paid the order (collected_sales.hpp)
  // A list of what was bought, and where in each of its members.
  std::string items{};
  Sources item_id{}, item_name{}, item_category{}, item_quantity{}, item_price{};
  std::vector<EventRule> events{};
};

// "" or what is wrong with a source or condition that a person wrote: "must be …".
std::string source_complaint(std::string_view source);
std::string condition_complaint(std::string_view condition);

}  // namespace tl::server
