// SPDX-License-Identifier: Apache-2.0
// User agents and client hints in words, and who is a bot.
#include "server/core/classify/user_agent.hpp"

#include "server/core/classify/agent_reader.hpp"
#include "tests/catch.hpp"

#include <string>
#include <thread>
#include <vector>

using namespace tl::server;

namespace {

const std::string kChrome =
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36";
const std::string kAndroidChrome =
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
    "Mobile Safari/537.36";
const std::string kIphone =
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
    "Gecko) ";
const std::string kMac =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) ";

}  // namespace

TEST_CASE("user agents become browser, system and device", "[device]") {
  struct Case {
    std::string text;
    const char* browser;
    const char* os;
    const char* device;
  };
  const Case cases[] = {
      {kChrome, "chrome", "windows", "desktop"},
      {kAndroidChrome, "chrome", "android", "mobile"},
      {kChrome + " Edg/140.0.0.0", "edge", "windows", "desktop"},
      {kChrome + " OPR/110.0.0.0", "opera", "windows", "desktop"},
      {"Mozilla/5.0 (X11; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "firefox", "linux",
       "desktop"},
      {"Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:131.0) Gecko/20100101 Firefox/131.0", "firefox",
       "linux", "desktop"},
      {"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Chrome/140.0.0.0 Safari/537.36",
       "chrome", "chromeos", "desktop"},
      {kIphone + "Version/17.5 Mobile/15E148 Safari/604.1", "safari", "ios", "mobile"},
      {kIphone + "CriOS/140.0.0.0 Mobile/15E148 Safari/604.1", "chrome", "ios", "mobile"},
      {kIphone + "FxiOS/131.0 Mobile/15E148 Safari/605.1.15", "firefox", "ios", "mobile"},
      {kIphone + "Mobile/15E148", "ios_webview", "ios", "mobile"},
      {kIphone + "Mobile/21F90 [FBAN/FBIOS;FBAV/465.0.0.44.64;FBBV/600]", "facebook_app", "ios",
       "mobile"},
      {kIphone + "Mobile/21F90 Instagram 334.0.4.32.98 (iPhone15,2; iOS 17_5_1)", "instagram_app",
       "ios", "mobile"},
      {kIphone + "Mobile/15E148 musical_ly_35.0.0 BytedanceWebview/d8a21c6", "tiktok_app", "ios",
       "mobile"},
      {"Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
       "Version/16.6 Mobile/15E148 Safari/604.1",
       "safari", "ios", "tablet"},
      // iPads that say they are Macs, and the one that nobody can tell from a Mac.
      {kMac + "CriOS/140.0.0.0 Version/17.5 Safari/605.1.15", "chrome", "ios", "tablet"},
      {kMac + "FxiOS/131.0 Safari/605.1.15", "firefox", "ios", "tablet"},
      {kMac + "Mobile/15E148 [FBAN/FBIOS;FBAV/465.0.0.44.64;FBBV/600]", "facebook_app", "ios",
       "tablet"},
      {kMac + "Version/17.5 Safari/605.1.15", "safari", "macos", "desktop"},
      {"Mozilla/5.0 (Linux; Android 14; SM-S911B; wv) AppleWebKit/537.36 (KHTML, like Gecko) "
       "Version/4.0 Chrome/126.0.6478.71 Mobile Safari/537.36",
       "android_webview", "android", "mobile"},
      {"Mozilla/5.0 (Linux; Android 13; SM-X700) AppleWebKit/537.36 (KHTML, like Gecko) "
       "SamsungBrowser/22.0 Chrome/111.0.5563.116 Safari/537.36",
       "samsung_internet", "android", "tablet"},
      {"Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) "
       "Version/6.0 TV Safari/538.1",
       "safari", "tizen", "tv"},
      {"Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) "
       "NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474",
       "unknown", "unknown", "console"},
      {"Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) "
       "OculusBrowser/33.0 Chrome/126.0.0.0 VR Safari/537.36",
       "chrome", "android", "xr"},
      {"Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0; Tablet PC 2.0)", "ie",
       "windows", "desktop"},
      {"???", "unknown", "unknown", "bot"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto agent = read_user_agent(c.text);
    CHECK(agent.browser == c.browser);
    CHECK(agent.os == c.os);
    CHECK(agent.device == c.device);
  }
}

TEST_CASE("versions are told as far as the user agent does", "[device]") {
  CHECK(read_user_agent(kChrome).browser_version == "140.0.0.0");
  CHECK(read_user_agent(kChrome).os_version == "10");
  const auto phone = read_user_agent(kIphone + "Version/17.5 Mobile/15E148 Safari/604.1");
  CHECK(phone.browser_version == "17.5");
  CHECK(phone.os_version == "17.5.1");
}

TEST_CASE("bots are named with a reason", "[bot]") {
  struct Case {
    std::string text;
    const char* name;
    const char* reason;
  };
  const Case cases[] = {
      {"", "unknown", "empty_user_agent"},
      {"  ", "unknown", "empty_user_agent"},
      {"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "Googlebot",
       "search_engine"},
      {"Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; "
       "+https://openai.com/gptbot)",
       "GPTBot", "ai_crawler"},
      {"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
       "HeadlessChrome/126.0.0.0 Safari/537.36",
       "HeadlessChrome", "headless"},
      {"Mozilla/5.0 (compatible; Quuxbot/1.0; +http://quux.example/bot)", "Quuxbot", "bot_pattern"},
      {"node", "node", "bot_pattern"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto agent = read_user_agent(c.text);
    REQUIRE(agent.bot.has_value());
    CHECK(agent.bot->name == c.name);
    CHECK(agent.bot->reason == c.reason);
    CHECK(agent.device == "bot");
  }
}

TEST_CASE("words that only look like a bot's name are no bot", "[bot]") {
  const std::string text = GENERATE(
      as<std::string>{},
      "Mozilla/5.0 (Linux; Android 12; CUBOT NOTE 21) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/124.0.0.0 Mobile Safari/537.36",
      "Mozilla/5.0 (Linux; Android 14; Google Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) "
      "Chrome/124.0.0.0 Mobile Safari/537.36",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like "
      "Gecko) GSA/320.0 Mobile/15E148 Safari/604.1");
  CHECK_FALSE(read_user_agent(text).bot.has_value());
}

TEST_CASE("client hints tell what frozen user agents hide", "[device]") {
  CHECK(read_user_agent(kChrome, {"", "\"Windows\"", "\"15.0.0\"", "?0"}).os_version == "11");
  CHECK(read_user_agent(kChrome, {"", "\"Windows\"", "\"10.0.0\"", "?0"}).os_version == "10");
  CHECK(read_user_agent(kAndroidChrome, {"", "\"Android\"", "\"14.0.0\"", "?1"}).os_version ==
        "14.0.0");
  const auto brave = read_user_agent(
      kChrome, {"\"Not;A=Brand\";v=\"99\", \"Chromium\";v=\"140\", \"Brave\";v=\"140\"",
                "\"Windows\"", "", "?0"});
  CHECK(brave.browser == "brave");
  CHECK(brave.browser_version == "140");
  const auto desktop_site = read_user_agent(
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
      "Safari/537.36",
      {"", "\"Android\"", "", "?0"});
  CHECK(desktop_site.os == "android");
  CHECK(desktop_site.device == "tablet");
  CHECK(read_user_agent(kChrome, {",;\"", "\"", "\"x", "?"}).browser == "chrome");
}

TEST_CASE("hostile texts are read to the end", "[device]") {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (const auto& text :
       {bytes, std::string(10'000, 'a'), std::string(10'000, '('), std::string(5'000, ' ') + "x"})
    CHECK_FALSE(read_user_agent(text).device.empty());
}

TEST_CASE("a reader gives every thread the same answer", "[device]") {
  AgentReader reader;
  std::vector<std::string> seen(4);
  std::vector<std::thread> threads;
  for (auto& out : seen)
    threads.emplace_back([&reader, &out] {
      for (int i = 0; i < 40; ++i) {
        const auto text = "Mozilla/5.0 (X11; Linux x86_64; rv:" + std::to_string(i) +
                          ".0) Gecko/20100101 Firefox/" + std::to_string(i) + ".0";
        out += reader.read(text, {})->browser_version + " ";
      }
    });
  for (auto& thread : threads) thread.join();
  CHECK(seen[0] == seen[1]);
  CHECK(seen[0] == seen[2]);
  CHECK(seen[0] == seen[3]);
  CHECK(seen[0].find("39.0 ") != std::string::npos);
}
