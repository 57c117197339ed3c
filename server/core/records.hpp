// SPDX-License-Identifier: Apache-2.0
// Rows as the core sees them: plain values, one struct a table (server/store/migrations/). Optional
// ids are std::optional; enums are stored as their numbers: never renumber.
#pragma once

#include "throughline/channel.hpp"
#include "throughline/consent.hpp"
#include "throughline/hash.hpp"
#include "throughline/session.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tl::server {

// Result of replaying the browser's decision. Reports count all but forged.
enum class Verdict : std::uint8_t {
  verified = 0,
  bootstrap = 1,
  server = 2,
  mismatch = 3,
  forged = 4,
  unverified = 5
};
// Which rule gave the stored event time.
enum class ClockRule : std::uint8_t { corrected = 0, received = 1, late = 2 };

struct TouchRow {
  std::string site_id;
  Id128 id, session_id, anonymous_id;
  std::int64_t t_ms = 0;
  std::uint32_t seq = 0;
  Channel channel = Channel::unknown;
  std::string source, medium, campaign, term, content;
  std::string click_ids = "{}";
  std::string landing_path, referrer_domain, evidence;
  std::uint16_t rules_version = 0;
  Verdict verdict = Verdict::server;
  bool is_bot = false;
  bool is_view = false;  // seen, not clicked: no visit, no session (ad_views.hpp)
};

struct EventRow {
  std::string site_id;
  Id128 id, session_id, anonymous_id;
  std::string name;
  std::int64_t t_ms = 0, raw_t_ms = 0, received_ms = 0;
  ClockRule clock = ClockRule::corrected;
  Id128 page_nonce;
  std::uint32_t seq = 0;
  std::string url, title, props;
  SessionReason why = SessionReason::none;
  Verdict verdict = Verdict::server;
  std::string mismatch;  // field names, comma separated
  std::uint16_t rules_version = 0;
  bool is_bot = false;
};

// Reports count all but these.
template <class Row>
bool counts_in_reports(const Row& row) {
  return row.verdict != Verdict::forged && !row.is_bot;
}
// As a visit, that is.
inline bool counts_in_reports(const TouchRow& row) {
  return row.verdict != Verdict::forged && !row.is_bot && !row.is_view;
}

struct SessionRow {
  std::string site_id;
  Id128 id, anonymous_id;
  std::uint32_t idx = 0;
  SessionReason why = SessionReason::none;
  std::int64_t started_ms = 0, last_ms = 0;
  std::optional<std::int64_t> ended_ms;
  std::string end_reason;
  std::optional<Id128> first_touch, last_touch;
  std::uint32_t page_views = 0, events = 0;
  std::string entry_path, exit_path;
  std::string last_content;  // JSON {"id","name","category"} or ""
  bool converted = false;
  std::int64_t conversion_value_minor = 0;
  std::string currency;
  std::string device, browser, os, country, region, city;
  std::string bot_reason;  // "search_engine Googlebot", "prefetch"; "" for a visitor
  bool is_bot = false;
};

// Values of ad vendors' cookies, told with marketing consent only.
struct VendorCookies {
  std::string fbp, fbc, ga, ga_session, ttp, scid, epik, rdt_uuid, li_fat_id;
};
struct VendorCookie {
  const char* name;     // on the wire and where it is kept
  const char* browser;  // the cookie itself; "": _ga_ and the stream's id
  std::string VendorCookies::*value;
};
// Every member of VendorCookies, once.
inline constexpr VendorCookie kVendorCookies[] = {
    {"fbp", "_fbp", &VendorCookies::fbp},
    {"fbc", "_fbc", &VendorCookies::fbc},
    {"ga", "_ga", &VendorCookies::ga},
    {"ga_session", "", &VendorCookies::ga_session},
    {"ttp", "_ttp", &VendorCookies::ttp},
    {"scid", "_scid", &VendorCookies::scid},
    {"epik", "_epik", &VendorCookies::epik},
    {"rdt_uuid", "_rdt_uuid", &VendorCookies::rdt_uuid},
    {"li_fat_id", "li_fat_id", &VendorCookies::li_fat_id}};

struct SessionContext : VendorCookies {
  std::string ip, user_agent, landing_url, fbclid;
  std::int64_t fbclid_t_ms = 0;
};

enum class ContactKind : std::uint8_t { email = 1, phone = 2, user_id = 3 };

// An e-mail address, phone number or user id by the SHA-256 of its canonical text.
struct ContactRef {
  ContactKind kind = ContactKind::email;
  Digest hash{};
  auto operator<=>(const ContactRef&) const = default;
};

