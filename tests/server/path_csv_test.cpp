// SPDX-License-Identifier: Apache-2.0
// Reading CSV files of paths: what counts as which channel, and what is refused at which line.
#include "server/attribute/path_csv.hpp"

#include "server/attribute/decimal.hpp"
#include "server/attribute/short_decimal.hpp"
#include "server/path_files.hpp"
#include "shared/seeded_random.hpp"

namespace {

using namespace tl::server::attribute;  // NOLINT(google-build-using-namespace)
using tl::test::kPathHeader;
using tl::test::read;

std::vector<std::string> names(const PathFile& file) {
  return order_channels(file).names;
}

// One line a path, in the order of their arrival.
std::vector<std::string> told_paths(const PathFile& file) {
  std::vector<std::string> lines;
  const auto order = order_channels(file);
  file.parts[0].paths.for_each(order.numbers[0], [&](auto path, const PathTable::Counts& counts) {
    std::string& line = lines.emplace_back();
    for (const std::uint32_t channel : path) line += order.names[channel] + " > ";
    line += std::to_string(counts.conversions) + " " + std::to_string(counts.nulls) + " ";
    append_number(counts.value, line);
  });
  return lines;
}

template <std::size_t kCount>
std::string one_of(const char* const (&texts)[kCount], tl::test::SeededRandom& random) {
  return texts[random.below(kCount)];
}

// "line: message" of each bad line.
std::vector<std::string> complaints(const PathFile& file) {
  std::vector<std::string> lines;
  for (const auto& bad : file.bad_lines)
    lines.push_back(std::to_string(bad.line) + ": " + bad.message);
  return lines;
}

std::string only_complaint(const std::string& rows) {
  const auto lines = complaints(read(rows));
  return lines.size() == 1 ? lines[0] : std::to_string(lines.size()) + " complaints";
}

}  // namespace

TEST_CASE("steps are separated by a blank, a bracket and a blank", "[path_csv]") {
  const auto file = read("email > paid_search > email,1,2.5,0\na>b,1,1,1\nx > y z > >,1,1,1\n");

  CHECK(file.bad_line_count == 0);
  CHECK(names(file) == std::vector<std::string>{">", "a>b", "email", "paid_search", "x", "y z"});
  CHECK(file.parts[0].rows == 3);
}

TEST_CASE("quoted fields hold commas, quotes and line breaks", "[path_csv]") {
  const auto file = read(
      "\"a, b > \"\"c\"\"\",1,2,3\r\n"
      "\"two\nlines > d\",\"4\",5,\"6\"\r\n");

  CHECK(file.bad_line_count == 0);
  CHECK(names(file) == std::vector<std::string>{"\"c\"", "a, b", "d", "two\nlines"});
}

TEST_CASE("a row reads the same with quotes and without", "[path_csv]") {
  static const char* const kNames[] = {"a",
                                       "sms",
                                       "direct",
                                       "referral",
                                       "affiliate",
                                       "organic_search",
                                       "sixteen_bytes_it",
                                       "seventeen_bytes_it",
                                       "the same ends 1 of a long name",
                                       "the same ends 2 of a long name",
                                       "a>b",
                                       ">"};
  static const char* const kCounts[] = {"0",    "7",  "12",       "199",
                                        "12.0", " 3", "12345678", "123456789"};
  static const char* const kAmounts[] = {"0",   "9.99", "-3.5", "99999.99", "1234567.89",
                                         "1e3", "5.",   ".5",   "\t7",      "123456789"};
  tl::test::SeededRandom random(11);
  std::string plain, quoted;
  for (int i = 0; i < 5000; ++i) {
    std::string path = one_of(kNames, random);
    for (std::uint64_t more = random.below(i % 100 == 0 ? 400 : 6); more > 0; --more)
      path += " > " + (random.below(3) == 0 ? "c" + std::to_string(random.below(400))
                                            : one_of(kNames, random));
    if (i % 50 == 0) path = i % 100 == 0 ? "" : "  ";
    const std::string fields[] = {path, one_of(kCounts, random), one_of(kAmounts, random),
                                  one_of(kCounts, random)};
    for (const auto& field : fields) {
      plain += field + ",";
      quoted += "\"" + field + "\",";
    }
    const std::string line_end = random.below(4) == 0 ? "\r\n" : "\n";
    plain.replace(plain.size() - 1, 1, line_end);
    quoted.replace(quoted.size() - 1, 1, line_end);
    if (i % 70 == 0) plain += line_end;
  }

  const auto expected = read(quoted), actual = read(plain);
  REQUIRE(complaints(expected).empty());
  REQUIRE(complaints(actual).empty());
  CHECK(actual.parts[0].rows == 5000);
  CHECK(names(actual) == names(expected));
  CHECK(told_paths(actual) == told_paths(expected));
}

