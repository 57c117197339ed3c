// SPDX-License-Identifier: Apache-2.0
// Nobody of one site sees or changes anything of another, by whatever id: the other site has rows
// of each kind, and their real ids are what is asked for. The routes come from /openapi.json.

#include "server/core/access/secret_box.hpp"
#include "tests/server/office.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <iterator>
#include <set>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;
using Json = nlohmann::json;
using KeyHeaders = std::map<std::string, std::string>;

namespace {

KeyHeaders with_key(const std::string& key) {
  return {{"Authorization", "Bearer " + key}, {"Content-Type", "application/json"}};
}

// The other site has a visitor, who said who they are and bought, a lead, a refused request, a
// dead delivery, a user.
class TwoSites : public Office {
 public:
  TwoSites() : demo(add_key("read,write,admin")), other(add_key("read,write,admin", {}, "other")) {
    const Json visit =
        posted("/api/touch", {{"site", "other"},
                              {"write_key", "wk_other"},
                              {"url", "https://shop.example/others-page"},
                              {"consent", {{"storage", true}, {"marketing", true}}}});
    visitor = visit.at("anonymous_id").get<std::string>();
    session = visit.at("session_id").get<std::string>();
    token = visit.at("token").get<std::string>();
    posted("/api/identify",
           {{"site", "other"}, {"write_key", "wk_other"}, {"token", token}, {"email", kEmail}});
    conversion = posted("/api/conversions",
                        {{"kind", "purchase"},
                         {"order_id", kOrder},
                         {"amount", "77.77"},
                         {"currency", "EUR"},
                         {"email", kEmail},
                         {"session_id", session}},
                        other)
                     .at("id")
                     .get<std::string>();
    posted("/api/conversions", {{"kind", "lead"}, {"id", "others-lead"}, {"session_id", session}},
           other);
    ask("POST", "/api/identify", {},
        Json{{"site", "other"}, {"write_key", "wk_other"}, {"token", token}, {"email", "none"}}
            .dump());
    seed_rows();
    reject =
        Json::parse(get("/api/rejects", with_key(other)).body).at("items").at(0).at("id").dump();
    delivery = Json::parse(get("/api/deliveries?destination=webhook", with_key(other)).body)
                   .at("items")
                   .at(0)
                   .at("id")
                   .dump();
  }

  // What a parameter of a path stands for.
  [[nodiscard]] std::map<std::string, std::string> others_ids() const {
    return {{"/api/conversions/{id}", conversion},     {"/api/sessions/{id}", session},
            {"/api/visitors/{anonymous_id}", visitor}, {"/api/rejects/{id}/replay", reject},
            {"/api/deliveries/{id}/retry", delivery},  {"/api/users/{id}", user},
            {"/api/sites/{site}/model", "other"},      {"/api/sites/{site}/train", "other"}};
  }
  // Bodies that name what is the other site's.
  [[nodiscard]] std::string body_of(const std::string& pattern) const {
    const Json tie = {{"anonymous_id", visitor}, {"kind", "email"}, {"contact", kEmail}};
    const std::map<std::string, Json> bodies = {
        {"/api/people/cut", tie},
        {"/api/people/join", tie},
        {"/api/erasures", {{"anonymous_id", visitor}}},
        {"/api/exports", {{"email", kEmail}}},
        {"/api/sites/{site}/model", {{"model", "linear"}}},
        {"/api/views", {{"views", {{{"anonymous_id", visitor}, {"source", "facebook"}}}}}},
        {"/api/conversions",
         {{"kind", "purchase"},
          {"order_id", "of-demo"},
          {"amount", "1"},
          {"currency", "EUR"},
          {"email", kEmail},
          {"session_id", session}}}};
    const auto found = bodies.find(pattern);
    return found == bodies.end() ? "{}" : found->second.dump();
  }