struct ContactClaim {
  ContactKind kind = ContactKind::email;
  Digest hash{};  // SHA-256 of the canonical text
  Id128 anonymous_id;
  std::optional<Id128> session_id;
  bool verified = false;
  std::string source;  // identify, stripe, api …
  std::int64_t t_ms = 0;
};

// A contact that a conversion proves, and whose it is when the conversion carried ids.
struct ContactProof {
  ContactRef contact;
  std::optional<Id128> anonymous_id;
  std::string source;  // the provider
  std::int64_t t_ms = 0;
  std::string conversion_kind;
  bool operator==(const ContactProof&) const = default;
};

struct ContactVariants {
  ContactKind kind = ContactKind::email;
  Digest hash{};
  std::string variants;  // JSON object variant -> hex (server/core/people/contact_variants.hpp)
  std::string plain;  // only when the site stores contacts encrypted; sealed by the store's caller
  std::int64_t t_ms = 0;
};

struct ConsentRecord {
  Consent consent;
  std::int64_t t_ms = 0;
  // When it was chosen by the clock of the browser, which tells whether it came before an event
  // of that browser. 0: not known.
  std::int64_t said_ms = 0;
};

// The event of a receipt that nobody told: a visitor's first events came with a yes.
inline constexpr std::string_view kStatedReceipt = "stated";
struct ConsentReceipt {
  Id128 id;
  std::optional<Id128> anonymous_id;
  std::int64_t t_ms = 0;
  std::string event;  // given, implied (nobody was asked), updated, denied, withdrawn, stated
  Consent consent;
  std::string platform, text_version;
  std::string consent_string;  // of a framework: TCF, GPP
  bool is_implied = false;     // no act of the visitor: a platform's default, a country's
};

struct AnonEvent {
  std::int64_t hour_ms = 0;
  std::string name;
  Channel channel = Channel::unknown;
  std::string source, medium, campaign, referrer_domain, path;
};

enum class OrderState : std::uint8_t { pending = 0, failed = 1, paid = 2 };  // forward only
enum class DisputeState : std::uint8_t { none = 0, open = 1, won = 2, lost = 3 };
enum class SubscriptionRole : std::uint8_t {
  none = 0,
  first = 1,
  renewal = 2,
  update = 3,
  // Of an order alone: collected for a subscription whose first payment may have been one apart
  // from it (subscription_role.hpp).
  collected = 4
};
enum class MatchType : std::uint8_t {
  none = 0,
  session = 1,
  anonymous_id = 2,
  email = 3,
  phone = 4,
  user_id = 5,
  coarse = 6,
  subscription = 7,  // of its first payment, or by the ids of another one
  customer = 8       // by the ids of another order of the same customer at the provider
};
// Whether the visitor is known for certain: the anonymous id that only an e-mail address, a phone
// number or a customer account led to may be anybody's browser.
inline bool identifies_visitor(MatchType match) {
  return match == MatchType::session || match == MatchType::anonymous_id ||
         match == MatchType::user_id || match == MatchType::subscription;
}
enum class OrderChangeKind : std::uint8_t {
  pending = 0,
  paid = 1,
  amount_corrected = 2,
  refunded = 3,
  refund_reversed = 4,
  disputed = 5,
  dispute_closed = 6,
  enriched = 7,
  failed = 8
};

struct OrderRow {
  std::string site_id, provider, order_id;
  OrderState state = OrderState::pending;
  std::int64_t amount_minor = 0;
  std::string currency;
  std::uint8_t amount_rank = 0;           // higher events may correct the amount
  std::int64_t refunded_minor = 0;        // what counts: max(sum by refund id, cumulative), clamped
  std::int64_t refunded_total_minor = 0;  // cumulative maximum reported
  DisputeState dispute = DisputeState::none;
  bool live = true;
  SubscriptionRole subscription = SubscriptionRole::none;
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> paid_ms;
  std::optional<Id128> anonymous_id, session_id;
  bool ids_stated = false;  // by the site's own server; else they travelled through a payment page
  std::optional<std::int64_t> checkout_started_ms;
  std::string coarse;  // token of a coarse hand-over (coarse_origin.hpp), where there were no ids
  std::optional<Digest> email_hash, phone_hash;
  std::string user_id, customer, items = "[]", subscription_id, customer_id;
  std::string refunds = "[]";  // order_refunds.hpp; together refunded_minor
  Consent stated_consent;      // by the sender of /api/conversions
  std::string self_reported;
};