TEST_CASE("the longest path is read and a longer one refused", "[path_csv]") {
  std::string path = "a";
  for (std::size_t steps = 1; steps < kMaxPathCode; ++steps) path += " > a";
  CHECK(complaints(read(path + ",1,1,1\nb,1,1,1\n")).empty());
  CHECK(complaints(read("b,1,1,1\n" + path + " > a,1,1,1\nb,1,1,1\n")) ==
        std::vector<std::string>{"3: path is too long"});
}

TEST_CASE("columns are found by name and others are passed over", "[path_csv]") {
  const auto file = read_paths(
      "\xEF\xBB\xBFnote,total_null,path,total_conversion_value,total_conversions\r\n"
      "\"n, n\",4,a > b,10,2\r\n"
      "\r\n"
      "x,0,b,1,1",
      1);

  REQUIRE(complaints(file).empty());
  CHECK(file.parts[0].rows == 2);
  double value = 0;
  std::uint64_t nulls = 0;
  const auto order = order_channels(file);
  file.parts[0].paths.for_each(order.numbers[0], [&](auto path, const PathTable::Counts& counts) {
    if (path.size() == 2) {
      value = counts.value;
      nulls = counts.nulls;
    }
  });
  CHECK(value == 10);
  CHECK(nulls == 4);
}

TEST_CASE("every bad line is told with its number and what is wrong", "[path_csv]") {
  CHECK(
      only_complaint("a,1,1,1\nb,-1,1,1\n") ==
      "3: total_conversions must be a whole number of at most 18 digits, not negative, not \"-1\"");
  CHECK(only_complaint("a,1.5,1,1\n").substr(0, 2) == "2:");
  CHECK(only_complaint("a,1,abc,1\n") == "2: total_conversion_value must be a number, not \"abc\"");
  CHECK(only_complaint("a,1,inf,1\n").substr(0, 2) == "2:");
  CHECK(only_complaint("a,1,1\n") == "2: has 3 fields where the first line has 4");
  CHECK(only_complaint("a,1,1,1,1\n") == "2: has 5 fields where the first line has 4");
  CHECK(only_complaint("a >  > b,1,1,1\n") == "2: path has an empty step");
  CHECK(only_complaint(" > b,1,1,1\n") == "2: path has an empty step");
  CHECK(only_complaint("b > ,1,1,1\n") == "2: path has an empty step");
  CHECK(only_complaint("a,1,1,1\n\"b,1,1,1\nc,1,1,1\n").substr(0, 19) == "3: a quoted field i");
  CHECK(only_complaint("\"a\"b,1,1,1\nc,1,1,1\n").substr(0, 2) == "2:");
}

TEST_CASE("line numbers count the lines inside quotes", "[path_csv]") {
  CHECK(complaints(read("\"a\nb\",1,1,1\nc,x,1,1\nd,1,1,1\ne,1,y,1\n")) ==
        std::vector<std::string>{"4: total_conversions must be a whole number of at most 18 "
                                 "digits, not negative, not \"x\"",
                                 "6: total_conversion_value must be a number, not \"y\""});
}

TEST_CASE("a first line without the four columns is refused", "[path_csv]") {
  const auto missing = read_paths("path,total_conversions,total_null\na,1,1\n", 1);
  CHECK(complaints(missing)[0].find("total_conversion_value is missing") != std::string::npos);
  CHECK(complaints(read_paths("", 1)).size() == 1);
  CHECK(complaints(read_paths("path,path,total_conversions,total_conversion_value,total_null\n",
                              1))[0] == "1: column path is there twice");
}

TEST_CASE("many bad lines are counted and the first ones shown", "[path_csv]") {
  std::string rows;
  for (int i = 0; i < 50; ++i) rows += "a,x,1,1\n";

  const auto file = read(rows);
  CHECK(file.bad_line_count == 50);
  CHECK(file.bad_lines.size() == kShownBadLines);
}