  // Words of the other site's in an answer, but for those that were said in asking.
  [[nodiscard]] std::string leaked(std::string answer, const std::string& asked) const {
    std::string found;
    for (const std::string& mark :
         {visitor, session, conversion, kOrder, std::string("others-"), kEmail, kUser})
      if (asked.find(mark) == std::string::npos && answer.find(mark) != std::string::npos)
        found += mark + " ";
    return found;
  }

  // Every row of the other site; reports are settled and old rows looked for behind the answers.
  std::multiset<std::string> rows_of_other() const {
    SQLite::Database database(config.store_url.substr(7), SQLite::OPEN_READONLY);
    std::vector<std::string> tables;
    SQLite::Statement named(
        database,
        "SELECT m.name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'site_id' "
        "WHERE m.type = 'table' AND m.name NOT LIKE 'day!_%' ESCAPE '!' AND m.name <> "
        "'retention_mark'");
    while (named.executeStep()) tables.push_back(named.getColumn(0).getString());
    std::multiset<std::string> found;
    for (const auto& table : tables) {
      SQLite::Statement rows(database, "SELECT * FROM " + table + " WHERE site_id = 'other'");
      while (rows.executeStep()) {
        std::string text = table;
        for (int i = 0; i < rows.getColumnCount(); ++i)
          text += "|" + to_hex(rows.getColumn(i).getString());
        found.insert(std::move(text));
      }
    }
    return found;
  }
  std::vector<std::string> changes_since(const std::multiset<std::string>& before) const {
    const auto now = rows_of_other();
    std::vector<std::string> changed;
    std::set_symmetric_difference(before.begin(), before.end(), now.begin(), now.end(),
                                  std::back_inserter(changed));
    return changed;
  }

  static inline const std::string kEmail = "jane@others.example", kOrder = "others-order-77",
                                  kUser = "boss@others.example";
  const std::string demo, other;  // keys
  std::string visitor, session, token, conversion, reject, delivery, user;

 private:
  Json posted(const std::string& path, const Json& body, const std::string& key = "") {
    const auto answer =
        ask("POST", path,
            key.empty() ? KeyHeaders{{"Content-Type", "application/json"}} : with_key(key),
            body.dump());
    INFO(path << " " << answer.body);
    REQUIRE(answer.status < 300);
    return Json::parse(answer.body);
  }
  void seed_rows() {
    SystemEntropy entropy;
    const SecretBox box(config.secret, entropy);
    const auto store = value_of(open_store(config.store_url, box, SystemClock().now_ms()));
    require_ok(store->write([&](Tables& tables) -> Outcome<void> {
      DeliveryRow dead;
      dead.site_id = "other";
      dead.destination = "webhook";
      dead.event_name = "purchase";
      dead.event_id = parse_uuid(conversion).value();
      dead.subject = DeliverySubject::conversion;
      dead.state = DeliveryState::dead;
      dead.occurred_ms = dead.created_ms = SystemClock().now_ms();
      dead.last_error = "others-error";
      TL_CHECK(tables.outbox().enqueue(dead));
      TL_TRY(made, put_user(tables, kUser, std::string("no hash"), 1));
      user = std::to_string(made.id);
      return tables.users().put_role({"other", made.id, Role::owner});
    }));
  }
};

bool is_endless(const std::string& path) {
  return path == "/api/live";
}

}  // namespace

