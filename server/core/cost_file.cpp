// SPDX-License-Identifier: Apache-2.0
#include "server/core/cost_file.hpp"

#include "server/core/currency.hpp"
#include "server/core/plain_text.hpp"
#include "throughline/text.hpp"

#include <algorithm>

namespace tl::server {
namespace {

constexpr std::size_t kLongestName = 500;

class CostReader {
 public:
  CostReader(const std::vector<DelimitedLine>& lines, const CostColumns& columns,
             const CostFileOptions& options)
      : lines_(lines), columns_(columns), options_(options) {}

  CostFile read() {
    file_.platform = columns_.platform;
    find_forms();
    for (std::size_t i = columns_.header_line + 1; i < lines_.size(); ++i) {
      if (is_total(lines_[i])) {
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

  // Lines of sums and the platform's own footer: what names a day is a row, whatever its campaign
  // is called.
  [[nodiscard]] bool is_total(const DelimitedLine& line) const {
    const std::string_view day = cell(line, CostField::day);
    if (read_date(day, DateOrder::month_first) || read_date(day, DateOrder::day_first))
      // Meta's first line sums up all campaigns: its campaign is empty although the column is
      // there.
      return columns_.platform == "meta_ads" && columns_[CostField::campaign] &&
             cell(line, CostField::campaign).empty();
    const auto says_total = [](std::string_view text) {
      constexpr std::string_view kTotal = "total";
      return equals_ignoring_case(text.substr(0, kTotal.size()), kTotal) &&
             (text.size() == kTotal.size() || text[kTotal.size()] == ':' ||
              text[kTotal.size()] == ' ' || text[kTotal.size()] == 's');
    };
    if (says_total(day) || says_total(line.cells.front())) return true;
    const bool has_amount = !cell(line, CostField::amount).empty();
    if (line.cells.front().starts_with("\xC2\xA9") && !has_amount) return true;  // "© 2026 …"
    return (day.empty() || day == "--" || day == "-") &&
           (cell(line, CostField::campaign).empty() || !has_amount ||
            says_total(cell(line, CostField::campaign)));
  }

  void find_forms() {
    std::vector<std::string> amounts, dates;
    for (std::size_t i = columns_.header_line + 1; i < lines_.size(); ++i) {
      if (is_total(lines_[i])) continue;
      amounts.emplace_back(cell(lines_[i], CostField::amount));
      dates.emplace_back(cell(lines_[i], CostField::day));
    }
    const auto mark = find_decimal_mark(amounts);
    if (!mark)
      refuse(lines_[columns_.header_line], "mixed_amounts",
             "some amounts use a decimal point and others a decimal comma; export the file again "
             "with one of them");
    mark_ = mark.value_or(DecimalMark::point);
    order_ = options_.date_order ? options_.date_order : find_date_order(dates);
    if (!order_ && columns_.is_month_first) order_ = DateOrder::month_first;
  }

  void refuse(const DelimitedLine& line, std::string code, std::string message) {
    file_.errors.push_back({line.number, std::move(code), std::move(message)});
  }

  bool read_line(const DelimitedLine& line, CostRow& row) {
    row.origin = options_.origin;
    const std::size_t errors = file_.errors.size();
    read_day(line, row);
    read_currency(line, row);
    read_source(line, row);
    const std::string_view amount = cell(line, CostField::amount);
    const auto minor = amount.empty() || amount == "-" || amount == "--"
                           ? std::optional<std::int64_t>(0)
                           : read_amount(amount, mark_, row.currency);
    if (!minor)
      refuse(line, "bad_amount", "\"" + std::string(amount) + "\" is no amount of money");
    else if (*minor < 0)
      refuse(line, "bad_amount",
             "\"" + std::string(amount) + "\" is negative; costs are what was spent");
    else
      row.amount_minor = *minor;
    read_number(line, CostField::clicks, row.clicks);
    read_number(line, CostField::impressions, row.impressions);
    return file_.errors.size() == errors;
  }

  void read_day(const DelimitedLine& line, CostRow& row) {
    const std::string_view text = cell(line, CostField::day);
    const auto day = read_date(text, order_);
    if (!day) {
      const bool is_doubtful = !order_ && text.find('/') != std::string_view::npos;
      refuse(line, "bad_date",
             "\"" + std::string(text) + "\" is no day" +
                 (is_doubtful ? ", or may be read in two ways; say --date-format mdy or dmy" : ""));
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
    if (row.source.empty()) row.source = cell(line, CostField::source);
    if (row.source.empty()) row.source = columns_.source;
    for (char& c : row.source) c = ascii_lower(c);
    row.campaign = cut_utf8(cell(line, CostField::campaign), kLongestName);
    if (row.source.empty())
      refuse(line, "missing_source", "no column names the source; say --source, or --map source=…");
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
             "no column names the channel; say --channel, or --map channel=…");
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
  DecimalMark mark_ = DecimalMark::point;
  std::optional<DateOrder> order_;
  CostFile file_;
};

}  // namespace

Outcome<CostFile> read_cost_file(std::string_view bytes, const CostFileOptions& options) {
  const std::vector<DelimitedLine> lines = read_delimited(plain_text(bytes));
  const auto columns = find_cost_columns(lines, options.mapping);
  if (!columns)
    return invalid(
        "unknown_cost_columns",
        "no line holds the headers of a day and an amount that are known; the exports of "
        "Google Ads, Meta Ads, TikTok Ads and Microsoft Advertising in English are, and "
        "day, channel, source, campaign, amount, currency; name others with --map, like "
        "--map day=Datum --map amount=Kosten");
  CostFile file = CostReader(lines, *columns, options).read();
  if (file.rows.empty() && file.errors.empty())
    return invalid("empty_cost_file", "the file has headers but no line with costs");
  return file;
}

}  // namespace tl::server
