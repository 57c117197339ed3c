// SPDX-License-Identifier: Apache-2.0
// libphonenumber behind one function. Its parser is not told of our limits, so overlong input is
// refused before it.
#include "server/core/people/phone_number.hpp"

#include "throughline/text.hpp"

#include <phonenumbers/phonenumberutil.h>

#include <algorithm>

namespace tl::server {
namespace {

namespace pn = i18n::phonenumbers;
constexpr std::size_t kMaxInput = 64;  // the longest number with extension and punctuation is 40

std::string region_of(std::string_view country) {
  std::string region(country);
  for (char& c : region)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return region;
}

std::optional<std::string> format(const std::string& text, const std::string& region) {
  const auto* util = pn::PhoneNumberUtil::GetInstance();
  pn::PhoneNumber number;
  if (util->Parse(text, region, &number) != pn::PhoneNumberUtil::NO_PARSING_ERROR) return {};
  // Possible, not valid: new ranges appear faster than metadata, a wrong length never becomes
  // right.
  if (!util->IsPossibleNumber(number)) return {};
  std::string e164;
  util->Format(number, pn::PhoneNumberUtil::E164, &e164);
  if (e164.size() < 8 || e164.size() > 16) return {};
  return e164;
}

}  // namespace

std::optional<std::string> phone_to_e164(std::string_view plain, std::string_view default_country) {
  const std::string_view text = trim(plain);
  if (text.empty() || text.size() > kMaxInput) return {};
  std::string region = region_of(default_country);
  if (region.empty()) region = "ZZ";  // libphonenumber's unknown region: only "+" numbers parse

  if (auto found = format(std::string(text), region)) return found;
  // 00 is the international prefix that people know, whatever their own country dials.
  if (text.starts_with("00")) return format("+" + std::string(text.substr(2)), region);
  return {};
}

std::string calling_code(std::string_view country) {
  const int code = pn::PhoneNumberUtil::GetInstance()->GetCountryCodeForRegion(region_of(country));
  return code > 0 ? std::to_string(code) : std::string();
}

}  // namespace tl::server