TEST_CASE("a key and a login of one site reach no row of another by its id", "[login][sites]") {
  TwoSites sites;
  const auto owner = sites.person("owner").headers();
  const auto ids = sites.others_ids();
  const auto before = sites.rows_of_other();
  REQUIRE(before.size() > 10);
  std::size_t with_id = 0;
  for (const auto& route : sites.closed_routes(ids)) {
    if (is_endless(route.path)) continue;
    const bool has_id = route.pattern.find('{') != std::string::npos;
    INFO(route.method << " " << route.path);
    if (has_id) REQUIRE(ids.contains(route.pattern));  // a new route needs a row here
    with_id += has_id ? 1 : 0;
    const std::string body = route.method == "GET" ? "" : sites.body_of(route.pattern);
    const std::string query = "email=" + TwoSites::kEmail;
    for (const bool is_key : {true, false}) {
      if (!is_key && route.role.empty()) continue;
      const std::string path = route.path + (is_key ? "?" : "?site=demo&") +
                               (route.path.ends_with("-user") ? query : "");
      const auto answer =
          sites.ask(route.method, path, is_key ? with_key(sites.demo) : owner, body);
      INFO(answer.status << " " << answer.body);
      if (has_id) CHECK((answer.status == 404 || answer.status == 403));
      CHECK(answer.status < 500);
      CHECK(sites.leaked(answer.body, path + body) == "");
    }
  }
  CHECK(with_id == ids.size());
  CHECK(sites.changes_since(before) == std::vector<std::string>{});

  // With its own key each of them is there: a leak would have been seen.
  for (const auto& route : sites.closed_routes(ids)) {
    if (route.method != "GET" || route.pattern.find('{') == std::string::npos) continue;
    INFO(route.path);
    const auto answer = sites.get(route.path, with_key(sites.other));
    CHECK(answer.status == 200);
    CHECK(sites.leaked(answer.body, route.path) != "");
  }
}

TEST_CASE("the public key of one site opens nothing of another, whatever ids and tokens are said",
          "[sites]") {
  TwoSites sites;
  const auto document = Json::parse(sites.get("/openapi.json").body);
  const auto before = sites.rows_of_other();
  std::size_t tried = 0;
  for (const auto& [path, methods] : document.at("paths").items())
    for (const auto& [name, operation] : methods.items()) {
      if (operation.contains("security") || path.starts_with("/dashboard")) continue;
      std::string method = name;
      for (auto& c : method) c = static_cast<char>(::toupper(c));
      for (const std::string site : {"demo", "other"}) {
        std::string filled = path;
        for (const auto& [parameter, value] :
             {std::pair<std::string, std::string>{"{provider}", "stripe"}, {"{site}", site}})
          if (const auto at = filled.find(parameter); at != std::string::npos)
            filled.replace(at, parameter.size(), value);
        const Json fields = {{"v", 1},
                             {"site", site},
                             {"key", "wk_demo"},
                             {"write_key", "wk_demo"},
                             {"token", sites.token},
                             {"tok", sites.token},
                             {"anonymous_id", sites.visitor},
                             {"session_id", sites.session},
                             {"handover", sites.token},
                             {"email", TwoSites::kEmail},
                             {"consent", {{"storage", false}, {"marketing", false}}},
                             {"url", "https://shop.example/"},
                             {"item", "film"},
                             {"to", "shop.example"}};
        const std::string body = method == "POST" ? fields.dump() : "";
        const std::string asked = filled + "?site=" + site + "&ref=" + TwoSites::kOrder +
                                  "&u=https%3A%2F%2Fshop.example%2F";
        // What is told without a key (an image, an order's event id) is told to anybody.
        // So is a webhook refused of its site, for want of a signature.
        if (site == "other" && (method == "GET" || path.find("{site}") != std::string::npos))
          continue;
        const auto answer = sites.ask(
            method, asked,
            {{"Content-Type", "application/json"},
             {"Origin", "https://shop.example"},
             {"Cookie", "tl_tok.other=" + sites.token + "; tl_aid.other=" + sites.visitor +
                            "; tl_tok=" + sites.token + "; tl_aid=" + sites.visitor}},
            body);
        INFO(method << " " << asked << ": " << answer.status << " " << answer.body);
        CHECK(answer.status < 500);
        CHECK(sites.leaked(answer.body, asked + body) == "");
        if (method == "POST" && site == "other") CHECK(answer.status >= 400);
        ++tried;
      }
    }
  CHECK(tried > 20);
  CHECK(sites.changes_since(before) == std::vector<std::string>{});
}
