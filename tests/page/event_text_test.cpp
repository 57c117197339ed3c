// SPDX-License-Identifier: Apache-2.0
// The wire form of events, byte by byte (api.md section 4).
#include "page/event_text.hpp"

#include "catch.hpp"
#include "shared/core_text.hpp"

#include <string>

using tl::Choice;
using tl::test::Arena;
using tl::test::written;

namespace {

tl::Evidence landing() {
  tl::Evidence evidence;
  evidence.site = "demo";
  evidence.name = "page_view";
  evidence.url = "https://shop.example/?utm_source=google&gclid=X";
  evidence.referrer = "https://www.google.com/";
  evidence.page_nonce = tl::parse_hex128("9f86d081884c7d659a2feaa0c55ad015").value();
  evidence.seq = 1;
  evidence.t_ms = 1790000000123;
  evidence.consent.storage = Choice::granted;
  evidence.consent.marketing = Choice::denied;
  return evidence;
}

struct Written {
  std::string json;
  tl::SessionState after;
};
Written decided(const tl::SessionState& before, const tl::Evidence& evidence,
                const tl::EventText& text = {}) {
  Arena arena;
  const auto decision = tl::decide(before, evidence, {}, arena.out());
  return {written([&](tl::Out& out) { tl::write_event(before, evidence, decision, text, out); }),
          decision.state};
}

}  // namespace

TEST_CASE("a first event carries ids, evidence and touch in the pinned order", "[event]") {
  CHECK(
      decided({}, landing(), {"A \"title\"", R"({"plan":"pro"})"}).json ==
      R"({"n":"page_view","id":"01a0c450-6c7b-73fc-8ae8-0528d2d0c3a3",)"
      R"("aid":"01a0c450-6c7b-7e63-ab7f-16fe499cae8f","sid":"01a0c450-1de0-7c8f-a03b-00f9d48bff01",)"
      R"("seq":1,"t":1790000000123,"why":"first","c":{"s":1,"m":0},)"
      R"("ev":{"u":"https://shop.example/?utm_source=google&gclid=X","r":"https://www.google.com/","ti":"A \"title\""},)"
      R"("touch":{"source":"google","gclid":"X"},"p":{"plan":"pro"}})");
}

TEST_CASE("a later event carries the state before it and no touch", "[event]") {
  const auto first = decided({}, landing());
  auto evidence = landing();
  evidence.name = "scroll_depth";
  evidence.seq = 2;
  evidence.t_ms += 1000;
  evidence.navigation = tl::Navigation::route;
  evidence.consent_t_ms = 1790000000999;
  evidence.consent.marketing = Choice::unknown;
  evidence.consent.ad_personalisation = Choice::granted;
  evidence.consent.opted_out_of_sale = true;
  const auto json = decided(first.after, evidence).json;
  CHECK(json.find(R"("why":"same","c":{"s":1,"p":1,"o":1},)") != std::string::npos);
  CHECK(
      json.find(
          R"("r":"https://www.google.com/","nt":3,"ct":1790000000999,"prev":{)"
          R"("aid":"01a0c450-6c7b-7e63-ab7f-16fe499cae8f","sid":"01a0c450-1de0-7c8f-a03b-00f9d48bff01",)"
          R"("start":1790000000123,"last":1790000000123,"idx":1,"th":")" +
          std::to_string(first.after.touch_fingerprint) + "\"}}}") != std::string::npos);
}

TEST_CASE("evidence alone carries nothing that was decided", "[event]") {
  tl::SessionState before;
  before.anonymous_id = tl::parse_uuid("01a0c450-6c7b-7e63-ab7f-16fe499cae8f").value();
  CHECK(
      written([&](tl::Out& out) { tl::write_evidence_event(before, landing(), {}, out); }) ==
      R"({"n":"page_view","seq":1,"t":1790000000123,"c":{"s":1,"m":0},)"
      R"("ev":{"u":"https://shop.example/?utm_source=google&gclid=X","r":"https://www.google.com/",)"
      R"("prev":{"aid":"01a0c450-6c7b-7e63-ab7f-16fe499cae8f"}}})");
}

TEST_CASE("a campaign started by the page travels as evidence and as touch", "[event]") {
  tl::Touch picked;
  picked.source = "cards";
  picked.campaign_id = "7";
  auto evidence = landing();
  evidence.name = "campaign";
  evidence.campaign = &picked;
  const auto json = decided({}, evidence).json;
  CHECK(
      json.find(
          R"("cm":{"source":"cards","campaign_id":"7"}},"touch":{"source":"cards","campaign_id":"7"}})") !=
      std::string::npos);
}

TEST_CASE("a direct session's touch is an empty object", "[event]") {
  auto evidence = landing();
  evidence.url = "https://shop.example/";
  evidence.referrer = "";
  const auto json = decided({}, evidence).json;
  CHECK(json.find(R"("ev":{"u":"https://shop.example/"},"touch":{}})") != std::string::npos);
}

TEST_CASE("without consent only coarse values shared by many are written", "[event]") {
  const auto anonymous = [](const tl::Evidence& evidence) {
    Arena arena;
    return written([&](tl::Out& out) { tl::write_anonymous_event(evidence, arena.out(), out); });
  };
  auto evidence = landing();
  evidence.consent.storage = Choice::denied;
  evidence.url =
      "https://shop.example/order/"
      "1234567?utm_source=Google&utm_medium=cpc&utm_campaign=spring&gclid=X&utm_content=person";
  CHECK(
      anonymous(evidence) ==
      R"({"n":"page_view","seq":1,"t":1789999200000,"c":{"s":0,"m":0},"an":{)"
      R"("source":"Google","medium":"cpc","campaign":"spring","ref":"www.google.com","path":"/order/*","cl":["gclid"]}})");

  evidence.url = "https://shop.example/?utm_campaign=john%40x.com";
  evidence.referrer = "";
  const auto json = anonymous(evidence);
  CHECK(json.find("john") == std::string::npos);
  CHECK(json.find(R"("campaign":"*")") != std::string::npos);
  for (const auto* id : {"\"id\"", "\"aid\"", "\"sid\"", "\"ev\"", "\"u\"", "\"why\""})
    CHECK(json.find(id) == std::string::npos);
}

TEST_CASE("a title with broken text leaves the JSON whole", "[event]") {
  const auto json = decided({}, landing(), {"\xFF\x01\xE2\x80\xA8", ""}).json;
  CHECK(json.find("\"ti\":\"\xEF\xBF\xBD\\u0001\\u2028\"") != std::string::npos);
}

TEST_CASE("an event that does not fit is noticed", "[event]") {
  Arena arena;
  const auto decision = tl::decide({}, landing(), {}, arena.out());
  char buffer[100];
  tl::Out out(buffer, sizeof buffer);
  tl::write_event({}, landing(), decision, {}, out);
  CHECK(out.overflowed());
}
