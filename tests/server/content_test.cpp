// SPDX-License-Identifier: Apache-2.0
// One reader for the content that an event is about: what a session remembers of a page view is
// what a sale tells of it.
#include "server/core/ingest/content.hpp"

#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {
using Json = nlohmann::json;
}

TEST_CASE("the last content is remembered by whichever name the page uses", "[content]") {
  const auto props = GENERATE(values<std::string>(
      {R"({"content_id":"sku-9","content_name":"Poster"})",
       R"({"product_id":"sku-9","product_name":"Poster"})",
       R"({"productId":"sku-9","productName":"Poster"})", R"({"id":"sku-9","title":"Poster"})"}));
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/p");
  const auto view = browser.event("content_view", props);

  house.kept(browser.batch({view}));

  const auto kept = house.session(view["sid"])->last_content;
  CHECK(Json::parse(kept) == Json({{"id", "sku-9"}, {"name", "Poster"}}));
  CHECK(read_content(kept).id == "sku-9");
  CHECK(read_content(kept).name == "Poster");
}

TEST_CASE("of several names the first counts, and numbers are texts", "[content]") {
  const auto content = read_content(R"({"id":1,"content_id":7,"name":"n","content_category":"c"})");
  CHECK(content.id == "7");
  CHECK(content.name == "n");
  CHECK(content.category == "c");
  for (const char* nothing : {"", "[]", "{", R"({"id":null,"x":"y"})"})
    CHECK(read_content(nothing).is_empty());
  CHECK(write_content({}).empty());
}
