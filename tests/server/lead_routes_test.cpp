// SPDX-License-Identifier: Apache-2.0
// POST /api/webhook/lead and GET /api/leads: who may send, in which shapes, what is answered to
// whom.
#include "server/core/orders/orders.hpp"
#include "server/http/form_fields.hpp"
#include "server/http/order_routes.hpp"
#include "server/providers/registry.hpp"
#include "tests/server/intake_house.hpp"
#include "tests/server/stripe_fixture.hpp"

#include <cctype>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

using Json = nlohmann::json;

constexpr const char* kUrlEncoded = "application/x-www-form-urlencoded";
constexpr const char* kMultipart = "multipart/form-data; boundary=\"--x y\"";

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) {
      out += c;
    } else if (c == ' ') {
      out += '+';
    } else {
      out += '%';
      out += to_hex(std::string(1, c));
    }
  }
  return out;
}

// Its time is the session's start.
Id128 anns_session() {
  return uuid_v7(kNow - kHour, sha256("ann"));
}

class LeadHouse : public IntakeHouse {
 public:
  LeadHouse()
      : IntakeHouse(demo_site()),
        orders(*store, store.clock, Shop::takes(), &store.box),
        checkouts(*store, store.clock, client, Shop::lanes(), [](std::int64_t) {}) {
    const http::OrderRouteParts parts{
        orders,
        *store,
        store.clock,
        [this](std::string_view id) -> std::shared_ptr<const SiteConfig> {
          return id == site->id ? site : nullptr;
        },
        find_provider,
        [](const http::Request& request, std::string_view scope) -> Outcome<std::string> {
          if (request.header("authorization") == "Bearer good") return std::string("demo");
          if (request.header("authorization") == "Bearer reader") {
            if (scope == "read") return std::string("demo");
            return fail(ErrorKind::forbidden, "missing_scope", "no write scope");
          }
          return fail(ErrorKind::unauthenticated, "bad_key", "no such key");
        },
        store.tokens,
        checkouts,
        find_checkout_maker,
        unread,
        store.box};
    std::erase_if(routes_, [](const http::Route& route) {
      return route.pattern.starts_with("/api/rejects");
    });
    for (auto& list : {http::lead_routes(parts, ingest), http::conversion_routes(parts)})
      routes_.insert(routes_.end(), list.begin(), list.end());
    const http::IngestRouteParts ingest_parts{
        ingest, "https://t.shop.example", authorise, unread, {}};
    for (auto& route : http::rejects_routes(ingest_parts, routes_)) routes_.push_back(route);
    store.put([](Tables& tables) -> Outcome<void> {
      TL_CHECK(tables.events().put_session(given_session(1001, kNow - kHour)));
      TL_CHECK(tables.events().alias_session("demo", anns_session(), id(1001)));
      TL_TRY(is_new,
             tables.events().insert_touch(given_touch(1, Channel::paid_social, kNow - kHour)));
      static_cast<void>(is_new);
      return {};
    });
  }

  http::Reply send_lead(const std::string& body, const std::string& type,
                        const std::string& origin = "https://shop.example") {
    auto made = request(body);
    made.headers[0].second = origin;
    made.headers.emplace_back("Content-Type", type);
    return send("POST", "/api/webhook/lead", made);
  }
  http::Reply form(const std::map<std::string, std::string>& fields,
                   const std::string& origin = "https://shop.example") {
    std::string body;
    for (const auto& [name, value] : fields)
      body += (body.empty() ? "" : "&") + escaped(name) + "=" + escaped(value);
    return send_lead(body, kUrlEncoded, origin);
  }
  http::Reply server(const Json& body, const std::string& key = "good") {
    auto made = request(body.dump());
    made.headers = {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
    return send("POST", "/api/webhook/lead", made);
  }
  Json leads(std::vector<std::pair<std::string, std::string>> query = {}) {
    auto made = request();
    made.query = std::move(query);
    made.headers = {{"Authorization", "Bearer reader"}};
    const auto reply = send("GET", "/api/leads", made);
    INFO(reply.body);
    REQUIRE(reply.status == 200);
    return Json::parse(reply.body);
  }

  Orders orders;
  NoClient client;
  Checkouts checkouts;
};

std::map<std::string, std::string> anns_form() {
  return {{"site", "demo"},
          {"write_key", "wk_demo"},
          {"form_type", "contact"},
          {"email", "ann@example.com"},
          {"name", "Ann Lee & Sons"},
          {"self_reported", "a podcast, přes kamarádku"},
          {"tl_session_id", uuid(anns_session())},
          {"tl_website", ""}};
}
Json anns_lead() {
  return {
      {"email", "ann@example.com"}, {"form_type", "contact"}, {"session_id", uuid(anns_session())}};
}

}  // namespace

