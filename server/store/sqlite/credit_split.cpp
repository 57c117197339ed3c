// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite/credit_split.hpp"

#include <algorithm>
#include <map>

namespace tl::server::sqlite {
namespace {

constexpr std::size_t kConfigBytes = 8;
constexpr int kSourceTexts = 4;

void put_number(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
  out += static_cast<char>(value);
}
void put_signed(std::string& out, std::int64_t value) {
  put_number(out, static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
}
void put_text(std::string& out, std::string_view text) {
  put_number(out, text.size());
  out += text;
}

// Reads what was put; after the end everything is 0 and empty. By pointers: a report reads some
// hundred bytes of each conversion.
class SplitBytes {
 public:
  explicit SplitBytes(std::string_view bytes) : at_(bytes.data()), end_(at_ + bytes.size()) {}
  [[nodiscard]] bool is_at_end() const { return at_ == end_; }
  [[nodiscard]] const char* at() const { return at_; }

  std::uint64_t number() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && at_ != end_; shift += 7) {
      const auto byte = static_cast<std::uint8_t>(*at_++);
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if (byte < 0x80) break;
    }
    return value;
  }
  std::int64_t signed_number() {
    const std::uint64_t value = number();
    return static_cast<std::int64_t>(value >> 1 ^ (~(value & 1) + 1));
  }
  std::string_view bytes(std::uint64_t count) {
    const char* const from = at_;
    const auto left = static_cast<std::uint64_t>(end_ - at_);
    at_ += count < left ? count : left;
    return {from, static_cast<std::size_t>(at_ - from)};
  }
  std::string_view text() { return bytes(number()); }
  std::int64_t config() {
    std::uint64_t value = 0;
    for (const char byte : bytes(kConfigBytes))
      value = value << 8 | static_cast<std::uint8_t>(byte);
    return static_cast<std::int64_t>(value);
  }

 private:
  const char* at_;
  const char* end_;
};

LentSource source_of(const CreditRow& credit) {
  return {credit.touch_id ? credit.channel : kUnattributedChannel, credit.source, credit.campaign,
          credit.content, credit.landing_path};
}

}  // namespace

std::string write_split(const std::vector<CreditRow>& credits) {
  std::map<LentSource, std::uint64_t> places;
  std::map<std::int64_t, std::map<std::uint64_t, std::int64_t>> configs;
  for (const auto& credit : credits) places.emplace(source_of(credit), 0);
  std::string split;
  put_number(split, places.size());
  std::uint64_t next = 0;
  for (auto& [source, place] : places) {
    place = next++;
    put_number(split, static_cast<std::uint64_t>(source.channel));
    for (const auto text : {source.source, source.campaign, source.content, source.landing_path})
      put_text(split, text);
  }
  for (const auto& credit : credits)
    configs[credit.config][places.at(source_of(credit))] += credit.net_minor;
  std::string shares;
  for (const auto& [config, by_place] : configs) {
    shares.clear();
    for (const auto& [place, minor] : by_place) {
      put_number(shares, place);
      put_signed(shares, minor);
    }
    for (int shift = 56; shift >= 0; shift -= 8)
      split += static_cast<char>(static_cast<std::uint64_t>(config) >> shift);
    put_text(split, shares);
  }
  return split;
}

void read_split(std::string_view bytes, const std::vector<std::int64_t>& configs,
                CreditSplit& split) {
  split.sources.clear();
  split.shares.clear();
  SplitBytes rest(bytes);
  for (std::uint64_t left = rest.number(); left > 0 && !rest.is_at_end(); --left) {
    const char* const from = rest.at();
    rest.number();
    for (int text = 0; text < kSourceTexts; ++text) rest.text();
    split.sources.emplace_back(from, static_cast<std::size_t>(rest.at() - from));
  }
  while (!rest.is_at_end()) {
    const std::int64_t config = rest.config();
    SplitBytes parts(rest.text());
    if (std::find(configs.begin(), configs.end(), config) == configs.end()) continue;
    while (!parts.is_at_end()) {
      const std::uint64_t place = parts.number();
      const std::int64_t minor = parts.signed_number();
      if (place < split.sources.size()) split.shares.push_back({place, minor});
    }
  }
}

LentSource read_split_source(std::string_view source) {
  SplitBytes bytes(source);
  LentSource made;
  made.channel = static_cast<Channel>(bytes.number());
  for (auto* text : {&made.source, &made.campaign, &made.content, &made.landing_path})
    *text = bytes.text();
  return made;
}

}  // namespace tl::server::sqlite
