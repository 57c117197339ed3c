// SPDX-License-Identifier: Apache-2.0
// The configuration file: what is accepted, what is refused, and in which words.

#include "server/config/describe_config.hpp"
#include "server/config/keys.hpp"
#include "server/config/load_config.hpp"
#include "server/core/durations.hpp"
#include "server/core/text/nearest_name.hpp"
#include "server/destinations/settings_reference.hpp"
#include "server/part_checks.hpp"
#include "server/system_sources.hpp"
#include "tests/server/paypal_certificate.hpp"
#include "tests/server/support.hpp"
#include "tests/server/throwaway_authority.hpp"

#include <fstream>
#include <map>
#include <sstream>

using namespace tl::server;

namespace {

using Variables = std::map<std::string, std::string>;

const std::string kServer = "[server]\nsecret = \"0123456789abcdef0123456789abcdef\"\n";
const std::string kSite =
    "[[site]]\nid = \"demo\"\nwrite_key = \"wk_demo\"\norigins = [\"https://shop.example\"]\n";

Outcome<LoadedConfig> load(const std::string& text, Variables variables = {},
                           const std::string& folder = ".") {
  std::vector<std::string> names;
  for (const auto& [name, value] : variables) names.push_back(name);
  const Environment environment =
      [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
  return parse_config(text, "t.toml", ValueSource(environment, folder, names));
}

std::string complaint(const std::string& text, Variables variables = {}) {
  const auto loaded = load(text, std::move(variables));
  return loaded.ok() ? "" : loaded.error().detail;
}

bool has(const std::string& text, const std::string& part) {
  INFO(text);
  INFO(part);
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("every earlier secret that is named opens, the newest first", "[config]") {
  Config config;
  CHECK(config.older_secrets().empty());
  config.previous_secrets = {"second", "first"};
  CHECK(config.older_secrets() == std::vector<std::string>{"second", "first"});
  config.previous_secret = "third";
  CHECK(config.older_secrets() == std::vector<std::string>{"third", "second", "first"});
}

TEST_CASE("the shortest useful file has every default", "[config]") {
  const auto loaded = load(kServer + kSite);
  REQUIRE(loaded.ok());
  const auto& config = loaded.value().config;
  CHECK(config.listen_host == "127.0.0.1");
  CHECK(config.listen_port == 8787);
  CHECK(config.max_connections == 2048);
  CHECK(config.trusted_proxies == std::vector<std::string>{"127.0.0.1/32", "::1/128"});
  REQUIRE(config.sites.size() == 1);
  const auto& site = config.sites[0];
  CHECK(site.name == "demo");
  CHECK(site.session.timeout_ms == 30 * 60'000);
  CHECK(site.session.max_ms == 1439 * 60'000);
  CHECK(site.lookback_ms == 30LL * 86'400'000);
  CHECK(site.consent_default == tl::Choice::denied);
  CHECK(check_parts(loaded.value()).ok());
}

TEST_CASE("the documented example is understood, key by key", "[config]") {
  const std::string text = kServer + R"(
listen = "[::1]:9000"
public_url = "https://t.shop.example"
rate_limit_per_ip = 0
allow_private_destinations = true
[store]
url = "sqlite:data/x.db"
[cache]
url = "memory:"
[geo]
mmdb = ""
)" + kSite + R"(
name = "Demo Film"
timezone = "Europe/Prague"
currency = "CZK"
default_country = "CZ"
consent_default = "granted"
anonymous_pings = "always"
coarse_handover = true
coarse_campaigns = ["spring"]
cookie_names = { anonymous_id = "mk_session", token = "t_tok", visible = "v" }
conversion_events = ["email_signup"]
session_timeout_minutes = 20
session_max_minutes = 600
rotate_on_campaign = false
lookback_days = 7
lookback_mode = "rolling"
contact_storage = "encrypted"
model = "time_decay"
payment_keys = { anonymous_id = ["aurea_anonymous_id"], session_id = ["aurea_session_id"] }
  [site.attribution]
  view_lookback_days = 2
  tau_hours = 48
  position = [30, 40, 30]
  direct_rule = "drop_if_any_other"
  [site.payment.stripe]
  webhook_secrets = ["env:OLD", " whsec_new "]
  api_key = "sk_test"
  base_url = "http://127.0.0.1:9"
  tolerance_s = 600
  live = false
  [[site.checkout]]
  id = "donation"
  currency = "EUR"
  min_minor = 100
  max_minor = 100000
  success_url = "https://shop.example/thanks?cs={CHECKOUT_SESSION_ID}"
  cancel_url = "https://shop.example/donate"
  [site.destination.meta]
  pixel_id = "123"
  access_token = "env:META_TOKEN"
  events = ["purchase"]
)";
  const auto loaded = load(text, {{"OLD", "whsec_old"}, {"META_TOKEN", "tok\n"}});
  INFO((loaded.ok() ? "" : loaded.error().detail));
  REQUIRE(loaded.ok());
  const auto& config = loaded.value().config;
  CHECK(config.listen_host == "::1");
  CHECK(config.listen_port == 9000);
  const auto& site = config.sites.at(0);
  CHECK(site.cookie_anonymous_id == "mk_session");
  CHECK(site.lookback_rolling);
  CHECK(site.tau_ms == 48LL * 3'600'000);
  CHECK(site.position == std::vector<int>{30, 40, 30});
  CHECK_FALSE(site.session.rotate_on_campaign);
  CHECK(site.payment_keys.at("session_id") == std::vector<std::string>{"aurea_session_id"});
  const auto* stripe = site.payment("stripe");
  REQUIRE(stripe != nullptr);
  CHECK(stripe->webhook_secrets == std::vector<std::string>{"whsec_old", "whsec_new"});
  CHECK_FALSE(stripe->live);
  CHECK(site.checkouts.at(0).name == "Demo Film");
  CHECK(site.destinations.at(0).settings.at("access_token") == "tok");
  CHECK(site.destinations.at(0).events == std::vector<std::string>{"purchase"});
  CHECK(loaded.value().warnings.size() == 2);  // white space around two secrets
}

TEST_CASE("a wrong file is refused with line and nearest name", "[config]") {
  struct Row {
    std::string text;
    const char* part;
  };
  const auto row = GENERATE(
      Row{"[server]\nsecret = \"0123456789abcdef0123456789abcdef\"\nlisen = \"x\"\n",
          "t.toml:3: unknown key 'lisen' in [server]; did you mean 'listen'?"},
      Row{"[servr]\n", "t.toml:1: unknown key 'servr' in the file; did you mean 'server'?"},
      Row{"[server]\nsecret = \"short\"\n", "t.toml:2: secret in [server] must have at least 32"},
      Row{"\n[server]\nport = 1\n", "t.toml:2: [server] needs secret"},
      Row{"[store]\n", "t.toml: [server] needs secret"},
      Row{kServer + "max_connections = \"many\"\n",
          "t.toml:3: max_connections in [server] must be a whole number, not text in quotes."},
      Row{kServer + "max_connections = 5\n", "must be from 16 to 65536"},
      Row{kServer + "rate_limit_per_ip = 1.5\n", "not a date or a decimal number"},
      Row{kServer + "listen = \"8787\"\n", "must be ADDRESS:PORT"},
      Row{kServer + "listen = \"h:99999\"\n", "must be ADDRESS:PORT"},
      Row{kServer + "public_url = \"t.shop\"\n", "must be a URL"},
      Row{kServer + "allow_private_destinations = 3\n",
          "must be true or false, not a whole number."},
      Row{kServer + "trusted_proxies = 3\n", "must be a list of texts, not a whole number."},
      Row{kServer + "public_url = 3\n", "must be text, not a whole number."},
      Row{kServer + "tls_key = \"k.pem\"\n",
          "t.toml:3: [server] tls_certificate and tls_key belong together"},
      Row{kServer + "secret = \"again\"\n", "t.toml:3: no valid TOML"},
      Row{kServer, "there is no [[site]]"}, Row{kServer + "[site]\nid = \"x\"\n", "two brackets"},
      Row{kServer + "[[site]]\nid = \"x\"\n", "t.toml:3: [[site]] x needs write_key"},
      Row{kServer + kSite + "[destination.meta]\npixel_id = \"1\"\n",
          "t.toml:7: write [site.destination.meta] below its [[site]]"},
      Row{kServer + kSite + "[payment.stripe]\n",
          "t.toml:7: write [site.payment.stripe] below its [[site]]"},
      Row{kServer + kSite + "[[checkout]]\nid = \"a\"\n",
          "t.toml:7: write [[site.checkout]] below its [[site]]"},
      Row{kServer + kSite + "[attribution]\n", "t.toml:7: write [site.attribution] below its"},
      Row{kServer + "[[site]]\nid = \"x\"\nwrite_key = \"w\"\norigins = []\n",
          "t.toml:6: origins in [[site]] x must name at least one origin, like"},
      Row{kServer + kSite + "orgins = []\n",
          "t.toml:7: unknown key 'orgins' in [[site]] demo; did you mean 'origins'?"},
      Row{kServer + kSite + "timezone = \"Europe/Pargue\"\n", "t.toml:7: timezone"},
      Row{kServer + kSite + "timezone = \"../../etc/passwd\"\n", "must be a time zone"},
      Row{kServer + kSite + "currency = \"eur\"\n", "upper-case ISO 4217"},
      Row{kServer + kSite + "currency = \"XXX\"\n", "t.toml:7: currency in [[site]] demo must be"},
      Row{kServer + kSite + "default_country = \"UK\"\n", "upper-case ISO 3166"},
      Row{kServer + kSite + "consent_default = \"maybe\"\n",
          "must be one of \"denied\", \"granted\""},
      Row{kServer + kSite + "session_timeout_minutes = 60\nsession_max_minutes = 30\n",
          "session_max_minutes of [[site]] demo must not be less"},
      Row{kServer + kSite + "cookie_names = { token = \"t\", visible = \"t\" }\n",
          "three different names"},
      Row{kServer + kSite + "cookie_names = { tokn = \"x\" }\n", "did you mean 'token'?"},
      Row{kServer + kSite + "model = \"lats_touch\"\n", "must be a model"},
      Row{kServer + kSite + "[site.attribution]\nposition = [50, 50]\n", "add up to 100"},
      Row{kServer + kSite + "[site.attribution]\ncollapse_rule = \"always\"\n",
          "must be one of \"none\", \"consecutive\", \"unique_first\""},
      Row{kServer + kSite + "[site.payment.stripe]\nwebhook_secrets = [\"  \"]\n", "empty secret"},
      Row{kServer + kSite + "[site.payment.stripe]\napi_key = \"k\"\n", "needs webhook_secrets"},
      Row{kServer + kSite + "[site.payment.stripe]\nwebhook_secret = \"k\"\n",
          "did you mean 'webhook_secrets'?"},
      Row{kServer + kSite +
              "[[site.checkout]]\nid = \"a\"\nsuccess_url = \"https://x.y\"\n"
              "cancel_url = \"https://x.y\"\n",
          "needs a price, or currency"},
      Row{kServer + kSite +
              "[[site.checkout]]\nid = \"a\"\ncurrency = \"EUX\"\nmin_minor = 1\nmax_minor = 2\n"
              "success_url = \"https://x.y\"\ncancel_url = \"https://x.y\"\n",
          "t.toml:9: currency in checkout a of [[site]] demo must be an upper-case ISO 4217"},
      Row{kServer + kSite +
              "[site.payment.whop]\nwebhook_secrets = [\"s\"]\naccount_id = \"biz 1\"\n",
          "t.toml:9: account_id in payment.whop of [[site]] demo must be"},
      Row{kServer + kSite +
              "[site.payment.stripe]\nwebhook_secrets = [\"s\"]\nbase_url = "
              "\"https://u:p@h/?x=1\"\n",
          "t.toml:9: base_url in payment.stripe of [[site]] demo must be a plain URL"},
      Row{kServer + kSite + kSite, "the id demo is used by another"},
      Row{kServer + kSite + "write_key = \"b\"\n", "no valid TOML"});
  CHECK(has(complaint(row.text), row.part));
}

TEST_CASE("origins are exactly what a browser sends", "[config]") {
  struct Row {
    const char* origin;
    const char* part;
  };
  const auto row = GENERATE(
      Row{"https://shop.example/", "did you mean https://shop.example?"},
      Row{"https://shop.example/path", "exact origin"}, Row{"shop.example", "exact origin"},
      Row{"https://Shop.example", "lower case"}, Row{"https://shop.example:443", "default port"},
      Row{"ftp://shop.example", "exact origin"}, Row{"", "exact origin"},
      Row{"https://*.shop.example", "no part of a host can be *: list each origin"},
      Row{"https://shop.*:8443", "no part of a host can be *"}, Row{"https://*", "write \"*\""},
      Row{"*.shop.example", "exact origin"}, Row{"http://[::1]:80", "default port"},
      Row{"https://user@shop.example", "exact origin"});
  CHECK(has(origin_complaint(row.origin), row.part));
  for (const auto* sound :
       {"https://shop.example", "http://localhost:3000", "http://[::1]:8080", "*"})
    CHECK(origin_complaint(sound).empty());
}

TEST_CASE("why there is no configuration has a code", "[config]") {
  const test::TempFolder folder;
  CHECK(find_config(folder.file("none.toml")).error().code == "config_not_found");
  CHECK(load_config(folder.file("none.toml")).error().code == "config_not_found");
  CHECK(load("[server\n").error().code == "bad_toml");
  CHECK(load("[servr]\n").error().code == "bad_config");
  const auto unbuilt = load(kServer + "[store]\nurl = \"x\"\n" + kSite);
  REQUIRE(unbuilt.ok());
  CHECK(check_parts(unbuilt.value()).error().code == "bad_config");
}

TEST_CASE("all problems are told at once", "[config]") {
  const auto text = complaint("[server]\nsecret=\"x\"\nfoo=1\n" + kSite + "bar=2\n");
  CHECK(std::count(text.begin(), text.end(), '\n') == 2);
}

TEST_CASE("the environment overrides the file", "[config]") {
  const auto loaded =
      load(kServer + "listen = \"127.0.0.1:1\"\n" + kSite +
               "[site.payment.stripe]\nwebhook_secrets = [\"a\"]\n"
               "[site.destination.meta]\npixel_id = \"1\"\n",
           {{"THROUGHLINE_SERVER_LISTEN", "127.0.0.1:2"},
            {"THROUGHLINE_SERVER_RATE_LIMIT_PER_IP", "7"},
            {"THROUGHLINE_SERVER_ALLOW_PRIVATE_DESTINATIONS", "true"},
            {"THROUGHLINE_SITE_DEMO_WRITE_KEY", "wk_env"},
            {"THROUGHLINE_SITE_DEMO_ORIGINS", "https://a.example, https://b.example"},
            {"THROUGHLINE_SITE_DEMO_PAYMENT_STRIPE_WEBHOOK_SECRETS", "env:S"},
            {"THROUGHLINE_SITE_DEMO_DESTINATION_META_PIXEL_ID", "99"},
            {"S", "whsec"}});
  INFO((loaded.ok() ? "" : loaded.error().detail));
  REQUIRE(loaded.ok());
  const auto& config = loaded.value().config;
  CHECK(config.listen_port == 2);
  CHECK(config.rate_limit_per_ip == 7);
  CHECK(config.allow_private_destinations);
  CHECK(config.sites[0].write_key == "wk_env");
  CHECK(config.sites[0].origins.size() == 2);
  CHECK(config.sites[0].payments[0].webhook_secrets == std::vector<std::string>{"whsec"});
  CHECK(config.sites[0].destinations[0].settings.at("pixel_id") == "99");
}

TEST_CASE("a wrong variable is named, not a line of the file", "[config]") {
  const std::string meta = "[site.destination.meta]\npixel_id = \"1\"\naccess_token = \"EAAB1\"\n";
  struct Row {
    const char *variable, *value, *sentence;
  };
  const auto row = GENERATE(
      Row{"THROUGHLINE_SERVER_LISTEN", "nope", "listen in [server] must be ADDRESS:PORT"},
      Row{"THROUGHLINE_SERVER_SECRET", "short", "secret in [server] must have at least 32 bytes"},
      Row{"THROUGHLINE_SERVER_MAX_CONNECTIONS", "x", "max_connections in [server] must be a whole"},
      Row{"THROUGHLINE_SERVER_SECRET", "env:NOPE", "secret in [server] refers to the environment"},
      Row{"THROUGHLINE_STORE_URL", "mysql://x", ""},
      Row{"THROUGHLINE_SITE_DEMO_ORIGINS", "shop", "origins in [[site]] demo entry \"shop\" must"},
      Row{"THROUGHLINE_SITE_DEMO_DESTINATION_META_PIXEL_ID", "x", "pixel_id "});
  const auto loaded =
      load(kServer + "[store]\nurl = \"sqlite:a\"\n" + kSite + meta, {{row.variable, row.value}});
  const auto checked = loaded.ok() ? check_parts(loaded.value()) : Outcome<void>(loaded.error());
  REQUIRE_FALSE(checked.ok());
  const auto& told = checked.error().detail;
  INFO(told);
  CHECK(told.starts_with(row.variable + std::string(" in the environment: ") + row.sentence));
  CHECK(told.find('\n') == told.npos);
}

TEST_CASE("an example's secret that was pasted as it stands is refused", "[config]") {
  const auto refusal = [](const std::string& line) {
    return complaint(kServer + kSite + "[site.payment.stripe]\n" + line,
                     {{"WHSEC", "whsec_\xE2\x80\xA6"}, {"KEY", "sk_live_..."}});
  };
  CHECK(has(refusal("webhook_secrets = [\"env:WHSEC\"]\n"),
            "t.toml:8: webhook_secrets in payment.stripe of [[site]] demo must be the whole "
            "secret"));
  CHECK(has(refusal("webhook_secrets = [\"whsec_a\"]\napi_key = \"env:KEY\"\n"),
            "t.toml:9: api_key in payment.stripe of [[site]] demo must be the whole secret"));
  CHECK(refusal("webhook_secrets = [\"whsec_a\"]\n").empty());
}

TEST_CASE("sites that share the names of their cookies are told so", "[config]") {
  const std::string other =
      "[[site]]\nid = \"other\"\nwrite_key = \"wk_other\"\norigins = [\"https://b.example\"]\n";
  const auto warnings = [&](const std::string& names) {
    const auto loaded = load(kServer + kSite + names + other + names);
    REQUIRE(loaded.ok());
    return loaded.value().warnings;
  };
  CHECK(warnings("").empty());
  const auto told = warnings("cookie_names = { token = \"session\" }\n");
  REQUIRE(told.size() == 1);
  CHECK(has(told[0], "cookie_names of [[site]] other are those of demo too"));
  CHECK(warnings("cookie_names = { visible = \"tl\" }\n").size() == 1);
}

TEST_CASE("a variable that stands for no setting is told", "[config]") {
  const auto loaded = load(kServer + kSite, {{"THROUGHLINE_SERVER_RATE_LIMIT", "5"},
                                             {"THROUGHLINE_SERVER_LISTEN", "127.0.0.1:2"},
                                             {"THROUGHLINE_SITE_DMEO_WRITE_KEY", "wk"},
                                             {"THROUGHLINE_BACKUP_FOLDER", "/somebody/elses"}});
  REQUIRE(loaded.ok());
  const auto& warnings = loaded.value().warnings;
  REQUIRE(warnings.size() == 2);
  CHECK(warnings[0] ==
        "t.toml: THROUGHLINE_SERVER_RATE_LIMIT in the environment stands for no setting; did you "
        "mean THROUGHLINE_SERVER_RATE_LIMIT_PER_IP?");
  CHECK(has(warnings[1], "did you mean THROUGHLINE_SITE_DEMO_WRITE_KEY?"));
}

TEST_CASE("values come from variables and files, and a missing one is named", "[config]") {
  const test::TempFolder folder;
  std::ofstream(folder.file("secret")) << "0123456789abcdef0123456789abcdef\n";
  const auto from_file = load("[server]\nsecret = \"file:secret\"\n" + kSite, {},
                              std::filesystem::path(folder.file("secret")).parent_path().string());
  REQUIRE(from_file.ok());
  CHECK(from_file.value().config.secret == "0123456789abcdef0123456789abcdef");

  CHECK(has(
      complaint("[server]\nsecret = \"env:NOPE\"\n" + kSite),
      "t.toml:2: secret in [server] refers to the environment variable NOPE, which is not set."));
  CHECK(has(complaint("[server]\nsecret = \"file:/nope/x\"\n" + kSite), "/nope/x"));
  CHECK(load(kServer + "max_connections = \"env:MAX\"\n" + kSite, {{"MAX", "64"}})
            .value()
            .config.max_connections == 64);
  CHECK(has(complaint(kServer + "max_connections = \"env:MAX\"\n" + kSite, {{"MAX", "x"}}),
            "must be a whole number"));
}

TEST_CASE("what a part alone can judge is told with its line too", "[config]") {
  const auto refused = [](const std::string& text) {
    const auto loaded = load(text);
    REQUIRE(loaded.ok());
    const auto checked = check_parts(loaded.value());
    return checked.ok() ? std::string() : checked.error().detail;
  };
  CHECK(has(refused(kServer + "[store]\nurl = \"postgresql://u:secret@h/db\"\n" + kSite),
            "t.toml:4: "));
  CHECK(has(refused(kServer + "[store]\nurl = \"postgresql://u:secret@h/db\"\n" + kSite),
            "not built yet"));
  CHECK_FALSE(has(refused(kServer + "[store]\nurl = \"postgresql://u:secret@h/db\"\n" + kSite),
                  "u:secret"));
  CHECK(has(refused(kServer + "[cache]\nurl = \"redis://h\"\n" + kSite), "not built yet"));
  const auto store = [&](const std::string& url) {
    return refused(kServer + "[store]\nurl = \"" + url + "\"\n" + kSite);
  };
  for (const auto* url :
       {"sqlite:", "sqlite::memory:", "sqlite:file:x.db", "sqlite://x.db", "x.db"})
    CHECK(has(store(url), "t.toml:4: [store] url must be sqlite:PATH"));
  CHECK(store("sqlite:data/x.db").empty());
  CHECK(has(refused(kServer + "trusted_proxies = [\"10.0.0.0/99\"]\n" + kSite), "10.0.0.0/99"));
  CHECK(has(refused(kServer + kSite + "[site.payment.strpe]\nwebhook_secrets = [\"x\"]\n"),
            "t.toml:7: there is no payment provider 'strpe'; did you mean 'stripe'?"));
  // Mollie's webhooks need no secret, but what they name is fetched with a key.
  const std::string mollie = kServer + kSite + "[site.payment.mollie]\n";
  CHECK(has(refused(mollie), "t.toml:7: api_key is missing"));
  CHECK(refused(mollie + "api_key = \"live_1\"\n").empty());
  // Paddle's tell the sale themselves; a key adds the buyer's e-mail.
  CHECK(refused(kServer + kSite + "[site.payment.paddle]\nwebhook_secrets = [\"x\"]\n").empty());
  CHECK(has(refused(kServer + kSite + "[site.destination.mtea]\npixel_id = \"1\"\n"),
            "t.toml:7: there is no destination \"mtea\"; did you mean \"meta\"? known: "));
  CHECK(has(refused(kServer + kSite + "[site.destination.meta]\npixelid = \"1\"\n"),
            "t.toml:8: pixelid is no setting of destination meta; did you mean pixel_id?"));
  CHECK(has(refused(kServer + kSite +
                    "[site.destination.meta]\npixel_id = \"1\"\naccess_token = \"t\"\n"
                    "base_url = \"nowhere\"\n"),
            "t.toml:10: base_url of destination meta must be"));
  const std::string meta = kServer + kSite + "[site.destination.meta]\naccess_token = \"t\"\n";
  CHECK(has(refused(meta + "pixel_id = \"12x\"\n"),
            "t.toml:9: pixel_id of destination meta must be digits alone"));
  CHECK(has(refused(meta + "pixel_id = \"1\"\nevents = [\"video_progress\"]\n"),
            "t.toml:10: events of destination meta names video_progress, which is never sent to "
            "Meta"));
}

TEST_CASE("what no webhook could prove itself by is refused, what is weak is told", "[config]") {
  const std::string site = kServer + kSite;
  const auto judged = [&](const std::string& payment, const Variables& variables = {},
                          std::int64_t now_ms = test::kNow) {
    const auto loaded = load(site + "[site.payment." + payment, variables);
    INFO((loaded.ok() ? "" : loaded.error().detail));
    REQUIRE(loaded.ok());
    const auto checked = check_parts(loaded.value());
    if (!checked.ok()) return "error: " + checked.error().detail;
    const auto doubts = doubts_of_parts(loaded.value(), now_ms);
    return doubts.empty() ? std::string() : "warning: " + doubts.at(0);
  };
  const auto secrets = [&](const std::string& provider, const std::string& list) {
    return judged(provider + "]\nwebhook_secrets = [" + list + "]\n");
  };
  CHECK(has(secrets("adyen", "\"nothex\""),
            "error: t.toml:8: webhook_secrets holds nothing that a webhook could prove itself by: "
            "it must be hex digits"));
  CHECK(secrets("adyen", "\"44782DEF\"").empty());
  CHECK(has(secrets("adyen", "\"44782DEF\", \"nothex\""),
            "warning: t.toml:8: webhook_secrets holds a secret that no webhook"));
  CHECK(has(secrets("chargebee", "\"xyz\""), "it must be user:password"));
  CHECK(secrets("chargebee", "\"shop:xyz\"").empty());
  CHECK(has(secrets("gumroad", "\"x\""), "warning: t.toml:8: webhook_secrets holds a secret of "));
  CHECK(secrets("gumroad", "\"0123456789abcdef\"").empty());
  const auto custom = [&](const std::string& secret) {
    return judged("custom]\nwebhook_secrets = [\"" + secret +
                  "\"]\nevent_type = [\"/type\"]\norder_id = [\"/id\"]\namount = [\"/amount\"]\n"
                  "default_currency = \"EUR\"\nsignature = { form = \"standard\" }\n"
                  "[[site.payment.custom.event]]\ntypes = [\"paid\"]\nrole = \"paid\"\n");
  };
  CHECK(has(custom("whsec_!!!"), "it must be base64, after whsec_"));
  CHECK(custom("whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAx").empty());

  // Of the test's certificate a day is left at kNow.
  const auto paypal = [&](const std::string& pem, std::int64_t now_ms) {
    return judged("paypal]\nwebhook_id = \"w\"\ncertificate_pem = \"env:PEM\"\n", {{"PEM", pem}},
                  now_ms);
  };
  const std::string& pem = test::paypal_certificate().pem;
  CHECK(
      has(paypal("garbage", test::kNow), "error: t.toml:9: certificate_pem holds no certificate"));
  CHECK(has(paypal(pem, test::kNow), "warning: t.toml:9: certificate_pem ends on 20"));
  CHECK(has(paypal(pem, test::kNow + 2 * kDayMs), "certificate_pem has expired on 20"));
  CHECK(has(paypal(pem, test::kNow - 2 * kDayMs), "certificate_pem is not valid before 20"));
  CHECK(paypal(pem, test::kNow - 40 * kDayMs).find("ends on") == std::string::npos);
}

TEST_CASE("a destination's name does not go by its place in the file", "[config]") {
  const std::string table = "[[site.destination.ga4]]\nmeasurement_id = \"G-1\"\n";
  const auto told = [&](const std::string& tables) {
    const auto loaded = load(kServer + kSite + tables);
    REQUIRE(loaded.ok());
    std::string names;
    for (const auto& each : loaded.value().config.sites[0].destinations) names += each.name + " ";
    for (const auto& warning : loaded.value().warnings) names += warning;
    return names;
  };
  const std::string named = table + "name = \"warehouse\"\n";
  CHECK(told("[site.destination.ga4]\nname = \"warehouse\"\n") == "ga4:warehouse ");
  CHECK(told(table + named) == "ga4 ga4:warehouse ");
  CHECK(told(named + table) == "ga4:warehouse ga4 ");
  CHECK(told(named) == "ga4:warehouse ");
  // As before, with a word of what may come of it.
  CHECK(has(told(table + named + table),
            "ga4 ga4:warehouse ga4:2 t.toml:12: destination.ga4:2 of [[site]] demo is known by its "
            "place"));
  CHECK(has(told(table + table), "give each a name (name = \"2\" is what it is called now)"));
  CHECK(told(table + table + "name = \"2\"\n") == "ga4 ga4:2 ");

  CHECK(has(complaint(kServer + kSite + named + named),
            "t.toml:10: there is another destination.ga4:warehouse of [[site]] demo; give each a "
            "name of its own"));
  CHECK(has(complaint(kServer + kSite + table + "name = \"ware house\"\n"),
            "must be up to 64 letters, digits, _ or -"));
  CHECK(has(complaint(kServer + kSite + table + "name = 7\n"), "name in destination.ga4"));
  CHECK(has(
      complaint(kServer + kSite + table, {{"THROUGHLINE_SITE_DEMO_DESTINATION_GA4_NAME", "other"}}),
      "is written in the file alone"));
}

TEST_CASE("addresses that would tell in clear or lead nowhere are told", "[config]") {
  const auto doubts = [](const std::string& server, const std::string& destination) {
    const auto loaded = load(kServer + server + kSite + "[site.destination." + destination);
    REQUIRE(loaded.ok());
    REQUIRE(check_parts(loaded.value()).ok());
    const auto all = doubts_of_parts(loaded.value(), test::kNow);
    return all.empty() ? std::string() : all.at(0);
  };
  const std::string meta = "meta]\npixel_id = \"1\"\naccess_token = \"t\"\n";
  CHECK(has(doubts("", meta + "base_url = \"http://graph.facebook.com\"\n"),
            "t.toml:10: base_url is http: keys and what is told travel in clear"));
  CHECK(doubts("", meta + "base_url = \"https://graph.facebook.com\"\n").empty());
  const std::string hook =
      "webhook]\nsecret = \"whsec_dGhyb3VnaGxpbmUtZXhhbXBsZS1zZWNyZXQta2V5LTAx\"\nurl = ";
  CHECK(has(doubts("", hook + "\"https://192.168.0.9/in\"\n"),
            "t.toml:9: url leads into a private network"));
  const std::string crm = "crm]\napi_key_header = \"X-Key\"\napi_key = \"k\"\nurl = ";
  CHECK(has(doubts("", crm + "\"https://10.0.0.9\"\n"), "url leads into a private network"));
  const std::string open = "allow_private_destinations = true\n";
  CHECK(doubts(open, hook + "\"https://192.168.0.9/in\"\n").empty());
  const std::string google =
      "google_ads]\ncustomer_id = \"1\"\nclient_id = \"c\"\nclient_secret = \"s\"\n"
      "refresh_token = \"r\"\nconversions = { purchase = \"5\" }\n";
  CHECK(has(doubts("", google + "oauth_url = \"https://10.0.0.1\"\n"),
            "t.toml:13: oauth_url leads into a private network"));

  const auto loaded =
      load(kServer + kSite + "[site.destination." + google + "tag_provider = \"woocommerce\"\n");
  REQUIRE(loaded.ok());
  CHECK(has(check_parts(loaded.value()).error().detail,
            "t.toml:13: tag_provider of destination google_ads is none of"));
}

TEST_CASE("a mistyped event is refused with line and nearest name, an own one is not", "[config]") {
  const auto meta = [](const std::string& events) {
    return kServer + kSite + "conversion_events = [\"trial_started\"]\n[site.destination.meta]\n" +
           "pixel_id = \"1\"\naccess_token = \"t\"\nevents = [" + events + "]\n";
  };
  CHECK(
      has(complaint(meta("\"lead\", \"Purchse\"")),
          "t.toml:11: events in destination.meta of [[site]] demo names no event \"Purchse\"; did "
          "you mean \"purchase\"?"));
  CHECK(has(complaint(meta("\"trial-startd\"")), "did you mean \"trial_started\"?"));
  CHECK(has(complaint(meta("\"page_leave\"")), "never sent to a destination"));
  CHECK(complaint(meta("\"purchase\", \"trial_started\", \"quiz finished\"")).empty());

  const auto meant = load(meta("\"own:Purchse\""));
  REQUIRE(meant.ok());
  CHECK(meant.value().config.sites[0].destinations[0].events ==
        std::vector<std::string>{"Purchse"});

  const std::string ads = kServer + kSite +
                          "[site.destination.google_ads]\ncustomer_id = \"1\"\n"
                          "[site.destination.google_ads.conversions]\n";
  CHECK(has(complaint(ads + "purhcase = \"5\"\n"),
            "t.toml:10: conversions in destination.google_ads of [[site]] demo names no event "
            "\"purhcase\""));
  CHECK(complaint(ads + "purchase = \"5\"\n").empty());
}

TEST_CASE("files for TLS that cannot serve are told with the setting at fault", "[config]") {
  test::ThrowawayAuthority authority("right");
  const auto files = authority.issue_for("shop.example"), others = authority.issue_for("b.example");
  const auto with = [](const std::string& certificate, const std::string& key) {
    const auto loaded = load(kServer + "tls_certificate = \"" + certificate + "\"\ntls_key = \"" +
                             key + "\"\n" + kSite);
    REQUIRE(loaded.ok());
    const auto checked = check_parts(loaded.value());
    if (!checked.ok()) return checked.error().detail;
    const auto doubts = doubts_of_parts(loaded.value(), SystemClock().now_ms());
    return doubts.empty() ? std::string() : doubts.at(0);
  };
  const std::string& good = files.certificate;
  CHECK(with(good, files.key).empty());
  CHECK(has(with("/nope.pem", files.key),
            "t.toml:3: tls_certificate /nope.pem cannot be read: No such file or directory"));
  CHECK(has(with(good, "/nope.key"), "t.toml:4: tls_key /nope.key cannot be read: No such file"));
  CHECK(has(with(good, "/"), "t.toml:4: tls_key / cannot be read: Is a directory"));
  CHECK(has(with(files.key, files.key), "t.toml:3: tls_certificate " + files.key + " is no cert"));
  CHECK(has(with(good, good), "t.toml:4: tls_key " + good + " is no private key"));
  CHECK(has(with(good, others.key),
            "t.toml:4: tls_key " + others.key + " is not the key of " + good));
  const auto old = authority.issue_for("shop.example", {-7200, -3600});
  CHECK(has(with(old.certificate, old.key),
            "t.toml:3: tls_certificate " + old.certificate + " has expired on 20"));
  const auto coming = authority.issue_for("shop.example", {3600, 7200});
  CHECK(has(with(coming.certificate, coming.key), " is not valid before 20"));
}

TEST_CASE("what would work in part only is told, and is no error", "[config]") {
  const auto doubts = [](const std::string& text) {
    const auto loaded = load(text);
    REQUIRE(loaded.ok());
    REQUIRE(check_parts(loaded.value()).ok());
    return doubts_of_parts(loaded.value(), test::kNow);
  };
  const std::string whop = kServer + kSite + "[site.payment.whop]\nwebhook_secrets = [\"s\"]\n";
  CHECK(doubts(whop).empty());
  REQUIRE(doubts(whop + "api_key = \"k\"\n").size() == 1);
  CHECK(has(doubts(whop + "api_key = \"k\"\n")[0],
            "t.toml:7: orders of whop cannot be imported: set account_id"));
  CHECK(doubts(whop + "api_key = \"k\"\naccount_id = \"biz_1\"\n").empty());
  const std::string shop =
      kServer + kSite + "[site.payment.shopify]\nwebhook_secrets = [\"s\"]\napi_key = \"k\"\n";
  CHECK(has(doubts(shop).at(0), "set base_url"));
  const std::string local = "base_url = \"http://127.0.0.1:9\"\n";
  CHECK(has(doubts(shop + local).at(0), "t.toml:10: base_url leads into a private network"));
  CHECK(doubts(kServer + "allow_private_destinations = true\n" +
               (shop + local).substr(kServer.size()))
            .empty());
  const std::string checkout =
      "[[site.checkout]]\nid = \"a\"\nprice = \"price_1\"\nsuccess_url = \"https://x.y\"\n"
      "cancel_url = \"https://x.y\"\n";
  const std::string stripe = kServer + kSite + "[site.payment.stripe]\nwebhook_secrets = [\"s\"]\n";
  CHECK(has(doubts(kServer + kSite + checkout).at(0),
            "t.toml:3: checkouts of [[site]] demo cannot be paid: they need "
            "[site.payment.stripe] with an api_key"));
  CHECK(has(doubts(stripe + checkout).at(0), "they need [site.payment.stripe] with an api_key"));
  CHECK(doubts(stripe + "api_key = \"k\"\n" + checkout).empty());
  const std::string meta =
      kServer + kSite + "[site.destination.meta]\npixel_id = \"1\"\naccess_token = \"t\"\n";
  CHECK(doubts(meta).empty());
  CHECK(has(doubts(meta + "test_event_code = \"TEST1\"\n").at(0),
            "t.toml:10: test_event_code is set"));
}

TEST_CASE("a printed configuration shows no secret", "[config]") {
  const auto loaded = load(kServer + kSite +
                           "identity_secret = \"hush-identity\"\n"
                           "[site.payment.stripe]\nwebhook_secrets = [\"hush-hook\"]\n"
                           "api_key = \"hush-api\"\n[site.destination.meta]\npixel_id = \"123\"\n"
                           "access_token = \"hush-token\"\n");
  REQUIRE(loaded.ok());
  const auto text = redacted_config(loaded.value().config);
  CHECK_FALSE(has(text, "hush"));
  CHECK_FALSE(has(text, "0123456789abcdef"));
  CHECK(has(text, "pixel_id = \"123\""));
  CHECK(has(text, "secret = \"(hidden, 32 bytes)\""));
}

TEST_CASE("the nearest name is near", "[config]") {
  const std::vector<std::string> valid = {"listen", "secret", "public_url"};
  CHECK(nearest_name("lsiten", valid) == "listen");
  CHECK(nearest_name("public-url", valid) == "public_url");
  CHECK(nearest_name("zebra", valid).empty());
  CHECK(nearest_name("", valid).empty());
}

TEST_CASE("the committed reference is what the code says", "[config]") {
  std::ifstream page(std::string(TL_SOURCE_DIR) + "/docs/configuration.md");
  std::istringstream code(config_reference() + destinations::settings_reference());
  INFO("throughline config-reference > docs/configuration.md");
  int number = 0;
  for (std::string committed, said; ++number, std::getline(code, said);) {
    INFO("line " << number);
    REQUIRE(std::getline(page, committed));
    REQUIRE(committed == said);
  }
  std::string more;
  CHECK_FALSE(std::getline(page, more));
}
