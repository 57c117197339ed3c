// SPDX-License-Identifier: Apache-2.0
// After a change of the secret: everything sealed is sealed anew, table by table, and the old
// secret can go.
#include "server/core/access/resealing.hpp"

#include "tests/server/support.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>
#include <iterator>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

constexpr const char* kSecond = "the second secret of more than thirty-two";
constexpr const char* kThird = "the third secret, of more than thirty-two";

// One row in each table that holds something sealed, by that secret.
void fill(Store& store, const SecretBox& box, std::uint64_t number) {
  require_ok(store.write([&](Tables& tables) -> Outcome<void> {
    TL_CHECK(tables.events().put_session(given_session(number)));
    SessionContext context;
    context.ip = "198.51.100.7";
    TL_CHECK(tables.events().put_context("demo", id(number), id(2001), context, kNow, kNow + kDay));
    ContactVariants contact;
    contact.hash[0] = static_cast<std::uint8_t>(number);
    contact.variants = "{}";
    contact.plain = box.seal("jane@shop.example", "contact:demo");
    contact.t_ms = kNow;
    TL_CHECK(tables.people().put_contact("demo", contact));
    InboxEntry entry;
    entry.site_id = "demo";
    entry.provider = "stripe";
    entry.event_key = "evt_" + std::to_string(number);
    entry.headers_json = "{}";
    entry.body = "the webhook's body";
    TL_CHECK(tables.orders().receive(entry));
    DeliveryRow delivery;
    delivery.site_id = "demo";
    delivery.destination = "meta";
    delivery.event_name = "page_view";
    delivery.event_id = id(number);
    TL_CHECK(tables.outbox().enqueue(delivery));
    TL_TRY(rows, tables.outbox().deliveries_of_event("demo", id(number)));
    rows.at(0).body = "the delivery's body";
    TL_CHECK(tables.outbox().put_delivery(rows.at(0)));
    RejectRow reject;
    reject.site_id = "demo";
    reject.t_ms = kNow;
    reject.route = "/api/events";
    reject.sender_json = "{}";
    reject.body = "the refused body";
    TL_CHECK(tables.operations().insert_reject(reject));
    return {};
  }));
}

// What of a number's rows that secret alone opens.
std::string opened(const std::string& path, const SecretBox& box, std::uint64_t number) {
  const auto store = value_of(open_store("sqlite:" + path, box, kNow));
  std::string text;
  require_ok(store->read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(context, tables.events().find_context("demo", id(number)));
    text += (context ? context->ip : "") + " ";
    Digest hash{};
    hash[0] = static_cast<std::uint8_t>(number);
    TL_TRY(contact, tables.people().find_contact("demo", ContactKind::email, hash));
    text += box.open(contact->plain, "contact:demo").value_or("") + " ";
    TL_TRY(inbox, tables.privacy().inbox_after("demo", 0, 100));
    for (const auto& one : inbox)
      if (one.entry.event_key == "evt_" + std::to_string(number)) text += one.entry.body + " ";
    TL_TRY(deliveries, tables.outbox().deliveries_of_event("demo", id(number)));
    text += deliveries.at(0).body + " ";
    TL_TRY(reject, tables.operations().find_reject("demo", static_cast<std::int64_t>(number)));
    text += reject->body;
    return {};
  }));
  return text;
}

constexpr const char* kAll =
    "198.51.100.7 jane@shop.example the webhook's body the delivery's body the refused body";

}  // namespace