TEST_CASE("a file cut for several threads reads the same", "[path_csv]") {
  std::string rows;
  for (int i = 0; rows.size() < 9'000'000; ++i) {
    const std::string channel = "channel " + std::to_string(i % 37);
    rows += i % 5 == 0 ? "\"" + channel + ",\n> x > \"\"y\"\"\""
                       : channel + " > b" + std::to_string(i % 11);
    rows += "," + std::to_string(i % 3) + ",0." + std::to_string(i % 97) + "," +
            std::to_string(i % 7) + "\n";
  }
  const std::vector<PathModel> models{PathModel::linear, PathModel::markov, PathModel::shapley};

  const auto one = read(rows, 1), four = read(rows, 4);

  REQUIRE(one.parts.size() == 1);
  REQUIRE(four.parts.size() == 4);
  const auto expected = attribute_paths(one, models, {2}),
             actual = attribute_paths(four, models, {2});
  REQUIRE(actual.channels == expected.channels);
  for (std::size_t i = 0; i < models.size(); ++i)
    for (std::size_t channel = 0; channel < expected.channels.size(); ++channel) {
      CHECK(actual.models[i].credits[channel].conversions ==
            expected.models[i].credits[channel].conversions);
      CHECK(actual.models[i].credits[channel].value == expected.models[i].credits[channel].value);
    }
}

TEST_CASE("a quote within a name reads the same with several threads", "[path_csv]") {
  std::string rows = "in\"ch,1,1,1\n";
  while (rows.size() < 3'000'000) rows += "\"x\ny\",1,1.00,0\n";
  for (const unsigned threads : {1U, 2U, 3U}) {
    const auto file = read(rows, threads);
    CHECK(complaints(file).empty());
    std::uint64_t count = 0;
    for (const auto& part : file.parts) count += part.rows;
    CHECK(count == 1 + (rows.size() - 12 + 14) / 15);
  }
  const std::string bad = rows + "a,x,1,1\n";
  CHECK(complaints(read(bad, 3)) == complaints(read(bad, 1)));
}

TEST_CASE("more conversions than a sum holds are refused", "[path_csv]") {
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += "a,999999999999999999,1,0\n";
  CHECK(complaints(read(rows)).size() == 1);
  CHECK(complaints(read("a,999999999999999999,1,0\n")).empty());
}

TEST_CASE("counts and amounts are read as they are written", "[path_csv]") {
  std::uint64_t count = 0;
  double amount = 0;
  CHECK((parse_count("12.00", count) && count == 12));
  CHECK((parse_count("999999999999999999", count) && count == 999'999'999'999'999'999));
  for (const char* text : {"", "1e3", "1.1", "-0", "1 2", "1000000000000000000", "."})
    CHECK_FALSE(parse_count(text, count));
  CHECK((parse_amount("-480.50", amount) && amount == -480.5));
  CHECK((parse_amount("0.30000000000000004", amount) && amount == 0.1 + 0.2));
  CHECK((parse_amount("1.5e3", amount) && amount == 1500));
  CHECK((parse_amount("123456789012345678", amount) && amount == 123456789012345678.0));
  for (const char* text : {"", "-", ".", "1,5", "nan", "1e999", "0x10", "1-", "+-5"})
    CHECK_FALSE(parse_amount(text, amount));
  std::string text;
  append_number(0.1, text);
  CHECK(text == "0.10000000000000001");
}

TEST_CASE("short numbers read like others", "[path_csv]") {
  tl::test::SeededRandom random(12);
  int counts = 0, amounts = 0;
  for (int i = 0; i < 40'000; ++i) {
    std::string text;
    for (std::uint64_t size = 1 + random.below(8); text.size() < size;)
      text += random.below(12) == 0 ? one_of({".", "-", " ", "/", ":", "e", "+"}, random)
                                    : std::to_string(random.below(10));
    // What stands behind does not count.
    const std::string bytes = text + std::to_string(random.below(10)) + "5.,\n0123";
    const std::uint64_t word = word_at(bytes.data());
    std::uint64_t count = 0, expected_count = 0;
    double amount = 0, expected_amount = 0;
    INFO(text);
    if (read_short_count(word, text.size(), count)) {
      ++counts;
      REQUIRE(parse_count(text, expected_count));
      REQUIRE(count == expected_count);
    }
    if (read_short_amount(word, text.size(), amount)) {
      ++amounts;
      REQUIRE(parse_amount(text, expected_amount));
      REQUIRE(amount == expected_amount);
    }
  }
  CHECK(counts > 10'000);
  CHECK(amounts > counts);
}
