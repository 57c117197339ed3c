// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_file.hpp"

#include "server/core/costs/cost_headers.hpp"
#include "server/core/orders/currency.hpp"
#include "server/core/reports/report_calendar.hpp"
#include "server/core/text/ascii.hpp"
#include "server/core/text/id_text.hpp"
#include "server/core/text/plain_text.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::size_t kLongestName = 500;

// How a door takes an option, several times where it has several values: "--date-format dmy",
// "map=day=Datum&map=amount=Kosten in the address".
std::string option_text(CostDoor door, std::string name,
                        std::initializer_list<std::string_view> values) {
  const bool is_request = door == CostDoor::request;
  if (!is_request) std::replace(name.begin(), name.end(), '_', '-');
  std::string text;
  for (const auto value : values) {
    if (!text.empty()) text += is_request ? "&" : " ";
    text += is_request ? name + "=" : "--" + name + " ";
    text += value;
  }
  return is_request ? text + " in the address" : text;
}

// A total line begins with such a word: "Total", "Gesamt: Kampagnen", "Totals", not "Totally".
bool says_total(std::string_view text) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           (static_cast<unsigned char>(c) >= 0x80 && static_cast<unsigned char>(c) != 0xC2);
  };
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  return find_word(cost_total_words(),
                   text.substr(0, static_cast<std::size_t>(end - text.begin()))) >= 0;
}

bool is_dash(std::string_view text) {
  return text.empty() || text == "-" || text == "--";
}

class CostReader {
 public:
  CostReader(const std::vector<DelimitedLine>& lines, const CostColumns& columns,
             const CostFileOptions& options)
      : lines_(lines), columns_(columns), options_(options) {}

  CostFile read() {
    file_.platform = columns_.platform;
    find_forms();
    for (std::size_t i = columns_.header_line + 1; i < lines_.size(); ++i) {
      if (is_total(i)) {
        ++file_.skipped;
        continue;
      }
      CostRow row;
      if (read_line(lines_[i], row)) file_.rows.push_back(std::move(row));
    }
    if (!file_.errors.empty()) file_.rows.clear();
    return std::move(file_);
  }

 private:
  [[nodiscard]] std::string_view cell(const DelimitedLine& line, CostField field) const {
    const auto at = columns_[field];
    return at && *at < line.cells.size() ? std::string_view(line.cells[*at]) : std::string_view();
  }

  [[nodiscard]] bool is_export() const {
    return columns_.platform != "plain" && columns_.platform != "mapped";
  }

  [[nodiscard]] bool has_day(const DelimitedLine& line) const {
    const std::string_view day = cell(line, CostField::day);
    return read_date(day, DateOrder::month_first) || read_date(day, DateOrder::day_first);
  }

  // Lines of sums and the platform's own footer: what names a day is a row, whatever its campaign
  // is called.
  [[nodiscard]] bool is_total(std::size_t index) const {
    const DelimitedLine& line = lines_[index];
    // Meta's first line sums up all campaigns: its campaign is empty although the column is there.
    if (has_day(line))
      return columns_.platform == "meta_ads" && columns_[CostField::campaign] &&
             line.cells.size() > *columns_[CostField::campaign] &&
             cell(line, CostField::campaign).empty();
    const std::string_view day = cell(line, CostField::day);
    if (says_total(day) || says_total(line.cells.front())) return true;
    const bool has_amount = !cell(line, CostField::amount).empty();
    if (line.cells.front().starts_with("\xC2\xA9") && !has_amount) return true;  // "© 2026 …"
    if (is_export() && index >= footer_ && std::none_of(day.begin(), day.end(), is_digit))
      return true;
    return is_dash(day) && (cell(line, CostField::campaign).empty() || !has_amount ||
                            says_total(cell(line, CostField::campaign)));
  }

