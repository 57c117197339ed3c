// SPDX-License-Identifier: Apache-2.0
// The packed parameter table (generated from shared/data/params.tsv) and its two readers: functions
// that walk the packed text, for the browser, and ParamInfo rows unpacked at compile time, for the
// server. Packed names: "utm_source\201mtm_source\201…gclid\212…", each ended by 0x80 + Param.
#include "throughline/params.hpp"

#include "param_table.inc"
#include "throughline/text.hpp"

#include <array>

namespace tl {
namespace {

constexpr std::string_view kNames{kParamNameText, sizeof kParamNameText - 1};
// By Param: click class, plus these bits.
constexpr int kClassMask = 15;
constexpr int kPaid = 16;
constexpr int kPersonal = 32;

constexpr int traits(Param param) {
  return kParamTraitText[static_cast<int>(param)];
}

// Takes the first name off the front of the packed text.
constexpr ParamName take_name(std::string_view& text) {
  std::size_t i = 0;
  while (static_cast<std::uint8_t>(text[i]) < 0x80) ++i;
  const ParamName entry{text.substr(0, i),
                        static_cast<Param>(static_cast<std::uint8_t>(text[i]) - 0x80)};
  text.remove_prefix(i + 1);
  return entry;
}

constexpr std::size_t count_names() {
  std::size_t count = 0;
  for (auto text = kNames; !text.empty(); ++count) take_name(text);
  return count;
}
static_assert(count_names() <= kMaxParamNames);

constexpr std::array<ParamInfo, count_names()> unpack() {
  std::array<ParamInfo, count_names()> rows{};
  auto text = kNames;
  for (auto& row : rows) {
    const auto entry = take_name(text);
    row.name = entry.name;
    row.param = entry.param;
    row.click_class = static_cast<ClickClass>(traits(entry.param) & kClassMask);
    row.is_paid = (traits(entry.param) & kPaid) != 0;
    row.is_click_id = entry.param >= Param::gclid;
    row.is_personal = (traits(entry.param) & kPersonal) != 0;
  }
  return rows;
}
constexpr auto kRows = unpack();
constexpr ParamInfo kNoParam{};

}  // namespace

bool next_param_name(std::string_view& cursor, ParamName& entry) {
  if (cursor.data() == nullptr) cursor = kNames;
  if (cursor.empty()) return false;
  entry = take_name(cursor);
  return true;
}

Param param_of(std::string_view name) {
  ParamName entry;
  for (std::string_view cursor; next_param_name(cursor, entry);) {
    if (equals_ignoring_case(entry.name, name)) return entry.param;
  }
  return Param::none;
}

std::string_view param_name(Param param) {
  if (param < Param::gclid) {
    return word_at("|source|medium|campaign|term|content|campaign_id",
                   static_cast<std::uint32_t>(param));
  }
  return click_id_name(param);
}

std::string_view click_id_name(Param param) {
  ParamName entry;
  for (std::string_view cursor; next_param_name(cursor, entry);) {
    if (entry.param == param) return entry.name;
  }
  return {};
}

ClickClass click_class(Param param) {
  return static_cast<ClickClass>(traits(param) & kClassMask);
}
bool is_paid(Param param) {
  return (traits(param) & kPaid) != 0;
}
bool is_click_id(Param param) {
  return param >= Param::gclid;
}
bool is_personal(Param param) {
  return (traits(param) & kPersonal) != 0;
}

std::string_view param_platform(Param param) {
  return word_at(kParamPlatforms, static_cast<std::uint32_t>(param));
}

bool is_click_value(Param param, std::string_view value) {
  if (value.empty() || value.size() > (param == Param::fbclid ? 1024U : 512U)) return false;
  for (const char c : value) {
    const char letter = ascii_lower(c);
    const bool is_alphanumeric = (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9');
    if (!is_alphanumeric && !contains("-_.~%=+/*", c)) {
      return false;
    }
  }
  return true;
}

const ParamInfo* find_param(std::string_view name) {
  for (const auto& row : kRows) {
    if (equals_ignoring_case(row.name, name)) return &row;
  }
  return nullptr;
}

const ParamInfo& param_info(Param param) {
  for (const auto& row : kRows) {
    if (row.param == param) return row;
  }
  return kNoParam;
}

}  // namespace tl
