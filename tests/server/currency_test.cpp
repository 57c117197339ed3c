// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/currency.hpp"

#include "server/core/text/rfc3339.hpp"
#include "server/providers/stripe_money.hpp"
#include "tests/catch.hpp"

using namespace tl::server;

TEST_CASE("exponents are those of ISO 4217", "[currency]") {
  for (const char* code : {"JPY", "KRW", "ISK", "UGX", "XOF", "VND", "CLP"})
    CHECK(currency_exponent(code) == 0);
  for (const char* code : {"KWD", "BHD", "JOD", "OMR", "TND", "IQD", "LYD"})
    CHECK(currency_exponent(code) == 3);
  CHECK(currency_exponent("CLF") == 4);
  CHECK(currency_exponent("UYW") == 4);
  for (const char* code : {"EUR", "USD", "CZK", "MGA", "HUF", "TWD"})
    CHECK(currency_exponent(code) == 2);
}

TEST_CASE("a currency is a code of ISO 4217, not any three letters", "[currency]") {
  for (const char* text : {"EUR", "eur", "Czk", "JPY", "KWD", "XOF", "MGA", "UYW", "HRK"})
    CHECK(parse_currency(text).ok());
  for (const char* text :
       {"", "EU", "EURO", "XYZ", "EUX", "ABC", "E R", "R E", "USDT", "\xC4\x8C"}) {
    INFO(text);
    const auto code = parse_currency(text);
    REQUIRE_FALSE(code.ok());
    CHECK(code.error().code == "bad_currency");
  }
}

TEST_CASE("decimal texts become minor units without a double", "[currency]") {
  struct Row {
    const char* text;
    const char* currency;
    std::int64_t minor;
  };
  const Row rows[] = {{"25.00", "EUR", 2500},
                      {"25", "EUR", 2500},
                      {"25.5", "EUR", 2550},
                      {"0.29", "EUR", 29},
                      {"1.100", "EUR", 110},
                      {"5000", "JPY", 5000},
                      {"5000.00", "JPY", 5000},
                      {"12.345", "KWD", 12345},
                      {"0.1", "KWD", 100},
                      {"-3.10", "EUR", -310},
                      {"92233720368547758.07", "EUR", 9223372036854775807}};
  for (const auto& row : rows) {
    INFO(row.text << " " << row.currency);
    const auto minor = parse_decimal_amount(row.text, row.currency);
    REQUIRE(minor.ok());
    CHECK(minor.value() == row.minor);
  }
  for (const char* text : {"", ".", "25.", ".5", "1,50", "1e3", "25.005", "+1", " 1", "NaN",
                           "1.0.0", "92233720368547758.08", "99999999999999999999"}) {
    INFO(text);
    const auto minor = parse_decimal_amount(text, "EUR");
    REQUIRE_FALSE(minor.ok());
    CHECK(minor.error().code == "bad_amount");
  }
  CHECK_FALSE(parse_decimal_amount("5000.5", "JPY").ok());
}

TEST_CASE("minor units are written with the currency's decimals", "[currency]") {
  CHECK(write_decimal_amount(2500, "EUR") == "25.00");
  CHECK(write_decimal_amount(5, "EUR") == "0.05");
  CHECK(write_decimal_amount(-5, "KWD") == "-0.005");
  CHECK(write_decimal_amount(500, "JPY") == "500");
  CHECK(write_decimal_amount(0, "CLF") == "0.0000");
}

TEST_CASE("Stripe's amounts become ISO minor units and back", "[currency][stripe]") {
  struct Row {
    std::int64_t stripe;
    const char* currency;
    std::int64_t minor;
  };
  const Row rows[] = {{2500, "EUR", 2500}, {500, "JPY", 500},    {500, "KRW", 500},
                      {500, "ISK", 5},     {12300, "UGX", 123},  {7, "MGA", 700},
                      {1230, "KWD", 1230}, {1230, "BHD", 1230},  {45000, "HUF", 45000},
                      {100, "TWD", 100},   {1500, "XOF", 1500},  {99, "CLP", 99},
                      {1990, "VND", 1990}, {10000, "UYU", 10000}};
  for (const auto& row : rows) {
    INFO(row.currency);
    CHECK(from_stripe_amount(row.stripe, row.currency) == row.minor);
    CHECK(to_stripe_amount(row.minor, row.currency) == row.stripe);
  }
  CHECK(from_stripe_amount(550, "ISK") == 6);
  CHECK_FALSE(to_stripe_amount(701, "MGA"));
  for (const char* code : {"BHD", "JOD", "KWD", "OMR", "TND"})
    CHECK_FALSE(to_stripe_amount(1235, code));
  CHECK_FALSE(from_stripe_amount(INT64_MAX, "MGA"));
}

TEST_CASE("times are read with any offset and written in UTC", "[time]") {
  CHECK(parse_rfc3339("2026-09-21T14:13:20Z") == 1'790'000'000'000);
  CHECK(parse_rfc3339("2026-09-21T16:13:20.123456+02:00") == 1'790'000'000'123);
  CHECK(parse_rfc3339("2026-09-21 09:43:20-04:30") == 1'790'000'000'000);
  CHECK(parse_rfc3339("2026-09-21") == 1'789'948'800'000);
  CHECK(parse_rfc3339("2024-02-29T00:00:00Z").has_value());
  for (const char* text :
       {"", "2026", "2026-13-01", "2025-02-29", "2026-09-21T25:00:00Z", "2026-09-21T14:13:20",
        "2026-09-21T14:13:20.Z", "1969-12-31", "2026-09-21T14:13:20Zx", "21.9.2026"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
  CHECK(write_rfc3339(1'790'000'000'007) == "2026-09-21T14:13:20.007Z");
  CHECK(write_rfc3339(0) == "1970-01-01T00:00:00.000Z");
}
