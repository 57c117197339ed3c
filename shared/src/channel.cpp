// SPDX-License-Identifier: Apache-2.0
// The channel rule table (facts: channels, section 2.2; the comments carry its row numbers) as one
// function over a host table. The first match wins. The rows that list whole mediums are one table,
// tried where the first of them stands: no row in between could match their words.
#include "throughline/channel.hpp"

#include "throughline/text.hpp"

namespace tl {
namespace {

// By number; the gaps are gaps of the enum.
constexpr std::string_view kChannels =
    "unknown|direct|internal||||||||paid_search|paid_social|paid_video|paid_shopping|display|"
    "cross_network|paid_other||||organic_search|organic_social|organic_video|organic_shopping||||||"
    "|"
    "ai_assistant|email|sms|push|affiliate|audio|referral";

struct MediumRow {
  std::string_view words;
  Channel channel;
};
constexpr MediumRow kMediums[] = {
    {"display|banner|expandable|interstitial|cpm|gdn|programmatic|native-display",
     Channel::display},                                                                      // 5
    {"newsletter|crm|edm", Channel::email},                                                  // 6
    {"sms|mms|text|text-message", Channel::sms},                                             // 7
    {"affiliate|affiliates|partner|partners|partnership|partnerships", Channel::affiliate},  // 9
    {"audio|podcast|radio", Channel::audio},                                                 // 10
    {"ai-assistant|ai_assistant|ai|llm", Channel::ai_assistant},                             // 11
    {"social|social-network|social-media|sm|social network|social media|organic-social|"
     "organic_social|socialmedia",
     Channel::organic_social},  // 12
};

constexpr std::string_view kEmailParts = "email|e-mail|e_mail|e mail";

// By HostCategory; unknown where it says nothing.
constexpr Channel kOrganic[] = {
    Channel::unknown,       Channel::organic_search,   Channel::organic_social,
    Channel::organic_video, Channel::organic_shopping, Channel::email,
    Channel::ai_assistant,  Channel::display,          Channel::paid_other,
    Channel::affiliate,     Channel::unknown,          Channel::unknown};

bool is_one_of(std::string_view word, std::string_view list) {
  return find_word(list, word) >= 0;
}

bool contains_any(std::string_view text, std::string_view parts) {
  for (std::uint32_t i = 0;; ++i) {
    const auto part = word_at(parts, i);
    if (part.empty()) return false;
    if (contains(text, part)) return true;
  }
}

bool ends_with(std::string_view text, std::string_view end) {
  return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

bool drop_end(std::string_view& text, std::string_view end) {
  if (!ends_with(text, end)) return false;
  text.remove_suffix(end.size());
  return true;
}

// ^(.*cp.*|ppc|retargeting|remarketing|sem|pla|paid.*|.*[-_ ]paid)$
bool is_paid_medium(std::string_view medium) {
  auto stem = medium;
  return contains(medium, "cp") || is_one_of(medium, "ppc|retargeting|remarketing|sem|pla") ||
         medium.substr(0, 4) == "paid" ||
         (drop_end(stem, "paid") && !stem.empty() && contains("-_ ", stem.back()));
}

// ^(.*(([^a-df-z]|^)shop|shopping).*)$: "shop" counts at the start, after "e" or after a
// non-letter.
bool is_shop_campaign(std::string_view campaign) {
  char before = ' ';
  for (; campaign.size() >= 4; campaign.remove_prefix(1)) {
    const bool is_letter = before >= 'a' && before <= 'z' && before != 'e';
    if (campaign.substr(0, 4) == "shop" && (!is_letter || campaign.substr(0, 8) == "shopping")) {
      return true;
    }
    before = campaign[0];
  }
  return false;
}

Channel paid_channel(HostCategory category) {
  switch (category) {
    case HostCategory::search:
      return Channel::paid_search;
    case HostCategory::social:
      return Channel::paid_social;
    case HostCategory::video:
      return Channel::paid_video;
    case HostCategory::shopping:
      return Channel::paid_shopping;
    case HostCategory::ad_exchange:
      return Channel::display;
    case HostCategory::native:
      return Channel::paid_other;
    default:
      return Channel::unknown;
  }
}

// "fb-ads", "facebook_feed_ad", "gads", "adwords": the category of the name in front, none when the
// source is no such alias. The exact name goes first: threads is a network, not an alias.
HostCategory paid_alias(std::string_view source, const HostTable& table) {
  const auto category_of = [&table](std::string_view name) {
    return name == "g" ? HostCategory::search : match_source(name, table).category;
  };
  const auto drop_separator = [&source] {
    if (!source.empty() && contains("-_ .", source.back())) {
      source.remove_suffix(1);
    }
  };
  if (source == "adwords") return HostCategory::search;
  // "google.ads" has the look of a host, but .ads is no top-level domain.
  if (!ends_with(source, ".ads") && match_source(source, table).category != HostCategory::none) {
    return HostCategory::none;
  }
  if (!drop_end(source, "ads") && !drop_end(source, "ad")) return HostCategory::none;
  drop_separator();
  auto category = category_of(source);
  if (category == HostCategory::none && drop_end(source, "feed")) {
    drop_separator();
    category = category_of(source);
  }
  return category;
}

struct Facts {
  const ChannelEvidence& touch;
  const HostTable& table;
  std::string_view source, medium, campaign;  // lower-cased
  HostMatch referrer;

  [[nodiscard]] bool has(Param param) const {
    for (std::size_t i = 0; i < touch.click_count; ++i) {
      if (touch.clicks[i] == param) return true;
    }
    return false;
  }
  [[nodiscard]] bool has_social_click() const {
    return has(Param::fbclid) || has(Param::igshid) || has(Param::igsh) || has(Param::epik);
  }
  [[nodiscard]] bool has_class(ClickClass wanted) const {
    for (std::size_t i = 0; i < touch.click_count; ++i) {
      if (click_class(touch.clicks[i]) == wanted) return true;
    }
    return false;
  }
  [[nodiscard]] bool is_tagged() const {
    return touch.click_count > 0 || !touch.source.empty() || !touch.medium.empty() ||
           !touch.campaign.empty();
  }
};

// Rows 4a to 4f.
Channel paid_channel(const Facts& f, HostCategory source, ClickClass paid_click) {
  const bool is_shop = is_shop_campaign(f.campaign);
  auto channel = paid_channel(source);
  if (channel == Channel::paid_search && is_shop) return Channel::paid_shopping;  // 4a
  if (channel != Channel::unknown) return channel;
  if (is_shop) return Channel::paid_shopping;                     // 4b
  if (contains(f.medium, "social")) return Channel::paid_social;  // 4c
  if (contains(f.medium, "search") || f.medium == "sem") return Channel::paid_search;
  if (contains(f.medium, "video")) return Channel::paid_video;
  if (contains(f.medium, "shop") || f.medium == "pla") return Channel::paid_shopping;
  if (is_one_of(f.medium, kMediums[0].words) || contains_any(f.medium, "display|banner")) {
    return Channel::display;
  }
  channel = paid_channel(f.referrer.category);  // 4d
  if (channel != Channel::unknown) return channel;
  if (paid_click == ClickClass::display) return Channel::display;  // 4e
  if (paid_click >= ClickClass::native) return Channel::paid_other;
  if (paid_click != ClickClass::none) {
    return paid_channel(static_cast<HostCategory>(paid_click));  // search to shopping number alike
  }
  if (f.has_social_click()) return Channel::paid_social;  // 4f
  return contains(f.campaign, "video") ? Channel::paid_video : Channel::paid_other;
}

Channel channel_of(const Facts& f) {
  const ChannelEvidence& touch = f.touch;
  if (touch.is_internal && !f.is_tagged()) return Channel::internal;  // 1
  if (contains(f.campaign, "cross-network") ||                        // 3
      is_one_of(f.medium, "pmax|performance-max|performance_max|cross-network|cross_network")) {
    return Channel::cross_network;
  }

  const auto alias = paid_alias(f.source, f.table);
  const auto source =
      alias != HostCategory::none ? alias : match_source(f.source, f.table).category;
  auto paid_click = ClickClass::none;
  for (std::size_t i = touch.click_count; i-- > 0;) {  // the first one wins
    const Param param = touch.clicks[i];
    if (is_paid(param)) paid_click = click_class(param);
  }
  if (is_paid_medium(f.medium) || alias != HostCategory::none || paid_click != ClickClass::none) {
    return paid_channel(f, source, paid_click);  // 4
  }

  for (const auto& row : kMediums) {  // 5, 7, 9 to 12
    if (is_one_of(f.medium, row.words)) return row.channel;
  }
  if (contains_any(f.medium, kEmailParts)) return Channel::email;           // 6
  if (ends_with(f.medium, "push") || contains(f.medium, "notification")) {  // 8
    return Channel::push;
  }
  if (f.medium == "organic") {  // 13
    const bool has_kind = source >= HostCategory::search && source <= HostCategory::shopping;
    return kOrganic[static_cast<int>(has_kind ? source : HostCategory::search)];
  }
  if (contains(f.medium, "video")) return Channel::organic_video;  // 14
  if (f.source == "sms") return Channel::sms;                      // 15
  if (f.source == "firebase") return Channel::push;
  const auto by_source = kOrganic[static_cast<int>(source)];
  if (by_source != Channel::unknown) return by_source;                            // 16
  if (contains_any(f.source, kEmailParts) || contains(f.source, "newsletter")) {  // 17
    return Channel::email;
  }
  if (f.has_class(ClickClass::affiliate)) return Channel::affiliate;  // 18
  if (f.has_class(ClickClass::email)) return Channel::email;
  if (f.medium.empty() && is_shop_campaign(f.campaign)) {  // 19
    return Channel::organic_shopping;
  }
  if (is_one_of(f.medium, "referral|app|link")) return Channel::referral;  // 20
  const auto by_referrer = kOrganic[static_cast<int>(f.referrer.category)];
  if (!f.source.empty() || !f.medium.empty() || !f.campaign.empty()) {  // 21
    return f.source.empty() ? by_referrer : Channel::unknown;
  }
  if (by_referrer != Channel::unknown) return by_referrer;   // 22
  if (f.has_social_click()) return Channel::organic_social;  // 23
  if (f.has(Param::srsltid)) return Channel::organic_search;
  if (!touch.referrer_host.empty()) return Channel::referral;  // 24
  return touch.has_page ? Channel::direct : Channel::unknown;  // 25
}

}  // namespace

std::string_view channel_name(Channel channel) {
  return word_at(kChannels, static_cast<std::uint32_t>(channel));
}

bool parse_channel(std::string_view name, Channel& channel) {
  const auto index = find_word(kChannels, name);
  if (index < 0) return false;
  channel = static_cast<Channel>(index);
  return true;
}

namespace {

Facts facts_of(const ChannelEvidence& touch, const HostTable& table, Out& arena) {
  Facts facts{touch,
              table,
              lower(touch.source, arena),
              lower(touch.medium, arena),
              lower(touch.campaign, arena),
              match_host(touch.referrer_host, table)};
  constexpr std::string_view kGrok = "/i/grok";
  const std::string_view path = touch.referrer_path;
  if (touch.referrer_host == "x.com" && path.substr(0, kGrok.size()) == kGrok &&
      (path.size() == kGrok.size() || path[kGrok.size()] == '/')) {
    facts.referrer = {HostCategory::ai_assistant, "grok"};
  }
  return facts;
}

// Of several click ids the one that decides the channel: its platform is the source.
Param deciding_click(const ChannelEvidence& touch) {
  const auto rank = [](Param click) {  // rows 4, 18, 23
    if (is_paid(click)) return 0;
    const auto kind = click_class(click);
    return kind == ClickClass::affiliate ? 1 : kind == ClickClass::email ? 2 : 3;
  };
  Param best = touch.clicks[0];
  for (std::size_t i = 1; i < touch.click_count; ++i) {
    if (rank(touch.clicks[i]) < rank(best)) best = touch.clicks[i];
  }
  return best;
}

}  // namespace

ChannelEvidence::ChannelEvidence(const Touch& touch)
    : source(touch.source),
      medium(touch.medium),
      campaign(touch.campaign),
      referrer_host(touch.referrer_host),
      referrer_path(touch.referrer_path),
      click_count(touch.click_id_count),
      is_internal(touch.is_internal),
      has_page(!touch.landing_path.empty()) {
  static_assert(std::tuple_size_v<decltype(clicks)> ==
                std::tuple_size_v<decltype(touch.click_ids)>);
  for (std::size_t i = 0; i < click_count; ++i) clicks[i] = touch.click_ids[i].param;
}

Classification classify(const ChannelEvidence& touch, const HostTable& table, Out& arena) {
  const Facts facts = facts_of(touch, table, arena);
  Classification result;
  result.channel = channel_of(facts);
  result.medium = facts.medium;
  result.source = facts.source;
  if (result.source.empty()) result.source = facts.referrer.name;
  if (result.source.empty()) {
    result.source = touch.referrer_host;
    // One site, one name: www.notion.so is notion.so.
    if (result.source.substr(0, 4) == "www.") result.source.remove_prefix(4);
  }
  if (result.source.empty() && touch.click_count > 0) {
    result.source = param_platform(deciding_click(touch));
  }
  if (result.source.empty()) result.source = "(direct)";
  return result;
}

}  // namespace tl
