// SPDX-License-Identifier: Apache-2.0
// A touch that the page started itself travels by field names; it is read back as the query it came
// from, so that one extraction serves both.

#include "server/core/ingest/replay.hpp"

#include "throughline/params.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"
#include "throughline/url.hpp"

namespace tl::server {
namespace {

constexpr std::size_t kUrlBytes = 3 * kMaxReducedUrlBytes + 2048;

// Names whose values hold no "@", space separated, as reduce_url() takes them.
std::string harmless_names(std::string_view url) {
  std::string names;
  const auto parsed = parse_url(url);
  if (!parsed.ok()) return names;
  QueryPair pair;
  for (auto query = parsed.value().query; next_pair(query, pair);) {
    if (holds_at_sign(pair.value) || contains(pair.key, " ")) continue;
    if (!names.empty()) names += ' ';
    names += pair.key;
  }
  return names;
}

void add_pair(std::string& query, std::string_view name, std::string_view value) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  query += query.empty() ? "" : "&";
  query += name;
  query += '=';
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.' || c == '*';
    if (is_plain) {
      query += c;
    } else {
      query += '%';
      query += kDigits[byte >> 4];
      query += kDigits[byte & 15];
    }
  }
}

// source=… becomes utm_source=…; utm_source and click ids stay what they are.
std::string campaign_query(const std::map<std::string, std::string>& fields) {
  std::string query;
  for (const auto& [name, value] : fields) {
    if (param_of(name) != Param::none) {
      add_pair(query, name, value);
      continue;
    }
    for (std::size_t i = 0; i < std::size(kTouchFields); ++i) {
      const auto field = static_cast<Param>(i + 1);
      if (param_name(field) == name)
        add_pair(query, field == Param::campaign_id ? "utm_id" : "utm_" + name, value);
    }
  }
  return query;
}

}  // namespace

std::string reduced_again(std::string_view url, bool keeps_query, bool permits_marketing) {
  if (url.empty()) return {};
  const std::string names = keeps_query ? harmless_names(url) : std::string();
  char buffer[kUrlBytes];
  Out out(buffer, sizeof buffer);
  reduce_url(url, names, permits_marketing, out);
  return out.overflowed() ? std::string() : std::string(out.view());
}

Replay::Replay(std::string_view site_id, const WireEvent& event, const WireBatch& batch,
               const Consent& consent)
    : buffer_(std::make_unique_for_overwrite<char[]>(kArenaBytes)),
      arena_(buffer_.get(), kArenaBytes),
      site_(site_id) {
  const bool marketing = permits_marketing(consent);
  url_ = reduced_again(event.url, batch.keeps_query, marketing);
  referrer_ = reduced_again(event.referrer, batch.keeps_query, marketing);
  if (event.campaign) {
    campaign_url_ = reduced_again(campaign_url(url_, *event.campaign), false, marketing);
    campaign_ = extract_touch(campaign_url_, {}, arena_);
    evidence_.campaign = &campaign_;
  }
  evidence_.site = site_;
  evidence_.name = event.name;
  evidence_.url = url_;
  evidence_.referrer = referrer_;
  evidence_.page_nonce = event.page_nonce.value_or(batch.page_nonce);
  evidence_.seq = event.seq;
  evidence_.t_ms = event.t_ms;
  evidence_.consent_t_ms = event.consent_t_ms;
  evidence_.navigation = event.navigation;
  evidence_.consent = consent;
}

Decision Replay::decide(const SessionState& state, const SessionRules& rules) {
  return tl::decide(state, evidence_, rules, arena_);
}

std::string campaign_url(std::string_view page_url,
                         const std::map<std::string, std::string>& fields) {
  const auto page = parse_url(page_url);
  return "https://" + std::string(page.ok() ? page.value().host : "page.invalid") +
         std::string(page.ok() ? page.value().path : "/") + "?" + campaign_query(fields);
}

bool is_same_touch(const Touch& touch, const std::map<std::string, std::string>& said) {
  std::size_t count = 0;
  const auto agrees = [&](std::string_view name, std::string_view value) {
    if (value.empty()) return true;
    ++count;
    const auto found = said.find(std::string(name));
    return found != said.end() && found->second == value;
  };
  for (std::size_t i = 0; i < std::size(kTouchFields); ++i)
    if (!agrees(param_name(static_cast<Param>(i + 1)), touch.*kTouchFields[i])) return false;
  for (std::size_t i = 0; i < touch.click_id_count; ++i)
    if (!agrees(param_name(touch.click_ids[i].param), touch.click_ids[i].value)) return false;
  if (!touch.is_tagged() && !agrees("ref", touch.referrer_host)) return false;
  return count == said.size();
}

}  // namespace tl::server
