// SPDX-License-Identifier: Apache-2.0
// What a receipt of consent says and proves: of whom, which change it was, and who made it.
#include "server/core/privacy/person_export.hpp"
#include "server/core/text/rfc3339.hpp"
#include "tests/server/intake_house.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

// A visitor whose events have told their consent already, and what they choose then.
class Chooser : public IntakeHouse {
 public:
  Chooser() : begun(kept(given_batch())) {}

  http::Reply answer_to(bool storage, bool marketing, const Json& fields) {
    store.clock.advance(1000);
    Json body = {{"site", "demo"},
                 {"write_key", "wk_demo"},
                 {"token", begun["token"]},
                 {"consent", {{"storage", storage}, {"marketing", marketing}}}};
    body.update(fields);
    return post("/api/consent", body);
  }
  NumberedReceipt choose(bool storage, bool marketing, const Json& fields = Json::object()) {
    REQUIRE(answer_to(storage, marketing, fields).status == 200);
    return store
        .get([](Tables& tables) { return tables.privacy().receipts_after("demo", 0, {}, 100); })
        .back();
  }
  std::vector<Json> exported() {
    std::vector<Json> receipts;
    require_ok(export_consent_receipts(
        *store, "demo", [&](const std::string& line) { receipts.push_back(Json::parse(line)); }));
    return receipts;
  }

  const Json begun;
};

// The hash that a receipt must have, of the fields after its event.
Digest hash_of(const NumberedReceipt& row, const std::string& event,
               const std::vector<std::uint32_t>& choices, const std::vector<std::string>& texts) {
  FieldHash hash("tl-receipt");
  hash.add(view_of(row.previous_hash)).add("demo").add(row.receipt.id).add(view_of(row.subject));
  hash.add(std::to_string(row.receipt.t_ms)).add(event);
  for (const auto choice : choices) hash.add_u32(choice);
  for (const auto& text : texts) hash.add(text);
  return hash.finish();
}

}  // namespace

TEST_CASE("a choice that is told again has one receipt", "[consent][receipts]") {
  Chooser visitor;
  const Json said = {{"t", visitor.store.clock.now_ms()}, {"platform", "own_banner"}};
  const auto id_of = [&](bool marketing, const Json& fields) {
    return Json::parse(visitor.answer_to(true, marketing, fields).body)["receipt_id"];
  };
  const Json first = id_of(false, said);
  CHECK(id_of(false, said) == first);
  CHECK(id_of(true, said) != first);
  Json later = said;
  later["t"] = visitor.store.clock.now_ms();
  CHECK(id_of(true, later) != first);
  CHECK(visitor.exported().size() == 4);  // with what the events stated
}

TEST_CASE("a receipt names the change, and keeps and proves the framework's string",
          "[consent][receipts]") {
  Chooser visitor;
  // The events have brought this very choice already.
  CHECK(visitor.choose(true, true).receipt.event == "given");
  CHECK(visitor.choose(true, true).receipt.event == "updated");
  // GPP strings have sections.
  const std::string gpp = "DBABMA~CPXxRfAPXxRfAAfKABENB.YAAA~1YNN";
  const auto kept = visitor.choose(true, false, {{"consent_string", gpp}});
  CHECK(kept.receipt.event == "withdrawn");  // marketing
  CHECK(kept.receipt.consent_string == gpp);
  CHECK(hash_of(kept, "withdrawn", {2, 1, 0, 0}, {"", "", gpp}) == kept.hash);
  const auto string_of = [&](const std::string& text) {
    return visitor.choose(true, false, {{"consent_string", text}}).receipt.consent_string;
  };
  CHECK(string_of(std::string(4096, 'C')).size() == 4096);
  CHECK(string_of(std::string(4097, 'C')).empty());
  CHECK(string_of("<script>").empty());
  CHECK(visitor.choose(false, false).receipt.event == "withdrawn");
  CHECK(visitor.choose(false, false).receipt.event == "denied");
  CHECK(visitor.choose(true, false).receipt.event == "given");
}

TEST_CASE("a receipt says whether the visitor chose or nobody did, and proves it",
          "[consent][receipts]") {
  Chooser visitor;
  for (const Json& wrong : {Json("assumed"), Json(""), Json(1), Json(nullptr), Json::array()})
    CHECK(code_of(visitor.answer_to(true, true, {{"basis", wrong}})) == "bad_consent");
  REQUIRE(visitor.exported().size() == 1);  // what the events stated
  const Json tcf = {{"platform", "iab_tcf"}, {"consent_string", "CQA_.Y"}};
  Json implied = tcf;
  implied["basis"] = "implied";

  const auto first = visitor.choose(true, true, implied);
  visitor.choose(true, true, tcf);
  visitor.choose(true, true, {{"basis", "explicit"}});
  visitor.choose(false, false, {{"basis", "implied"}});
  visitor.choose(true, true, {{"platform", "region_default"}});

  CHECK(hash_of(first, "implied", {2, 2, 0, 0}, {"iab_tcf", "", "CQA_.Y", "implied"}) ==
        first.hash);
  const auto receipts = visitor.exported();
  std::string told;
  for (const auto& receipt : receipts)
    told += receipt["event"].get<std::string>() + " " + receipt["basis"].get<std::string>() + ", ";
  CHECK(told ==
        "stated stated, implied implied, updated explicit, updated explicit, withdrawn implied, "
        "implied implied, ");
  CHECK(receipts[2]["consent_string"] == "CQA_.Y");
}