  void find_forms() {
    footer_ = lines_.size();
    while (footer_ > columns_.header_line + 1 && !has_day(lines_[footer_ - 1])) --footer_;
    std::vector<std::string> amounts, counts, dates;
    for (std::size_t i = columns_.header_line + 1; i < lines_.size(); ++i) {
      if (is_total(i)) continue;
      amounts.emplace_back(cell(lines_[i], CostField::amount));
      counts.emplace_back(cell(lines_[i], CostField::clicks));
      counts.emplace_back(cell(lines_[i], CostField::impressions));
      dates.emplace_back(cell(lines_[i], CostField::day));
    }
    const FoundMark found = find_decimal_mark(amounts, counts);
    if (found.is_mixed && !options_.decimal)
      refuse(lines_[columns_.header_line], "mixed_amounts",
             "some amounts use a decimal point and others a decimal comma; export the file again "
             "with one of them");
    mark_ = options_.decimal ? options_.decimal : found.mark;
    order_ = options_.date_order ? options_.date_order : find_date_order(dates);
    if (!order_ && columns_.is_month_first) order_ = DateOrder::month_first;
  }

  void refuse(const DelimitedLine& line, std::string code, std::string message) {
    file_.errors.push_back({line.number, std::move(code), std::move(message)});
  }

  bool read_line(const DelimitedLine& line, CostRow& row) {
    const std::size_t errors = file_.errors.size();
    if (!has_all_cells(line)) return false;
    row.origin = options_.origin;
    if (is_export()) row.platform = columns_.platform;
    read_day(line, row);
    read_currency(line, row);
    read_source(line, row);
    if (file_.errors.size() == errors) read_money(line, row);
    read_number(line, CostField::clicks, row.clicks);
    read_number(line, CostField::impressions, row.impressions);
    return file_.errors.size() == errors;
  }

  // As many as the header; empty ones behind are left over from a wider table.
  bool has_all_cells(const DelimitedLine& line) {
    const std::size_t wanted = lines_[columns_.header_line].cells.size();
    const std::size_t there = line.cells.size();
    const bool is_wide =
        there > wanted &&
        std::any_of(line.cells.begin() + static_cast<std::ptrdiff_t>(wanted), line.cells.end(),
                    [](const std::string& text) { return !text.empty(); });
    if (there >= wanted && !is_wide) return true;
    refuse(line, "bad_columns",
           "the line has " + std::to_string(there) + " columns and the header " +
               std::to_string(wanted) +
               "; it was cut off, or a text with a delimiter in it has no quotation marks");
    return false;
  }

  void read_money(const DelimitedLine& line, CostRow& row) {
    const std::string_view amount = cell(line, CostField::amount);
    const std::string quoted = "\"" + std::string(amount) + "\"";
    if (is_export() && is_dash(amount)) return;  // nothing was spent
    const auto minor = read_amount(amount, mark_, row.currency);
    if (minor && *minor >= 0)
      row.amount_minor = *minor;
    else if (minor)
      refuse(line, "bad_amount", quoted + " is negative; costs are what was spent");
    else if (amount.empty())
      refuse(line, "bad_amount", "the amount is empty; write 0 where nothing was spent");
    else if (!mark_ && is_ambiguous_amount(amount, row.currency))
      refuse(line, "bad_amount",
             quoted + " may be read in two ways; say " +
                 option_text(options_.door, "decimal", {"point"}) + ", or comma");
    else
      refuse(line, "bad_amount", quoted + " is no amount of " + row.currency);
  }

  void read_day(const DelimitedLine& line, CostRow& row) {
    const std::string_view text = cell(line, CostField::day);
    const auto day = read_date(text, order_);
    if (!day && is_date_range(text)) {
      refuse(line, "several_days",
             "the line covers " + std::string(text) + "; export with a breakdown by day");
      return;
    }
    if (!day) {
      const bool is_doubtful = !order_ && text.find('/') != std::string_view::npos;
      refuse(line, "bad_date",
             "\"" + std::string(text) + "\" is no day" +
                 (is_doubtful ? ", or may be read in two ways; say " +
                                    option_text(options_.door, "date_format", {"mdy"}) + ", or dmy"
                              : ""));
      return;
    }
    if (*day > options_.last_day) {
      refuse(line, "bad_date", write_day(*day) + " is yet to come; costs are what was spent");
      return;
    }
    row.day = *day;
    const std::string_view last = cell(line, CostField::last_day);
    if (!last.empty() && read_date(last, order_) != day)
      refuse(line, "several_days",
             "the line covers " + std::string(text) + " to " + std::string(last) +
                 "; export with a breakdown by day");
  }

