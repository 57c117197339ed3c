// SPDX-License-Identifier: Apache-2.0
#include "server/core/outbox/delivery_schedule.hpp"

#include "server/core/outbox/delivery_consent.hpp"
#include "tests/server/support.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

TEST_CASE("the pause doubles from ten seconds to an hour, with full jitter", "[outbox]") {
  const std::uint64_t most = ~std::uint64_t{0};
  CHECK(backoff_ms(1, 0) == 0);
  CHECK(backoff_ms(1, 10'000) == 10'000);
  CHECK(backoff_ms(1, 10'001) == 0);
  CHECK(backoff_ms(2, 20'000) == 20'000);
  CHECK(backoff_ms(9, 2'560'000) == 2'560'000);
  for (std::uint32_t attempts = 10; attempts < 10'000; attempts *= 7)
    CHECK(backoff_ms(attempts, kHour) == kHour);
  CHECK(backoff_ms(1'000'000, most) <= kHour);
}

TEST_CASE("Retry-After is seconds or a date", "[outbox]") {
  CHECK(parse_retry_after("120", kNow) == 120'000);
  CHECK(parse_retry_after(" 0 ", kNow) == 0);
  // kNow is Mon, 21 Sep 2026 14:13:20 GMT.
  CHECK(parse_retry_after("Mon, 21 Sep 2026 14:23:20 GMT", kNow) == 10 * kMinute);
  CHECK(parse_retry_after("Mon, 21 Sep 2026 14:03:20 GMT", kNow) == 0);
  CHECK(parse_retry_after("99999999999", kNow) == kDay);
  for (const char* text : {"", "soon", "-1", "1.5", "Mon, 32 Sep 2026 14:23:20 GMT",
                           "Mon, 21 Foo 2026 14:23:20 GMT", "2026-09-21T14:23:20Z"}) {
    INFO(text);
    CHECK_FALSE(parse_retry_after(text, kNow));
  }
}

namespace {

DeliveryRow made(std::int64_t occurred_ms, std::optional<std::int64_t> first_sent_ms = {},
                 bool ambiguous = false) {
  DeliveryRow row;
  row.occurred_ms = row.created_ms = occurred_ms;
  row.first_sent_ms = first_sent_ms;
  row.ambiguous = ambiguous;
  return row;
}
const DestinationLimits kMetaLike{100, 7 * kDay, 47 * kHour, 5000};
const DestinationLimits kOpen{100, 0, 0, 5000};

}  // namespace

TEST_CASE("each kind of deadline holds", "[outbox]") {
  CHECK_FALSE(past_deadline(made(kNow), kMetaLike, kNow + 6 * kDay + 20 * kHour));
  CHECK(past_deadline(made(kNow), kMetaLike, kNow + 6 * kDay + 20 * kHour + 1) == "too_old");
  CHECK_FALSE(past_deadline(made(kNow, kNow), kMetaLike, kNow + 7 * kDay));
  CHECK(past_deadline(made(kNow, kNow, true), kMetaLike, kNow + 47 * kHour + 1) == "ambiguous");
  CHECK_FALSE(past_deadline(made(kNow, kNow, true), kOpen, kNow + 6 * kDay));
  CHECK(past_deadline(made(kNow, kNow), kOpen, kNow + 7 * kDay + 1) == "gave_up");
  CHECK_FALSE(past_deadline(made(kNow), kOpen, kNow + 400 * kDay));
}

TEST_CASE("a late attempt is drawn before the deadline, once", "[outbox]") {
  const auto row = made(kNow, kNow, true);
  const std::int64_t last = kNow + 47 * kHour - kMinute;
  CHECK(next_attempt(row, kMetaLike, kNow + kHour, kNow) == kNow + kHour);
  CHECK(next_attempt(row, kMetaLike, kNow + 48 * kHour, kNow + 46 * kHour) == last);
  CHECK_FALSE(next_attempt(row, kMetaLike, kNow + 48 * kHour, last));
}

namespace {

struct ConsentCase {
  const char* name;
  Purpose purpose;
  Choice site_default, recorded, stated;
  std::optional<MatchType> match;
  bool may_send;
};

}  // namespace

TEST_CASE("consent decides by its table", "[outbox][consent]") {
  using enum Choice;
  const auto ads = Purpose::marketing;
  const auto own = Purpose::storage;
  const ConsentCase cases[] = {
      {"granted", ads, denied, granted, unknown, {}, true},
      {"denied", ads, granted, denied, unknown, {}, false},
      {"unknown, opt-in", ads, denied, unknown, unknown, {}, false},
      {"unknown, opt-out", ads, granted, unknown, unknown, {}, true},
      {"own measurement", own, denied, granted, unknown, {}, true},
      {"own measurement refused", own, granted, denied, unknown, {}, false},
      {"stated for an unmatched sale", ads, denied, unknown, granted, MatchType::none, true},
      {"unmatched", ads, granted, unknown, unknown, MatchType::none, false},
      {"by e-mail alone", ads, granted, granted, unknown, MatchType::email, false},
      {"by phone alone", own, granted, granted, unknown, MatchType::phone, false},
      {"by session", ads, denied, granted, unknown, MatchType::session, true},
      {"by anonymous id", ads, denied, granted, unknown, MatchType::anonymous_id, true},
      {"stated denial", ads, granted, granted, denied, MatchType::session, false},
  };
  for (const auto& each : cases) {
    INFO(each.name);
    ConsentFacts facts;
    facts.site_default = each.site_default;
    facts.match = each.match;
    facts.occurred_ms = kNow;
    facts.recorded = ConsentRecord{{each.recorded, each.recorded, unknown, false}, kNow - kHour};
    if (each.match) facts.stated = Consent{each.stated, each.stated, unknown, false};
    CHECK(clear_delivery(each.purpose, facts).may_send == each.may_send);
  }
}

TEST_CASE("a denial after the sale beats what the sale said", "[outbox][consent]") {
  ConsentFacts facts;
  facts.match = MatchType::session;
  facts.occurred_ms = kNow;
  facts.stated = Consent{Choice::granted, Choice::granted, Choice::unknown, false};
  facts.recorded =
      ConsentRecord{{Choice::granted, Choice::denied, Choice::unknown, false}, kNow - 1};
  CHECK(clear_delivery(Purpose::marketing, facts).may_send);

  facts.recorded->t_ms = kNow + 1;
  const auto clearance = clear_delivery(Purpose::marketing, facts);
  CHECK_FALSE(clearance.may_send);
  CHECK(clearance.reason == "consent_denied");
}

TEST_CASE("an opt-out of sale limits and never permits", "[outbox][consent]") {
  ConsentFacts facts;
  facts.recorded = ConsentRecord{{Choice::granted, Choice::granted, Choice::unknown, true}, kNow};
  CHECK(clear_delivery(Purpose::marketing, facts).may_send);
  CHECK(clear_delivery(Purpose::marketing, facts).consent.opted_out_of_sale);
  facts.recorded->consent.marketing = Choice::unknown;
  CHECK_FALSE(clear_delivery(Purpose::marketing, facts).may_send);
}

TEST_CASE("test payments and marketing without storage are not told", "[outbox][consent]") {
  ConsentFacts facts;
  facts.recorded = ConsentRecord{{Choice::denied, Choice::granted, Choice::unknown, false}, kNow};
  CHECK_FALSE(clear_delivery(Purpose::marketing, facts).may_send);
  facts.recorded->consent.storage = Choice::granted;
  facts.is_live = false;
  CHECK(clear_delivery(Purpose::storage, facts).reason == "test_payment");
}