TEST_CASE("a withdrawal told again by a later page has one receipt", "[consent][receipts]") {
  Chooser visitor;
  visitor.choose(true, true);
  const Json again = {{"again", 1}, {"platform", "cookiebot"}};
  // The first telling was lost: the second is the one that counts.
  CHECK(visitor.choose(false, false, again).receipt.event == "withdrawn");
  const auto count = visitor.exported().size();
  CHECK(visitor.answer_to(false, false, again).body == R"({"receipt_id":null})");
  // Its cookie has gone with the first answer: nothing says whose it was.
  CHECK(visitor.answer_to(false, false, {{"again", 1}, {"token", ""}}).body ==
        R"({"receipt_id":null})");
  CHECK(visitor.exported().size() == count);
  // A choice is one, whatever stands beside it.
  CHECK(visitor.choose(true, true, again).receipt.event == "given");
  CHECK(visitor.choose(false, false).receipt.event == "withdrawn");
  CHECK(visitor.exported().size() == count + 2);
}

TEST_CASE("the export shows that a withdrawal belongs to a yes, and names nobody",
          "[consent][receipts]") {
  Chooser visitor;
  visitor.choose(true, true);
  visitor.choose(true, false);
  visitor.choose(false, false);
  const auto receipts = visitor.exported();
  REQUIRE(receipts.size() == 4);  // after what the events stated
  CHECK(receipts[0]["previous_hash"] == std::string(64, '0'));
  for (std::size_t i = 0; i < receipts.size(); ++i) {
    CHECK(receipts[i].dump().find(visitor.begun["anonymous_id"].get<std::string>()) ==
          std::string::npos);
    CHECK(receipts[i]["subject"].get<std::string>().size() == 64);
    CHECK(receipts[i]["subject"] == receipts[0]["subject"]);
    if (i > 0) CHECK(receipts[i]["previous_hash"] == receipts[i - 1]["hash"]);
  }
}

TEST_CASE("receipts of two visitors have two pseudonyms, and an erased visitor's tells nothing",
          "[consent][receipts]") {
  TempStore store;
  const auto append = [&](std::uint64_t number, std::optional<Id128> visitor) {
    store.put([&](Tables& tables) {
      ConsentReceipt receipt;
      receipt.id = id(number);
      receipt.anonymous_id = visitor;
      receipt.event = visitor ? "given" : "denied";
      return tables.people().append_receipt("demo", receipt);
    });
  };
  append(1, id(11));
  append(2, id(12));
  append(3, std::nullopt);
  append(4, std::nullopt);
  append(5, id(11));
  store.put([](Tables& tables) {
    Renames renames;
    renames.visitors = {{id(11), id(99)}};
    return tables.privacy().rename("demo", renames);
  });
  append(6, id(11));

  std::set<Digest> subjects;
  const auto rows =
      store.get([](Tables& tables) { return tables.privacy().receipts_after("demo", 0, {}, 10); });
  for (const auto& row : rows) subjects.insert(row.subject);
  CHECK(rows[0].subject == rows[4].subject);
  CHECK(subjects.size() == 5);
  SQLite::Database database(store.path(), SQLite::OPEN_READONLY);
  CHECK(database
            .execAndGet("SELECT count(*) FROM consent_receipt WHERE number IN (1, 5) AND salt = "
                        "zeroblob(16) AND anonymous_id IS NULL")
            .getInt() == 2);
}

TEST_CASE("a yes that only the page's events tell has a receipt, once a visitor",
          "[consent][receipts]") {
  const auto events_of = [](Chooser& visitor) {
    std::string told;
    for (const auto& receipt : visitor.exported())
      told +=
          receipt["event"].get<std::string>() + " " + receipt["platform"].get<std::string>() + ", ";
    return told;
  };
  Chooser visitor;
  visitor.kept(given_batch());  // the same visitor's
  CHECK(events_of(visitor) == "stated page, ");
  const auto stated = visitor.exported().front();
  CHECK(stated["consent"]["storage"] == "granted");
  CHECK(stated["basis"] == "stated");

  CHECK(stated["t"] == write_rfc3339(kNow));

  CHECK(visitor.choose(false, false).receipt.event == "withdrawn");
  CHECK(visitor.exported()[1]["subject"] == stated["subject"]);
}

TEST_CASE("a yes is dated when it was given, not when the page was opened", "[consent][receipts]") {
  IntakeHouse house;
  Browser browser;
  browser.open(kAd);
  Json waited = browser.evidence_only("page_view");
  const std::int64_t accepted_ms = kNow + 11'000;
  waited["ev"]["ct"] = accepted_ms;
  browser.now_ms = accepted_ms + 100;
  house.store.clock.advance(11'100);
  house.kept(browser.batch({waited}, 0));
  const auto receipts = house.store.get(
      [](Tables& tables) { return tables.privacy().receipts_after("demo", 0, {}, 100); });
  REQUIRE(receipts.size() == 1);
  CHECK(receipts[0].receipt.t_ms == accepted_ms);
  CHECK(receipts[0].receipt.id.time_ms() == accepted_ms);
}

TEST_CASE("what nobody said is no yes that has a receipt", "[consent][receipts]") {
  auto site = demo_site();
  site.consent_default = Choice::granted;
  IntakeHouse house(std::move(site));
  Browser browser;
  browser.consent = {};
  browser.open(kAd);
  house.kept(browser.batch({browser.event("page_view")}));
  CHECK(house.store
            .get([](Tables& tables) { return tables.privacy().receipts_after("demo", 0, {}, 100); })
            .empty());
}
