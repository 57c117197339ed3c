// SPDX-License-Identifier: Apache-2.0
// RFC 8536 section 3 (layout), section 3.3.1 and POSIX "TZ" (the rule: std offset dst [offset],
// start[/time],end[/time]; offsets count westwards, times may be signed and up to 167 hours).

#include "server/core/reports/zone_file.hpp"

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace tl::server {
namespace {

constexpr std::size_t kHeaderBytes = 44;

std::int64_t big_endian(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value =
      (static_cast<unsigned char>(bytes[at]) & 0x80U) != 0 ? ~std::uint64_t{0} : 0;
  for (std::size_t i = 0; i < size; ++i)
    value = (value << 8) | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int64_t>(value);
}

struct Counts {
  std::size_t ut, standard, leaps, times, types, characters;
  [[nodiscard]] std::size_t body(std::size_t time_bytes) const {
    return times * time_bytes + times + types * 6 + characters + leaps * (time_bytes + 4) +
           standard + ut;
  }
};

std::optional<Counts> read_header(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || bytes.substr(0, 4) != "TZif" || bytes[4] < '2')
    return std::nullopt;
  std::size_t counts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    const std::int64_t count = big_endian(bytes, 20 + i * 4, 4);
    if (count < 0 || count > 1'000'000) return std::nullopt;
    counts[i] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

// Reads a POSIX TZ text from the left.
class RuleText {
 public:
  explicit RuleText(std::string_view text) : text_(text) {}
  [[nodiscard]] bool at_end() const { return text_.empty(); }
  bool take(char c) {
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  [[nodiscard]] char next() const { return text_.empty() ? '\0' : text_.front(); }
  bool name() {
    const bool is_quoted = take('<');
    std::size_t size = 0;
    while (size < text_.size() && (is_quoted ? text_[size] != '>'
                                             : (text_[size] >= 'A' && text_[size] <= 'Z') ||
                                                   (text_[size] >= 'a' && text_[size] <= 'z')))
      ++size;
    text_.remove_prefix(size);
    return size >= 3 && (!is_quoted || take('>'));
  }
  bool number(int& value) {
    std::size_t size = 0;
    value = 0;
    for (; size < text_.size() && size < 4 && text_[size] >= '0' && text_[size] <= '9'; ++size)
      value = value * 10 + (text_[size] - '0');
    text_.remove_prefix(size);
    return size > 0;
  }
  // [+-]hh[:mm[:ss]]
  bool clock(std::int64_t& seconds) {
    const bool is_negative = take('-');
    if (!is_negative) take('+');
    int part = 0;
    if (!number(part)) return false;
    seconds = part * 3600;
    if (take(':')) {
      if (!number(part)) return false;
      seconds += part * 60;
      if (take(':')) {
        if (!number(part)) return false;
        seconds += part;
      }
    }
    if (is_negative) seconds = -seconds;
    return true;
  }
  bool change(ClockChange& change) {
    if (!take(',')) return false;
    if (take('M')) {
      change.form = ClockChange::Form::month_week_day;
      if (!number(change.month) || !take('.') || !number(change.week) || !take('.') ||
          !number(change.day))
        return false;
      if (change.month < 1 || change.month > 12 || change.week < 1 || change.week > 5 ||
          change.day > 6)
        return false;
    } else {
      change.form = take('J') ? ClockChange::Form::julian_no_leap : ClockChange::Form::day_of_year;
      if (!number(change.day) || change.day > 365) return false;
    }
    return !take('/') || clock(change.time_s);
  }

 private:
  std::string_view text_;
};

// Local seconds since the epoch at which the change happens in that year.
std::int64_t moment(const ClockChange& change, std::chrono::year year) {
  using namespace std::chrono;
  sys_days day = sys_days(year / January / 1);
  switch (change.form) {
    case ClockChange::Form::month_week_day: {
      const auto month_of = year / month(static_cast<unsigned>(change.month));
      const weekday wanted(static_cast<unsigned>(change.day));
      day = change.week == 5 ? sys_days(month_of / wanted[last])
                             : sys_days(month_of / wanted[static_cast<unsigned>(change.week)]);
      break;
    }
    case ClockChange::Form::julian_no_leap:
      day += days(change.day - 1 + (year.is_leap() && change.day >= 60 ? 1 : 0));
      break;
    case ClockChange::Form::day_of_year:
      day += days(change.day);
      break;
  }
  return duration_cast<seconds>(day.time_since_epoch()).count() + change.time_s;
}

}  // namespace

std::optional<ZoneFile::Rule> ZoneFile::parse_rule(std::string_view text) {
  RuleText reader(text);
  Rule rule;
  if (!reader.name() || !reader.clock(rule.standard_s)) return std::nullopt;
  rule.standard_s = -rule.standard_s;
  if (reader.at_end()) return rule;
  rule.has_daylight = true;
  rule.daylight_s = rule.standard_s + 3600;
  if (!reader.name()) return std::nullopt;
  if (reader.next() != ',') {
    if (!reader.clock(rule.daylight_s)) return std::nullopt;
    rule.daylight_s = -rule.daylight_s;
  }
  if (!reader.change(rule.begin) || !reader.change(rule.end) || !reader.at_end())
    return std::nullopt;
  return rule;
}

std::optional<ZoneFile> ZoneFile::parse(std::string_view bytes) {
  const auto old_counts = read_header(bytes);
  if (!old_counts || bytes.size() < kHeaderBytes + old_counts->body(4)) return std::nullopt;
  bytes.remove_prefix(kHeaderBytes + old_counts->body(4));
  const auto counts = read_header(bytes);
  if (!counts || counts->types == 0 || bytes.size() < kHeaderBytes + counts->body(8))
    return std::nullopt;

  ZoneFile zone;
  const std::size_t times = kHeaderBytes;
  const std::size_t indexes = times + counts->times * 8;
  const std::size_t types = indexes + counts->times;
  zone.first_offset_ = big_endian(bytes, types, 4);
  for (std::size_t i = 0; i < counts->times; ++i) {
    const auto type = static_cast<unsigned char>(bytes[indexes + i]);
    if (type >= counts->types) return std::nullopt;
    zone.times_.push_back(big_endian(bytes, times + i * 8, 8));
    zone.offsets_.push_back(big_endian(bytes, types + type * 6U, 4));
  }
  if (!std::is_sorted(zone.times_.begin(), zone.times_.end())) return std::nullopt;

  std::string_view footer = bytes.substr(kHeaderBytes + counts->body(8));
  if (footer.size() > 2 && footer.front() == '\n' && footer.back() == '\n') {
    zone.rule_ = parse_rule(footer.substr(1, footer.size() - 2));
    if (!zone.rule_) return std::nullopt;
  }
  return zone;
}

std::int64_t ZoneFile::offset_s(std::int64_t utc_s) const {
  const auto after = std::upper_bound(times_.begin(), times_.end(), utc_s);
  if (after == times_.end() && rule_) return offset_by_rule(utc_s);
  if (after == times_.begin()) return first_offset_;
  return offsets_[static_cast<std::size_t>(after - times_.begin()) - 1];
}

std::int64_t ZoneFile::offset_by_rule(std::int64_t utc_s) const {
  if (!rule_->has_daylight) return rule_->standard_s;
  using namespace std::chrono;
  const sys_seconds local{seconds(utc_s + rule_->standard_s)};
  const year current = year_month_day(floor<days>(local)).year();
  // Changes are written in the local time that holds before them.
  const std::int64_t begin = moment(rule_->begin, current) - rule_->standard_s;
  const std::int64_t end = moment(rule_->end, current) - rule_->daylight_s;
  const bool is_daylight = begin < end ? utc_s >= begin && utc_s < end   // northern
                                       : utc_s >= begin || utc_s < end;  // southern
  return is_daylight ? rule_->daylight_s : rule_->standard_s;
}

}  // namespace tl::server
