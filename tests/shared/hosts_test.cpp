// SPDX-License-Identifier: Apache-2.0
// Host and source-name lookup in both tables: longest match, wildcards, look-alikes.
#include "catch.hpp"
#include "throughline/channel.hpp"

#include <string>

using tl::HostCategory;

namespace {
struct HostCase {
  const char* text;
  HostCategory category;
  const char* name;
};
}  // namespace

TEST_CASE("hosts match from the longest name up", "[hosts]") {
  const HostCase cases[] = {
      {"google.com", HostCategory::search, "google"},
      {"www.google.com", HostCategory::search, "google"},
      {"WWW.Google.CZ", HostCategory::search, "google"},
      {"www.google.co.uk", HostCategory::search, "google"},
      {"google.com.au", HostCategory::search, "google"},
      {"google.com.evil.example", HostCategory::none, ""},
      {"notgoogle.com", HostCategory::none, ""},
      {"google.evil.example", HostCategory::none, ""},
      {"mail.google.com", HostCategory::email, "gmail"},
      {"news.google.com", HostCategory::referral, "google-news"},
      {"gemini.google.com", HostCategory::ai_assistant, "gemini"},
      {"shopping.google.de", HostCategory::shopping, "google-shopping"},
      {"accounts.google.com", HostCategory::ignored, "google-login"},
      {"search.yahoo.co.jp", HostCategory::search, "yahoo"},
      {"mail.yahoo.com", HostCategory::email, "yahoo-mail"},
      {"uk.search.yahoo.com", HostCategory::search, "yahoo"},
      {"l.facebook.com", HostCategory::social, "facebook"},
      {"lm.facebook.com", HostCategory::social, "facebook"},
      {"t.co", HostCategory::social, "twitter"},
      {"x.com", HostCategory::social, "twitter"},
      {"netflix.com", HostCategory::none, ""},
      {"out.reddit.com", HostCategory::social, "reddit"},
      {"com.reddit.frontpage", HostCategory::social, "reddit"},
      {"com.google.android.gm", HostCategory::email, "gmail"},
      {"com.google.android.googlequicksearchbox", HostCategory::search, "google"},
      {"m.youtube.com", HostCategory::video, "youtube"},
      {"youtu.be", HostCategory::video, "youtube"},
      {"amazon.co.uk", HostCategory::shopping, "amazon"},
      {"smile.amazon.de", HostCategory::shopping, "amazon"},
      {"payments.amazon.co.uk", HostCategory::ignored, "amazon-pay"},
      {"chatgpt.com", HostCategory::ai_assistant, "chatgpt"},
      {"www.perplexity.ai", HostCategory::ai_assistant, "perplexity"},
      {"copilot.microsoft.com", HostCategory::ai_assistant, "copilot"},
      {"googleads.g.doubleclick.net", HostCategory::ad_exchange, "google-display"},
      {"trc.taboola.com", HostCategory::native, "taboola"},
      {"www.awin1.com", HostCategory::affiliate, "awin"},
      {"buy.stripe.com", HostCategory::ignored, "stripe"},
      {"webmail.provider.cz", HostCategory::email, ""},
      {"webmail2.provider.cz", HostCategory::email, ""},
      {"mail.provider.cz", HostCategory::email, ""},
      {"mailing.provider.cz", HostCategory::none, ""},
      {"mail", HostCategory::none, ""},
      {"localhost", HostCategory::ignored, "localhost"},
      {"192.168.1.1", HostCategory::none, ""},
      {"[::1]", HostCategory::none, ""},
      {"com", HostCategory::none, ""},
      {"", HostCategory::none, ""},
      {".", HostCategory::none, ""},
      {"..google.com", HostCategory::search, "google"},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto match = tl::match_host(c.text, tl::all_hosts());
    CHECK(match.category == c.category);
    CHECK(match.name == c.name);
  }
}

TEST_CASE("sources match by short name, first label or host", "[hosts]") {
  const HostCase cases[] = {
      {"fb", HostCategory::social, "facebook"},
      {"ig", HostCategory::social, "instagram"},
      {"meta", HostCategory::social, "facebook"},
      {"yt", HostCategory::video, "youtube"},
      {"google", HostCategory::search, "google"},
      {"linkedin", HostCategory::social, "linkedin"},
      {"threads", HostCategory::social, "threads"},
      {"x", HostCategory::social, "twitter"},
      {"gmail", HostCategory::email, "gmail"},
      {"hackernews", HostCategory::social, "hackernews"},
      {"claude", HostCategory::ai_assistant, "claude"},
      {"perplexity", HostCategory::ai_assistant, "perplexity"},
      {"copilot", HostCategory::ai_assistant, "copilot"},
      {"bing", HostCategory::search, "bing"},
      {"amazon", HostCategory::shopping, "amazon"},
      {"chatgpt.com", HostCategory::ai_assistant, "chatgpt"},
      {"l.facebook.com", HostCategory::social, "facebook"},
      {"t", HostCategory::none, ""},
      {"vk", HostCategory::none, ""},
      {"shop", HostCategory::none, ""},
      {"mail", HostCategory::none, ""},
      {"you", HostCategory::none, ""},
      {"com", HostCategory::none, ""},
      {"newsletter", HostCategory::none, ""},
      {"", HostCategory::none, ""},
  };
  for (const auto& c : cases) {
    CAPTURE(c.text);
    const auto match = tl::match_source(c.text, tl::all_hosts());
    CHECK(match.category == c.category);
    CHECK(match.name == c.name);
  }
}