struct ConversionRow {
  std::string site_id;
  Id128 id;
  std::string kind, provider, order_id;
  std::int64_t amount_minor = 0;
  std::string currency;
  bool live = true;
  SubscriptionRole subscription = SubscriptionRole::none;
  std::int64_t occurred_ms = 0, recorded_ms = 0;
  MatchType match_type = MatchType::none;
  std::optional<Id128> session_id, anonymous_id, first_touch, last_touch;
  std::uint32_t touches = 0;
  std::int64_t days_to_convert = 0;
  std::optional<std::int64_t> checkout_started_ms;
  std::string content, snapshot, self_reported;
  std::optional<Digest> request_digest;
  std::string said;                // late_evidence.hpp
  std::string refunds = "[]";      // order_refunds.hpp
  std::optional<Digest> customer;  // who bought (new_customers.hpp)
  bool is_new_customer = false;
  bool operator==(const ConversionRow&) const = default;
};

struct CreditRow {
  std::string model;
  std::int64_t config = 0;  // attribution_rules.hpp
  std::uint32_t position = 0;
  std::optional<Id128> touch_id;  // none: unattributed
  Channel channel = Channel::unknown;
  std::string source, campaign, content, landing_path;
  std::int64_t value_minor = 0, conversions_micro = 0, net_minor = 0;
  std::vector<std::int64_t> refunds;  // share of each refund of the conversion, <= 0
  std::int64_t training = 0;          // version of the trained model (trained_models.hpp); 0: none
  bool operator==(const CreditRow&) const = default;
};

enum class DeliverySubject : std::uint8_t { event = 0, conversion = 1 };
enum class DeliveryState : std::uint8_t {
  queued = 0,
  sending = 1,
  delivered = 2,
  failed = 3,
  dead = 4,
  withheld = 5,
  accepted = 6  // taken by a vendor that judges later; its judgement is awaited
};

struct DeliveryRow {
  std::int64_t id = 0;
  std::string site_id, destination, event_name;
  Id128 event_id;
  DeliverySubject subject = DeliverySubject::event;
  std::optional<Id128> anonymous_id, session_id;
  DeliveryState state = DeliveryState::queued;
  std::int64_t occurred_ms = 0, created_ms = 0;
  std::uint32_t attempts = 0;
  std::int64_t next_attempt_ms = 0, lease_until_ms = 0;
  std::optional<std::int64_t> first_sent_ms, delivered_ms;
  std::optional<std::int64_t> accepted_ms;  // while the vendor's judgement is awaited
  std::string receipt;                      // likewise: what the vendor calls the request
  bool is_alone = false;  // the vendor judged its batch as a whole: it goes again by itself
  bool ambiguous = false;
  int last_status = 0;
  std::string last_error;
  std::string body;  // unsealed; empty until first built
  // Of a sale: the amount that the body last built says, kept when the body is not.
  std::optional<std::int64_t> told_minor;
  std::optional<std::int64_t> account;  // account_of(); none: whatever the name stands for
};

// The vendor has had it, whatever came of it.
inline bool was_sent(const DeliveryRow& row) {
  return row.state == DeliveryState::delivered || row.state == DeliveryState::accepted ||
         row.state == DeliveryState::dead;
}

struct RejectRow {
  std::int64_t id = 0;
  std::string site_id;
  std::int64_t t_ms = 0;
  std::string route, code, message;
  std::int64_t bytes = 0;
  std::string sender_json, body;  // sealed by the store; sender_json: kept_sender.hpp
  std::optional<Digest> key;      // set: of several that have it the first alone is kept
  // Whether a key or signature proved who sent it. What nobody proved is kept only while there is
  // plenty of room, for anybody can send it.
  bool is_proven = true;
  std::optional<std::int64_t> replayed_ms;
  std::string replay_result;
  bool has_text = false;  // as read: it is kept with its body, which a list leaves out
};

struct ApiKeyRow {
  std::string id, site_id;
  Digest hash{};
  std::string scopes;  // comma separated: read, write, admin
  std::int64_t created_ms = 0;
  std::optional<std::int64_t> revoked_ms;
};

// A page of a list: `cursor` is opaque to callers.
struct ListQuery {
  std::string site_id;
  std::optional<std::int64_t> from_ms, to_ms;
  std::uint32_t limit = 100;  // ≤ 1000
  std::string cursor;
};
template <class Row>
struct Page {
  std::vector<Row> items;
  std::optional<std::string> next_cursor;
};

}  // namespace tl::server
