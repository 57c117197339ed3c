// SPDX-License-Identifier: Apache-2.0
// Touch extraction (facts: channels, sections 2.1 and 3). Sees only the URL, the referrer and the
// list of payment and login hosts, so browser and server cannot disagree.
#include "throughline/touch.hpp"

#include "ignored_hosts.inc"
#include "throughline/json_writer.hpp"
#include "throughline/text.hpp"

#include <array>

namespace tl {
namespace {

constexpr std::size_t kMaxFieldBytes = 255;

// What ad systems and sites write when they mean nothing, or a macro that nobody filled in.
bool is_placeholder(std::string_view value) {
  if (find_word("null|undefined|none|(none)|(not set)|(direct)|nan", value) >= 0) return true;
  if (!value.empty() && value[0] == '$') value.remove_prefix(1);
  return !value.empty() && ((value.front() == '{' && value.back() == '}') ||
                            (value.front() == '[' && value.back() == ']'));
}

// A payment or login page, or a sub-domain of one.
bool is_ignored_host(std::string_view host) {
  for (; !host.empty(); take_field(host, '.')) {
    if (find_word(kIgnoredHosts, host) >= 0) return true;
  }
  return false;
}

// By the table's order, which ranks families and click ids; of a repeated name the first value.
void read_query(std::string_view query, Touch& touch, Out& arena) {
  std::array<std::string_view, kMaxParamNames> values{};  // in the table's order
  ParamName entry;
  for (QueryPair pair; next_pair(query, pair);) {
    auto* value = values.data();
    for (std::string_view cursor; next_param_name(cursor, entry); ++value) {
      if (!equals_ignoring_case(entry.name, pair.key)) continue;
      if (value->data() == nullptr) *value = pair.value;
      break;
    }
  }
  const auto* given = values.data();
  for (std::string_view cursor; next_param_name(cursor, entry); ++given) {
    if (given->empty()) continue;
    const Param param = entry.param;
    const std::size_t mark = arena.size();
    bool is_used = false;
    if (is_click_id(param)) {
      auto value = decode_percent(*given, kMaxReducedUrlBytes, arena);
      is_used = is_click_value(param, value) && touch.click_id_count < touch.click_ids.size();
      if (is_personal(param)) value = "*";
      if (is_used) touch.click_ids[touch.click_id_count++] = {param, value};
    } else if (param <= Param::campaign_id) {
      auto& field = touch.*kTouchFields[static_cast<int>(param) - 1];
      auto value = trim(decode_component(*given, kMaxFieldBytes, arena));
      if (holds_address(*given)) value = "*";
      is_used = field.empty() && !is_placeholder(value);
      if (is_used) field = value;
    }
    if (!is_used) arena.rewind(mark);
  }
}

// FNV-1a (32 bits), except that "*" leaves 0 as it is. Tells apart, hides nothing.
std::uint32_t fold(std::uint32_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<std::uint8_t>(c ^ '*')) * 16777619;
  return hash;
}

std::string_view reduced_path(std::string_view path, Out& arena) {
  const std::size_t mark = arena.size();
  reduce_path(path, arena);
  return arena.since(mark);
}

}  // namespace

Touch extract_touch(std::string_view url, std::string_view referrer, Out& arena) {
  Touch touch;
  UrlView page, from;
  if (!split_url(url, page)) return touch;
  touch.landing_path = reduced_path(page.path, arena);
  read_query(page.query, touch, arena);
  if (!split_url(referrer, from)) return touch;
  const auto host = lower(decode_percent(from.host, kMaxFieldBytes, arena), arena);
  touch.is_internal = is_same_site(page.host, host) || is_ignored_host(host);
  if (!touch.is_internal) {
    touch.referrer_host = host;
    touch.referrer_path = reduced_path(from.path, arena);
  }
  return touch;
}

std::int64_t touch_fingerprint(const Touch& touch) {
  if (!touch.has_evidence()) return 0;
  std::uint32_t tags = 1;
  std::uint32_t clicks = 0;
  for (const auto field : kTouchFields) tags = fold(tags, touch.*field) + 1;
  for (std::size_t i = 0; i < touch.click_id_count; ++i) {
    tags = fold(tags, click_id_name(touch.click_ids[i].param)) + 1;
    clicks = fold(clicks, touch.click_ids[i].value);
  }
  if (!touch.is_tagged()) tags = fold(tags, touch.referrer_host);
  return std::int64_t{tags >> 1} << 32 | clicks;
}

void write_touch(const Touch& touch, Out& out) {
  JsonWriter json(out);
  const auto member = [&json](std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json.key(name);
    json.string(value);
  };
  json.open_object();
  for (std::uint32_t i = 0; i < std::size(kTouchFields); ++i) {
    member(param_name(static_cast<Param>(i + 1)), touch.*kTouchFields[i]);
  }
  for (std::size_t i = 0; i < touch.click_id_count; ++i) {
    member(click_id_name(touch.click_ids[i].param), touch.click_ids[i].value);
  }
  if (!touch.is_tagged()) member("ref", touch.referrer_host);
  json.close_object();
}

}  // namespace tl