TEST_CASE("a pasted HTML form makes a matched lead and answers nothing about it", "[leads][http]") {
  LeadHouse house;
  const auto reply = house.form(anns_form());
  CHECK(reply.status == 200);
  CHECK(reply.body == "Thank you. This has been received.\n");
  const auto items = house.leads()["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["match_type"] == "session");
  CHECK(items[0]["first_touch"]["channel"] == "paid_social");
  CHECK(items[0]["form_type"] == "contact");
  CHECK(items[0]["stage"] == "lead");
  CHECK(items[0]["verified"] == false);
  CHECK(items[0]["self_reported"] == "a podcast, přes kamarádku");
  CHECK(items[0]["email_sha256"].get<std::string>().size() == 64);
  CHECK_FALSE(items[0].contains("email"));
  CHECK(house.store.counter("demo", "accepted") == 1);
}

TEST_CASE("multipart forms and JSON from a page are the same lead", "[leads][http]") {
  LeadHouse house;
  std::string body = "preamble";
  for (const auto& [name, value] : anns_form())
    body += "\r\n----x y\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value;
  body +=
      "\r\n----x y\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"cv.pdf\"\r\n"
      "Content-Type: application/pdf\r\n\r\n%PDF\xff\r\n----x y--\r\n";
  CHECK(house.send_lead(body, kMultipart).status == 200);
  auto page = Json(anns_form());
  const auto reply = house.send_lead(page.dump(), "text/plain;charset=UTF-8");
  CHECK(reply.status == 200);
  CHECK(Json::parse(reply.body) == Json{{"received", true}});
  CHECK(house.leads()["items"].size() == 1);
  CHECK(house.store.counter("demo", "duplicate") == 1);
}

TEST_CASE("a page's answer is the same for a stranger and for somebody known", "[leads][http]") {
  LeadHouse house;
  CHECK(house.server({{"email", "ann@example.com"}, {"session_id", uuid(anns_session())}}).status ==
        201);
  const auto said = [&](const std::string& email) {
    const auto reply =
        house.send_lead(Json{{"site", "demo"}, {"write_key", "wk_demo"}, {"email", email}}.dump(),
                        "application/json");
    std::string text = std::to_string(reply.status) + reply.body;
    for (const auto& [name, value] : reply.headers) text += name + value;
    return text;
  };
  CHECK(said("ann@example.com") == said("nobody@example.com"));
  CHECK(said("ann@example.com") == said("ann@example.com"));
}

TEST_CASE("a page states no money, no stage and no time", "[leads][http]") {
  LeadHouse house;
  auto form = anns_form();
  form["value"] = "100000";
  form["currency"] = "EUR";
  form["stage"] = "customer";
  form["occurred_at"] = "2020-01-01";
  CHECK(house.form(form).status == 200);
  const auto items = house.leads()["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["amount_minor"] == 0);
  CHECK(items[0]["stage"] == "lead");
  CHECK(items[0]["occurred_at"].get<std::string>().starts_with("2026-09-21"));
}

TEST_CASE("the honeypot keeps nothing and tells the robot nothing", "[leads][http]") {
  LeadHouse house;
  auto form = anns_form();
  form["tl_website"] = "https://cheap.example";
  const auto reply = house.form(form);
  CHECK(reply.status == 200);
  CHECK(reply.body == "Thank you. This has been received.\n");
  CHECK(header_of(reply, "X-Throughline") == "honeypot");
  CHECK(house.leads()["items"].empty());
  CHECK(house.store.counter("demo", "rejected") == 1);
}

TEST_CASE("a form goes on to a page of the site and to no other", "[leads][http]") {
  LeadHouse house;
  const auto sent = [&](const std::string& redirect) {
    auto form = anns_form();
    form["tl_redirect"] = redirect;
    return house.form(form);
  };
  for (const auto& [wanted, url] : std::vector<std::pair<std::string, std::string>>{
           {"/thanks?x=1#y", "https://shop.example/thanks?x=1#y"},
           {"https://shop.example", "https://shop.example"},
           {"https://shop.example/thanks", "https://shop.example/thanks"}}) {
    INFO(wanted);
    const auto reply = sent(wanted);
    CHECK(reply.status == 303);
    CHECK(header_of(reply, "Location") == url);
  }
  for (const char* wanted :
       {"https://evil.example/", "//evil.example", "https://shop.example.evil.example/",
        "https://shop.example@evil.example/", "javascript:alert(1)", "/\\evil.example",
        "/thanks\r\nSet-Cookie: a=b", "https:evil.example", "HTTPS://SHOP.EXAMPLE/", "thanks"}) {
    INFO(wanted);
    const auto reply = sent(wanted);
    CHECK(reply.status == 200);
    CHECK(header_of(reply, "Location").empty());
    CHECK(header_of(reply, "X-Throughline") == "foreign_redirect");
  }
  CHECK(house.leads()["items"].size() == 1);  // kept all the same
  // No page named: a path leads nowhere.
  auto form = anns_form();
  form["tl_redirect"] = "/thanks";
  CHECK(house.form(form, "").status == 200);
}

TEST_CASE("a form without Origin is of its referrer's page", "[leads][http]") {
  LeadHouse house;
  const auto from = [&](const std::string& referrer) {
    std::string body;
    for (const auto& [name, value] : anns_form())
      body += (body.empty() ? "" : "&") + escaped(name) + "=" + escaped(value);
    auto made = house.request(body);
    made.headers = {{"Content-Type", kUrlEncoded}};
    if (!referrer.empty()) made.headers.emplace_back("Referer", referrer);
    return house.send("POST", "/api/webhook/lead", made);
  };
  CHECK(code_of(from("https://evil.example/contact")) == "foreign_origin");
  CHECK(from("https://shop.example/contact?a=b").status == 200);
  CHECK(from("").status == 200);  // no page of another site
}

TEST_CASE("only the site's key and pages may send a lead", "[leads][http]") {
  LeadHouse house;
  CHECK(code_of(house.form(anns_form(), "https://evil.example")) == "foreign_origin");
  CHECK(code_of(house.form(anns_form(), "null")) == "foreign_origin");
  auto form = anns_form();
  form["write_key"] = "wk_other";
  CHECK(code_of(house.form(form)) == "wrong_key");
  form.erase("write_key");
  CHECK(code_of(house.form(form)) == "wrong_key");
  form["site"] = "other";
  CHECK(code_of(house.form(form)) == "unknown_site");
  // The names of other trackers' headers.
  auto made = house.request("email=ann%40example.com");
  made.headers.emplace_back("Content-Type", kUrlEncoded);
  made.headers.emplace_back("X-Aurea-API-Key", "wk_demo");
  made.headers.emplace_back("X-Aurea-Funnel-ID", "demo");
  CHECK(house.send("POST", "/api/webhook/lead", made).status == 200);

  CHECK(code_of(house.server(anns_lead(), "unheard")) == "bad_key");
  CHECK(code_of(house.server(anns_lead(), "reader")) == "missing_scope");
  auto other = anns_lead();
  other["site"] = "other";
  CHECK(code_of(house.server(other)) == "wrong_site");
  auto reader = house.request();
  reader.headers = {{"Authorization", "Bearer unheard"}};
  CHECK(code_of(house.send("GET", "/api/leads", reader)) == "bad_key");
  CHECK(house.leads()["items"].size() == 1);
}

TEST_CASE("what is malformed is refused with its reason", "[leads][http]") {
  LeadHouse house;
  const std::string keyed = "site=demo&write_key=wk_demo&";
  CHECK(code_of(house.send_lead("{\"site\":", "application/json")) == "malformed_json");
  CHECK(code_of(house.send_lead("[]", "application/json")) == "malformed_json");
  CHECK(code_of(house.send_lead("x", "multipart/form-data")) == "malformed_form");
  CHECK(code_of(house.send_lead("--x\r\nA: b\r\n\r\nno name\r\n--x--",
                                "multipart/form-data; boundary=x")) == "malformed_form");
  CHECK(code_of(house.send_lead("--x\r\nContent-Disposition: form-data; name=email\r\n\r\nno end",
                                "multipart/form-data; boundary=x")) == "malformed_form");
  std::string many = keyed;
  for (int i = 0; i < 200; ++i) many += "f" + std::to_string(i) + "=1&";
  CHECK(code_of(house.send_lead(many, kUrlEncoded)) == "malformed_form");
  for (const char* contact : {"", "email=", "email=ann", "phone=12", "email=%ff%fe", "user_id=7"}) {
    INFO(contact);
    CHECK(code_of(house.send_lead(keyed + contact, kUrlEncoded)) == "missing_contact");
  }
  // One contact that can be read is enough, and an id that is none is no id.
  CHECK(house
            .send_lead(keyed + "email=ann%40example.com&phone=12&tl_session_id=undefined",
                       kUrlEncoded)
            .status == 200);

  auto lead = anns_lead();
  lead["stage"] = "champion";
  CHECK(code_of(house.server(lead)) == "bad_stage");
  lead = anns_lead();
  lead["value"] = "1,5";
  CHECK(code_of(house.server(lead)) == "bad_amount");
  lead = anns_lead();
  lead["session_id"] = "7";
  CHECK(code_of(house.server(lead)) == "bad_session_id");
  lead = anns_lead();
  lead["lead_id"] = "7";
  CHECK(code_of(house.server(lead)) == "bad_lead_id");
  lead["lead_id"] = uuid(id(7));
  CHECK(code_of(house.server(lead)) == "unknown_lead");
  CHECK(code_of(house.server({{"name", "Ann"}})) == "missing_contact");
  CHECK(house.store.counter("demo", "conversion_rejected") == 6);
}

TEST_CASE("a form cut off anywhere is refused or read, and never more", "[leads][http]") {
  const std::string whole =
      "--x\r\nContent-Disposition: form-data; name=\"email\"; "
      "charset=\"u\\\"8\"\r\n\r\nann@example.com"
      "\r\n--x\r\ncontent-disposition:form-data;name=note\r\n\r\n\r\n--x--";
  for (std::size_t size = 0; size <= whole.size(); ++size) {
    http::Request request;
    request.headers = {{"Content-Type", "Multipart/Form-Data; charset=utf-8; boundary=x"}};
    request.body = whole.substr(0, size);
    const auto fields = http::read_fields(request);
    INFO(size);
    REQUIRE(fields.ok() == (size == whole.size()));
    if (!fields.ok()) CHECK(fields.error().code == "malformed_form");
    if (fields.ok()) CHECK(fields.value() == Json{{"email", "ann@example.com"}, {"note", ""}});
    request.headers[0].second = kUrlEncoded;
    CHECK(http::read_fields(request).ok());
  }
}

TEST_CASE("the site's server is answered the match, and may name value and stage",
          "[leads][http]") {
  LeadHouse house;
  auto lead = anns_lead();
  lead["value"] = 50;
  lead["self_reported"] = "a podcast";
  auto reply = house.server(lead);
  CHECK(reply.status == 201);
  auto answer = Json::parse(reply.body);
  CHECK(answer["lead"]["match_type"] == "session");
  CHECK(answer["lead"]["amount_minor"] == 5000);
  CHECK(answer["lead"]["currency"] == "EUR");
  CHECK(answer["lead"]["verified"] == true);
  CHECK(answer["lead_id"] == answer["lead"]["id"]);
  reply = house.server(lead);
  CHECK(reply.status == 200);
  CHECK(header_of(reply, "X-Throughline") == "duplicate");

  reply =
      house.server({{"lead_id", answer["lead_id"]}, {"stage", "opportunity"}, {"value", "900.50"}});
  CHECK(reply.status == 201);
  CHECK(Json::parse(reply.body)["lead"]["stage"] == "opportunity");
  CHECK(house.server({{"email", "bob@example.com"}}).status == 201);
  CHECK(house.leads()["items"].size() == 2);
  CHECK(house.leads({{"stage", "opportunity"}})["items"].size() == 1);
  CHECK(house.leads({{"stage", "lead"}})["items"].size() == 1);
  CHECK(house.leads({{"form_type", "contact"}})["items"].size() == 1);
  CHECK(house.leads({{"form_type", "unheard"}})["items"].empty());
  CHECK(house.leads({{"from", "2026-09-22"}})["items"].empty());
  const auto page = house.leads({{"limit", "1"}});
  CHECK(page["items"].size() == 1);
  CHECK(house.leads({{"limit", "1"}, {"cursor", page["next_cursor"]}})["items"].size() == 1);
}

TEST_CASE("a signature proves the one contact that it is over", "[leads][http]") {
  LeadHouse house;
  house.site->identity_secret = "shared with the site's server";
  auto form = anns_form();
  form["phone"] = "+420777123456";
  form["identity_signature"] = to_hex(hmac_sha256(house.site->identity_secret, form["email"]));
  CHECK(house.form(form).status == 200);
  auto items = house.leads()["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["verified"] == true);
  CHECK_FALSE(items[0].contains("phone_sha256"));
  form["email"] = "bob@example.com";
  CHECK(code_of(house.form(form)) == "bad_identity_signature");
}

TEST_CASE("leads leave as a file", "[leads][http][csv]") {
  LeadHouse house;
  house.form(anns_form());
  auto made = house.request();
  made.headers.emplace_back("Authorization", "Bearer reader");
  made.query = {{"format", "csv"}};
  const std::string csv = streamed(house.send("GET", "/api/leads", made));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 2);
  CHECK(csv.find(to_hex(sha256("ann@example.com"))) != std::string::npos);
  CHECK(csv.find("ann@example.com") == std::string::npos);
}

TEST_CASE("plain contacts are shown where the site stores them, encrypted", "[leads][http]") {
  LeadHouse house;
  house.site->contact_storage = "encrypted";
  house.form(anns_form());
  CHECK(house.leads()["items"][0]["email"] == "ann@example.com");
}

TEST_CASE("a refused lead of the server goes in again once the cause is mended", "[leads][http]") {
  LeadHouse house;
  house.site->default_country = "";
  CHECK(code_of(house.server({{"phone", "777 123 456"}})) == "missing_contact");
  house.site->default_country = "CZ";
  auto made = house.request();
  made.headers.emplace_back("Authorization", "Bearer good");
  made.params["id"] = "1";
  const auto reply = house.send("POST", "/api/rejects/{id}/replay", made);
  CHECK(Json::parse(reply.body)["kept"] == true);
  CHECK(house.leads()["items"].size() == 1);
}

TEST_CASE("a refused form of a visitor who consented goes in again, with its visit",
          "[leads][http]") {
  LeadHouse house;
  SessionToken token;
  token.site_id = "demo";
  token.anonymous_id = id(2001);
  token.session_id = id(1001);
  token.consent = {Choice::granted, Choice::granted};
  auto made = house.request(
      "--x\r\nContent-Disposition: form-data; name=\"site\"\r\n\r\ndemo\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"write_key\"\r\n\r\nwk_demo\r\n"
      "--x\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\nann@example.com\r\n--x--");
  made.headers[0].second = "https://new.example";
  made.headers.emplace_back("Content-Type", "multipart/form-data; boundary=x");
  made.headers.emplace_back("Cookie",
                            house.site->token_cookie() + "=" + house.store.tokens.issue(token));
  CHECK(code_of(house.send("POST", "/api/webhook/lead", made)) == "foreign_origin");
  house.site->origins.push_back("https://new.example");
  auto again = house.request();
  again.headers.emplace_back("Authorization", "Bearer good");
  again.params["id"] = "1";
  const auto reply = Json::parse(house.send("POST", "/api/rejects/{id}/replay", again).body);
  CHECK(reply["status"] == 200);
  const auto items = house.leads()["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["anonymous_id"] == uuid(id(2001)));
}

TEST_CASE("a refused form is kept only where its visitor consented to ids", "[leads][http]") {
  LeadHouse house;
  house.form({{"site", "demo"}, {"write_key", "wk_demo"}, {"email", "no address of ann"}});
  const auto rejects = house.store.get([](Tables& t) {
    return t.operations().list_rejects({"demo", {}, {}, 100, {}});
  });
  REQUIRE(rejects.items.size() == 1);
  CHECK(rejects.items[0].code == "missing_contact");
  const auto kept = house.store.get(
      [&](Tables& t) { return t.operations().find_reject("demo", rejects.items[0].id); });
  CHECK(kept->body.empty());
}

TEST_CASE("later stages can be stated as conversions of their own", "[leads][http]") {
  LeadHouse house;
  for (const char* kind : {"lead", "opportunity", "customer"}) {
    auto made =
        house.request(Json{{"kind", kind}, {"id", "deal-1"}, {"email", "ann@example.com"}}.dump());
    made.headers = {{"Authorization", "Bearer good"}};
    CHECK(house.send("POST", "/api/conversions", made).status == 201);
  }
  const auto items = house.leads({{"stage", "customer"}})["items"];
  REQUIRE(items.size() == 1);
  CHECK(items[0]["order_id"] == "deal-1");
}

TEST_CASE("a lead over the limit is kept for the site whose key it has, and can be replayed",
          "[leads]") {
  LeadHouse house;
  const std::string text(70'000, 'm');
  CHECK(code_of(house.server({{"email", "ann@example.com"}, {"message", text}})) ==
        "body_too_large");
  CHECK(code_of(house.form({{"site", "demo"},
                            {"write_key", "wk_demo"},
                            {"email", "bob@example.com"},
                            {"message", text}})) == "body_too_large");
  CHECK(house
            .form({{"site", "demo"},
                   {"write_key", "wk_demo"},
                   {"tl_website", "https://spam.example"},
                   {"message", text}})
            .status == 200);
  CHECK(house.server({{"email", "eve@example.com"}, {"message", text}}, "none").status == 401);
  const auto rows = house.store.get([](Tables& t) {
    return t.operations().list_rejects({"demo", {}, {}, 100, {}});
  });
  REQUIRE(rows.items.size() == 2);
  for (const auto& row : rows.items) CHECK(row.code == "body_too_large");
  // Of the form, whose sender consented to nothing, no more than that is kept.
  auto again = house.request();
  again.headers.emplace_back("Authorization", "Bearer good");
  again.params = {{"id", std::to_string(rows.items.back().id)}};
  const auto reply = house.send("POST", "/api/rejects/{id}/replay", again);
  INFO(reply.body);
  CHECK(Json::parse(reply.body)["answer"]["received"] == true);
  CHECK(house.leads()["items"].size() == 1);
}
