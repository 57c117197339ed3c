// SPDX-License-Identifier: Apache-2.0
#include "server/core/text/loggable_words.hpp"

#include "server/core/text/ascii.hpp"
#include "server/core/text/ip_address.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::size_t kMostLoggedBytes = 200;
constexpr std::size_t kTokenLength = 20;    // words of people are shorter, tokens and hashes longer
constexpr std::ptrdiff_t kPhoneDigits = 9;  // vendors' codes have fewer

bool ends_word(char c) {
  return c == ' ' || std::string_view("\"'`,;()[]{}<>=").find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) < ' ';
}

// Where the first word ends; a number that is written in groups is one.
std::size_t word_end(std::string_view sentence) {
  constexpr std::string_view kBetweenGroups = " ()";
  for (std::size_t at = 0; at < sentence.size(); ++at) {
    if (!ends_word(sentence[at])) continue;
    const auto next = sentence.find_first_not_of(kBetweenGroups, at);
    const bool is_grouped = at > 0 && next != at && next != std::string_view::npos &&
                            is_digit(sentence[at - 1]) && is_digit(sentence[next]);
    if (!is_grouped) return at;
    at = next;
  }
  return sentence.size();
}

bool may_be_logged(std::string_view word) {
  while (!word.empty() && (word.back() == '.' || word.back() == ':')) word.remove_suffix(1);
  return word.size() < kTokenLength && word.find('@') == word.npos && word.find('%') == word.npos &&
         std::count_if(word.begin(), word.end(), is_digit) < kPhoneDigits &&
         !IpAddress::parse(word) && !IpAddress::parse(word.substr(0, word.rfind(':')));
}

}  // namespace

std::string loggable_words(std::string_view sentence) {
  std::string line;
  while (!sentence.empty()) {
    const auto end = word_end(sentence);
    const std::string_view word = sentence.substr(0, end);
    if (may_be_logged(word))
      line += word;
    else
      line += "…";
    if (end < sentence.size())
      line += static_cast<unsigned char>(sentence[end]) < ' ' ? ' ' : sentence[end];
    sentence.remove_prefix(std::min(end + 1, sentence.size()));
  }
  return std::string(cut_utf8(line, kMostLoggedBytes));
}

}  // namespace tl::server
