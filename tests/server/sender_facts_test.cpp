// SPDX-License-Identifier: Apache-2.0
// What a request's own head leaves in the session: device, place, and the flag of a bot.
#include "tests/server/intake_house.hpp"

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

struct Visit {
  http::Reply reply;
  SessionRow session;
};

// A page view whose request carries these headers instead of the usual ones.
Visit visit(const std::vector<std::pair<std::string, std::string>>& headers,
            const Place& place = {}) {
  IntakeHouse house;
  Browser browser;
  browser.open("https://shop.example/?utm_source=google&utm_medium=cpc");
  const auto event = browser.event("page_view");
  auto request = house.request(browser.batch({event}).dump());
  request.place = place;
  for (const auto& stated : headers) {
    std::erase_if(request.headers,
                  [&](const auto& header) { return header.first == stated.first; });
    request.headers.push_back(stated);
  }
  Visit made;
  made.reply = house.send("POST", "/api/events", request);
  made.session = house.session(event["sid"]).value();
  return made;
}

}  // namespace

TEST_CASE("a session knows its device and the place that a proxy told", "[ingest]") {
  const auto [reply, session] = visit({}, {"CZ", "64", "Brno"});

  CHECK(session.device == "desktop");
  CHECK(session.browser == "chrome");
  CHECK(session.os == "linux");
  CHECK(session.country == "CZ");
  CHECK_FALSE(session.is_bot);
}

TEST_CASE("bots and prefetches are kept and flagged", "[ingest]") {
  const auto header = GENERATE(
      std::pair<std::string, std::string>{"User-Agent", ""},
      std::pair<std::string, std::string>{"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"},
      std::pair<std::string, std::string>{"Sec-Purpose", "prefetch;prerender"},
      std::pair<std::string, std::string>{"Purpose", "prefetch"});

  const auto [reply, session] = visit({header});

  CHECK(reply.status == 202);
  CHECK(header_of(reply, "X-Throughline").find("bot") != std::string::npos);
  CHECK(session.is_bot);
}

TEST_CASE("client hints reach the session", "[ingest]") {
  const auto [reply, session] = visit({{"Sec-CH-UA-Platform", "\"Android\""},
                                       {"Sec-CH-UA-Mobile", "?1"},
                                       {"Sec-CH-UA", "\"Brave\";v=\"140\""}});

  CHECK(session.os == "android");
  CHECK(session.device == "mobile");
  CHECK(session.browser == "brave");
}
