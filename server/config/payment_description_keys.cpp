// SPDX-License-Identifier: Apache-2.0
// [site.payment.custom] beside the keys of every provider: the description of a provider
// (core/orders/payment_description.hpp), its signature and its events.

#include "server/config/keys.hpp"
#include "server/core/orders/currency.hpp"

#include <algorithm>
#include <utility>

namespace tl::server {
namespace {

using Description = PaymentDescription;
using Texts = std::vector<std::string>;

std::string sources_complaint(const Value& value) {
  for (const auto& source : std::get<Texts>(value))
    if (auto wrong = source_complaint(source); !wrong.empty()) return wrong;
  return "";
}

std::string conditions_complaint(const Value& value) {
  for (const auto& condition : std::get<Texts>(value))
    if (auto wrong = condition_complaint(condition); !wrong.empty()) return wrong;
  return "";
}

std::string pointer_complaint(const Value& value) {
  const auto& pointer = std::get<std::string>(value);
  return pointer.empty() || pointer.starts_with('/') || pointer.starts_with("root:/")
             ? ""
             : "must be a JSON pointer like /data/items";
}

// One of an enum's values by its name; `at` gives the member of a target.
template <class Target, class Enum>
Key<Target> choice_key(std::string name, std::vector<std::pair<const char*, Enum>> choices,
                       std::function<Enum&(Target&)> at, std::string help) {
  Texts names;
  for (const auto& choice : choices) names.emplace_back(choice.first);
  return Key<Target>{"",
                     std::move(name),
                     std::move(help),
                     [choices, at](const Target& target) {
                       Target copy = target;
                       for (const auto& [word, value] : choices)
                         if (at(copy) == value) return Value(std::string(word));
                       return Value(std::string());
                     },
                     [choices, at](Target& target, const Value& value) {
                       for (const auto& [word, choice] : choices)
                         if (std::get<std::string>(value) == word) at(target) = choice;
                     },
                     one_of(std::move(names))};
}

SignatureRule& signature_of(Description& description) {
  if (description.signatures.empty()) description.signatures.emplace_back();
  return description.signatures.front();
}

Key<Description> in_signature(Key<Description> key) {
  key.table = "signature";
  return key;
}

template <class Member>
Key<Description> signature_key(std::string name, Member SignatureRule::*member, std::string help) {
  return Key<Description>{"signature", std::move(name), std::move(help),
                          [member](const Description& description) {
                            Description copy = description;
                            return Value(signature_of(copy).*member);
                          },
                          [member](Description& description, const Value& value) {
                            signature_of(description).*member = std::get<Member>(value);
                          }};
}

void add_signature_keys(std::vector<Key<Description>>& keys) {
  using Rule = SignatureRule;
  keys.push_back(in_signature(choice_key<Description, Rule::Kind>(
      "kind",
      {{"hmac", Rule::Kind::hmac},
       {"basic_auth", Rule::Kind::basic_auth},
       {"token", Rule::Kind::token}},
      [](Description& d) -> Rule::Kind& { return signature_of(d).kind; },
      "hmac; basic_auth with a secret user:password; token: the secret itself in the header, or "
      "in ?token= of the address")));
  keys.push_back(in_signature(choice_key<Description, Rule::Form>(
      "form",
      {{"plain", Rule::Form::plain},
       {"pairs", Rule::Form::pairs},
       {"time_and_mac", Rule::Form::time_and_mac},
       {"standard", Rule::Form::standard}},
      [](Description& d) -> Rule::Form& { return signature_of(d).form; },
      "of the header: plain; pairs t=SECONDS,v1=MAC; time_and_mac SECONDS,MAC; standard: Standard "
      "Webhooks, which sets all that follows")));
  keys.push_back(signature_key("header", &Rule::header, "the header with the signature"));
  keys.push_back(in_signature(choice_key<Description, MacHash>(
      "hash", {{"sha256", MacHash::sha256}, {"sha512", MacHash::sha512}},
      [](Description& d) -> MacHash& { return signature_of(d).scheme.hash; }, "of the HMAC")));
  keys.push_back(in_signature(choice_key<Description, MacEncoding>(
      "encoding", {{"hex", MacEncoding::hex}, {"base64", MacEncoding::base64}},
      [](Description& d) -> MacEncoding& { return signature_of(d).scheme.encoding; },
      "how the HMAC is written")));
  keys.push_back(in_signature(choice_key<Description, KeyForm>(
      "key",
      {{"utf8", KeyForm::utf8},
       {"base64_after_prefix", KeyForm::base64_after_prefix},
       {"hex", KeyForm::hex}},
      [](Description& d) -> KeyForm& { return signature_of(d).scheme.key; },
      "how the secret becomes the key: as it is, what follows its last _ from base64, or from "
      "hex")));
  keys.push_back(signature_key("prefix", &Rule::prefix, "plain: before the HMAC, like sha256="));
  keys.push_back(signature_key("separator", &Rule::separator, "pairs: between two of them")
                     .check([](const Value& value) {
                       return std::get<std::string>(value).size() == 1 ? ""
                                                                       : "must be one character";
                     }));
  const auto not_empty = [](const Value& value) {
    return std::get<std::string>(value).empty() ? "must not be empty" : "";
  };
  keys.push_back(signature_key("timestamp_name", &Rule::timestamp_name, "pairs: of the time")
                     .check(not_empty));
  keys.push_back(signature_key("signature_name", &Rule::signature_name, "pairs: of the HMAC")
                     .check(not_empty));
  keys.push_back(signature_key("id_header", &Rule::id_header, "standard: the header with the id"));
  keys.push_back(signature_key("timestamp_header", &Rule::timestamp_header,
                               "standard: the header with the time"));
  keys.push_back(signature_key("signed", &Rule::signed_text,
                               "what is signed, of {body}, {timestamp}, {id} and {url} "
                               "(notification_url)")
                     .check([](const Value& value) {
                       return std::get<std::string>(value).find("{body}") == std::string::npos
                                  ? "must hold {body}: else anybody could change it"
                                  : "";
                     }));
  keys.push_back(signature_key("tolerance_s", &Rule::tolerance_s,
                               "how old a signature with a time may be, in seconds")
                     .check(between(0, 86'400)));
  keys.push_back(signature_key("allows_future", &Rule::allows_future,
                               "whether it may also be from the future"));
}

template <class Target>
void add_field_keys(std::vector<Key<Target>>& keys) {
  for (const auto& field : order_fields()) {
    const auto member = field.member;
    keys.push_back(
        Key<Target>{"", field.name, field.help,
                    [member](const Target& target) { return Value(target.fields.*member); },
                    [member](Target& target, const Value& value) {
                      target.fields.*member = std::get<Texts>(value);
                    },
                    sources_complaint});
  }
}

std::vector<Key<Description>> made_description_keys() {
  std::vector<Key<Description>> keys = {
      choice_key<Description, Description::Content>(
          "content", {{"json", Description::Content::json}, {"form", Description::Content::form}},
          [](Description& d) -> Description::Content& { return d.content; }, "of the body"),
      key("split", &Description::split,
          "\"/\" or a pointer to where the body holds a list of events, not one")
          .check(pointer_complaint),
      key("event_id", &Description::event_id, "the delivery's key; without one the body's hash")
          .check(sources_complaint),
      key("event_type", &Description::event_type, "what happened").check(sources_complaint),
      key("test_when", &Description::test_when,
          "conditions of which any makes it a test; without them `live` counts")
          .check(conditions_complaint),
      choice_key<Description, Description::Amounts>(
          "amounts",
          {{"minor", Description::Amounts::minor}, {"decimal", Description::Amounts::decimal}},
          [](Description& d) -> Description::Amounts& { return d.amounts; },
          "minor: whole numbers of the small unit; decimal: 10.5 of the main unit"),
      key("exponent", &Description::exponent, "decimals of minor amounts; -1: as ISO 4217 says")
          .check(between(-1, 4)),
      key("default_currency", &Description::default_currency, "of events that name none")
          .check([](const Value& value) {
            const auto& code = std::get<std::string>(value);
            return code.empty() || parse_currency(code).ok() ? "" : "must be a code like EUR";
          }),
      key("metadata_prefix", &Description::metadata_prefix, "before each name in the metadata"),
      key("first_values", &Description::first_values, "of subscription: a first payment"),
      key("renewal_values", &Description::renewal_values, "of subscription: a renewal"),
      key("update_values", &Description::update_values, "of subscription: a change of plan"),
      key("refund_pending_values", &Description::refund_pending_values,
          "of refund_status: not yet given back"),
      key("refund_failed_values", &Description::refund_failed_values,
          "of refund_status: not given back after all"),
      key("dispute_won_values", &Description::dispute_won_values, "of dispute_status"),
      key("dispute_lost_values", &Description::dispute_lost_values, "of dispute_status"),
  };
  add_field_keys(keys);
  keys.push_back(key("items", &Description::items, "pointer to the list of what was bought")
                     .check(pointer_complaint));
  for (const auto& [name, member] :
       std::initializer_list<std::pair<const char*, Sources Description::*>>{
           {"item_id", &Description::item_id},
           {"item_name", &Description::item_name},
           {"item_category", &Description::item_category},
           {"item_quantity", &Description::item_quantity},
           {"item_price", &Description::item_price}})
    keys.push_back(key(name, member, "in a member of that list").check(sources_complaint));
  add_signature_keys(keys);
  return keys;
}

std::vector<Key<EventRule>> made_event_rule_keys() {
  std::vector<Key<EventRule>> keys = {
      key("types", &EventRule::types, "values of event_type; \"refund.*\": all that begin so"),
      choice_key<EventRule, EventRole>(
          "role",
          {{"paid", EventRole::paid},
           {"pending", EventRole::pending},
           {"failed", EventRole::failed},
           {"refund", EventRole::refund},
           {"dispute", EventRole::dispute},
           {"enrich", EventRole::enrich},
           {"ignore", EventRole::ignore}},
          [](EventRule& rule) -> EventRole& { return rule.role; },
          "what it means; enrich: says more about a sale that others tell"),
      key("when", &EventRule::when, "conditions that must all hold").check(conditions_complaint),
      key("each", &EventRule::each,
          "pointer to a list: one change for each of its members, in which sources then look; "
          "counts beside another rule")
          .check(pointer_complaint),
      key("sum", &EventRule::sum, "pointer to a list whose members' amounts are added up")
          .check(pointer_complaint),
      key("sum_when", &EventRule::sum_when, "conditions on the members that count")
          .check(conditions_complaint),
      key("rank", &EventRule::rank, "of several amounts told for one sale the highest rank counts")
          .check(between(1, 9)),
      key("reason", &EventRule::reason, "of ignore and enrich, as answers say it"),
  };
  add_field_keys(keys);
  return keys;
}

}  // namespace

const std::vector<Key<PaymentDescription>>& description_keys() {
  static const auto keys = made_description_keys();
  return keys;
}

const std::vector<Key<EventRule>>& event_rule_keys() {
  static const auto keys = made_event_rule_keys();
  return keys;
}

}  // namespace tl::server