TEST_CASE("what earlier secrets sealed is sealed anew, and they can go", "[secret][reseal]") {
  FakeEntropy entropy;
  TempFolder folder;
  const std::string path = folder.file("test.db");
  const SecretBox first(kSecret, entropy), second(kSecond, entropy), third(kThird, entropy);
  const SecretBox all(kThird, entropy, std::vector<std::string>{kSecond, kSecret});
  std::uint64_t number = 0;
  for (const SecretBox* box : {&first, &second, &third})
    fill(*value_of(open_store("sqlite:" + path, *box, kNow)), *box, ++number);
  REQUIRE(opened(path, first, 1) == kAll);
  REQUIRE(opened(path, all, 1) == kAll);
  REQUIRE(opened(path, third, 1) != kAll);

  std::string steps;
  const auto run = [&](const SecretBox& box) {
    const auto store = value_of(open_store("sqlite:" + path, box, kNow));
    return value_of(reseal(*store, [&](std::string_view table, std::int64_t done, std::int64_t of) {
      steps += std::string(table) + " " + std::to_string(done) + "/" + std::to_string(of) + ", ";
    }));
  };
  // Without the first secret its rows stay as they are.
  const auto partly = run(SecretBox(kThird, entropy, kSecond));
  CHECK(partly.rows == 15);
  CHECK(partly.resealed == 5);
  CHECK(partly.unreadable == 5);
  CHECK(steps.starts_with("session contexts 3/3, contacts 3/3, "));

  const auto rest = run(all);
  CHECK(rest.resealed == 5);
  CHECK(rest.unreadable == 0);
  CHECK(run(all).resealed == 0);
  for (const std::uint64_t each : {1U, 2U, 3U}) CHECK(opened(path, third, each) == kAll);
}

TEST_CASE("resealing goes through a table in pages and leaves nothing of the old bytes",
          "[secret][reseal]") {
  FakeEntropy entropy;
  TempFolder folder;
  const std::string path = folder.file("test.db");
  const SecretBox first(kSecret, entropy);
  {
    const auto store = value_of(open_store("sqlite:" + path, first, kNow));
    fill(*store, first, 1);
    require_ok(store->write([](Tables& tables) -> Outcome<void> {
      RejectRow reject;
      reject.site_id = "demo";
      reject.t_ms = kNow;
      reject.route = "/api/events";
      reject.sender_json = "{}";
      reject.body = "one of many refused bodies";
      for (int i = 0; i < 600; ++i) TL_CHECK(tables.operations().insert_reject(reject));
      return {};
    }));
  }
  std::vector<std::string> old_bytes;
  {
    SQLite::Database database(path, SQLite::OPEN_READONLY);
    SQLite::Statement rows(database, "SELECT sealed FROM reject WHERE id IN (1, 300, 601)");
    while (rows.executeStep()) old_bytes.push_back(rows.getColumn(0).getString());
  }
  REQUIRE(old_bytes.size() == 3);
  const auto files = [&] {
    std::string all;
    for (const char* end : {"", "-wal"}) {
      std::ifstream file(path + end, std::ios::binary);
      all.append(std::istreambuf_iterator<char>(file), {});
    }
    return all;
  };
  const SecretBox second(kSecond, entropy, kSecret);
  const auto store = value_of(open_store("sqlite:" + path, second, kNow));
  const auto totals = value_of(reseal(*store, {}));
  CHECK(totals.rows == 605);
  CHECK(totals.resealed == 605);
  const std::string after = files();
  for (const auto& bytes : old_bytes) CHECK(after.find(bytes) == std::string::npos);
}

TEST_CASE("a page of sealed rows ends where the next one begins", "[secret][reseal]") {
  FakeEntropy entropy;
  TempStore store;
  for (const std::uint64_t number : {1U, 2U, 3U}) fill(*store, store.box, number);
  for (const auto table :
       {SealedTable::session_context, SealedTable::contact, SealedTable::webhook_inbox,
        SealedTable::delivery, SealedTable::reject}) {
    int pages = 0;
    SealedKey after;
    for (bool has_more = true; has_more && pages < 10; pages += has_more ? 1 : 0)
      store.put([&](Tables& tables) -> Outcome<void> {
        TL_TRY(page, tables.privacy().reseal(table, after, 1));
        has_more = page.rows == 1;
        after = page.last;
        return {};
      });
    INFO(static_cast<int>(table));
    CHECK(pages == 3);
  }
}