  void read_currency(const DelimitedLine& line, CostRow& row) {
    std::string text = options_.currency;
    if (text.empty()) text = cell(line, CostField::currency);
    if (text.empty()) text = columns_.currency;
    if (text.empty()) text = options_.site_currency;
    const auto currency = parse_currency(text);
    if (!currency.ok())
      refuse(line, "bad_currency", "\"" + text + "\" is no currency code like EUR");
    else
      row.currency = currency.value();
  }

  void read_source(const DelimitedLine& line, CostRow& row) {
    row.source = options_.source;
    if (row.source.empty()) row.source = one_line(cell(line, CostField::source), kLongestName);
    if (row.source.empty()) row.source = columns_.source;
    for (char& c : row.source) c = ascii_lower(c);
    row.campaign = one_line(cell(line, CostField::campaign), kLongestName);
    row.campaign_id = one_line(cell(line, CostField::campaign_id), kLongestName);
    if (row.source.empty())
      refuse(line, "missing_source",
             "no column names the source; say " + option_text(options_.door, "source", {"google"}) +
                 ", or " + option_text(options_.door, "map", {"source=COLUMN"}));
    row.channel = columns_.channel;
    if (const auto type = channel_of_campaign_type(cell(line, CostField::campaign_type)))
      row.channel = *type;
    const std::string_view name = cell(line, CostField::channel);
    if (options_.channel)
      row.channel = *options_.channel;
    else if (!name.empty() && !parse_channel(name, row.channel))
      refuse(line, "unknown_channel",
             "\"" + std::string(name) + "\" is no channel; use one like paid_search");
    else if (name.empty() && row.channel == Channel::unknown)
      refuse(line, "missing_channel",
             "no column names the channel; say " +
                 option_text(options_.door, "channel", {"paid_search"}) + ", or " +
                 option_text(options_.door, "map", {"channel=COLUMN"}));
  }

  void read_number(const DelimitedLine& line, CostField field, std::int64_t& number) {
    const std::string_view text = cell(line, field);
    const auto count = read_count(text);
    if (!count)
      refuse(
          line, "bad_number",
          "\"" + std::string(text) + "\" is no number of " + std::string(cost_field_name(field)));
    else
      number = *count;
  }

  const std::vector<DelimitedLine>& lines_;
  const CostColumns& columns_;
  const CostFileOptions& options_;
  std::size_t footer_ = 0;  // index of the first line behind the last one with a day
  std::optional<DecimalMark> mark_;
  std::optional<DateOrder> order_;
  CostFile file_;
};

// What cannot be read at all, before any line is.
std::optional<CostLineError> find_damage(std::string_view text, const DelimitedText& lines) {
  if (const auto at = text.find(kReplacement); at != std::string_view::npos) {
    // Lines end by LF, CR LF or CR.
    std::uint32_t number = 1;
    for (std::size_t i = 0; i < at; ++i)
      number += text[i] == '\n' || (text[i] == '\r' && text[i + 1] != '\n') ? 1U : 0U;
    return CostLineError{number, "bad_encoding",
                         "the line has bytes that are no UTF-8; save the file as \"CSV UTF-8\""};
  }
  if (lines.bad_quote)
    return CostLineError{*lines.bad_quote, "bad_quotes",
                         "a quotation mark opens a text that does not end by one before a "
                         "delimiter; write \"\" for one within a text"};
  return std::nullopt;
}

}  // namespace

Outcome<CostFile> read_cost_file(std::string_view bytes, const CostFileOptions& options) {
  const std::string text = plain_text(bytes);
  const DelimitedText found = read_delimited(text);
  if (auto damage = find_damage(text, found)) {
    CostFile file;
    file.errors.push_back(std::move(*damage));
    return file;
  }
  const std::vector<DelimitedLine>& lines = found.lines;
  const auto columns = find_cost_columns(lines, options.mapping);
  if (!columns)
    return invalid("unknown_cost_columns",
                   "no line holds the headers of a day and an amount that are known; those of "
                   "Google Ads, Meta Ads, TikTok Ads and Microsoft Advertising are in eight "
                   "languages, and day, channel, source, campaign, amount, currency; name others "
                   "with " +
                       option_text(options.door, "map", {"day=Datum", "amount=Kosten"}));
  CostFile file = CostReader(lines, *columns, options).read();
  if (file.rows.empty() && file.errors.empty())
    return invalid("empty_cost_file", "the file has headers but no line with costs");
  return file;
}

}  // namespace tl::server
