// SPDX-License-Identifier: Apache-2.0
#include "throughline/coarse_handover.hpp"

#include "throughline/text.hpp"

#include <array>
#include <cstdint>

namespace tl {
namespace {

constexpr std::string_view kHead = "tl0_";
constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

std::size_t base64_size(std::string_view text) {
  return (text.size() * 4 + 2) / 3;
}

void put_base64(std::string_view text, Out& out) {
  std::uint32_t bits = 0, count = 0;
  for (const char c : text) {
    bits = bits << 8 | static_cast<unsigned char>(c);
    for (count += 8; count >= 6; count -= 6) out.put(kDigits[bits >> (count - 6) & 63]);
  }
  if (count > 0) out.put(kDigits[bits << (6 - count) & 63]);
}

// Reads what it can: whoever reads a token writes it again to compare.
std::string_view read_base64(std::string_view text, Out& arena) {
  const std::size_t mark = arena.size();
  std::uint32_t bits = 0, count = 0;
  for (const char c : text) {
    bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(c) & 63);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    arena.put(static_cast<char>(bits >> count & 255));
  }
  return arena.since(mark);
}

bool is_source(std::string_view text) {
  for (const char c : text)
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-')
      return false;
  return true;
}

bool is_campaign(std::string_view text) {
  while (!text.empty()) {
    if (text[0] == '@' || static_cast<unsigned char>(text[0]) < ' ' || text[0] == '\x7f')
      return false;
    bool is_valid = false;
    text.remove_prefix(utf8_step(text, is_valid));
    if (!is_valid) return false;
  }
  return true;
}

}  // namespace

bool is_coarse_handover(const CoarseHandover& handover) {
  if (handover.channel == Channel::unknown || handover.channel == Channel::internal) return false;
  const auto name = channel_name(handover.channel);
  return !name.empty() && is_source(handover.source) && is_campaign(handover.campaign) &&
         kHead.size() + name.size() + 2 + base64_size(handover.source) +
                 base64_size(handover.campaign) <=
             kMaxCoarseToken;
}

void write_coarse_token(const CoarseHandover& handover, Out& out) {
  out.put(kHead);
  out.put(channel_name(handover.channel));
  out.put('_');
  put_base64(handover.source, out);
  out.put('_');
  put_base64(handover.campaign, out);
}

Result<CoarseHandover> parse_coarse_token(std::string_view token, Out& arena) {
  const Error bad_token{ErrorKind::invalid, "bad_token"};
  if (token.size() > kMaxCoarseToken || token.substr(0, kHead.size()) != kHead) return bad_token;
  CoarseHandover handover;
  // Names of channels hold '_' too, but none begins another one.
  for (std::size_t end = token.find('_', kHead.size()); end != std::string_view::npos;
       end = token.find('_', end + 1)) {
    if (!parse_channel(token.substr(kHead.size(), end - kHead.size()), handover.channel)) continue;
    auto rest = token.substr(end + 1);
    handover.source = read_base64(take_field(rest, '_'), arena);
    handover.campaign = read_base64(rest, arena);
    break;
  }
  std::array<char, kMaxCoarseToken> buffer{};
  Out again(buffer.data(), buffer.size());
  if (!is_coarse_handover(handover)) return bad_token;
  write_coarse_token(handover, again);
  if (again.view() != token) return bad_token;
  return handover;
}

}  // namespace tl
