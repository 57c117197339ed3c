// SPDX-License-Identifier: Apache-2.0
#include "server/core/costs/cost_file.hpp"

#include "tests/server/support.hpp"

#include <map>

using namespace tl;
using namespace tl::server;
using namespace tl::server::test;

namespace {

CostFileOptions options() {
  CostFileOptions made;
  made.site_currency = "EUR";
  made.origin = "costs.csv";
  return made;
}

CostFile read(const std::string& text, const CostFileOptions& with = options()) {
  return value_of(read_cost_file(text, with));
}

std::string utf16(const std::string& ascii) {
  std::string bytes = "\xFF\xFE";
  for (const char c : ascii) {
    bytes += c;
    bytes += '\0';
  }
  return bytes;
}

std::string codes(const CostFile& file) {
  std::string text;
  for (const auto& error : file.errors)
    text += std::to_string(error.line) + " " + error.code + "\n";
  return text;
}

}  // namespace

TEST_CASE("an export of Google Ads is read as it is downloaded", "[costs]") {
  const std::string text =
      "Campaign performance\n"
      "\"January 1, 2026 - January 31, 2026\"\n"
      "Day\tCampaign\tCampaign type\tCurrency code\tCost\tClicks\tImpr.\n"
      "2026-01-30\tSpring\tSearch\tCZK\t1,234.50\t1,100\t20,000\n"
      "2026-01-30\tReach\tPerformance Max\tCZK\t0.99\t1\t5\n"
      "2026-01-31\tClips\tVideo\tCZK\t --\t0\t0\n"
      "Total: Campaigns\t --\t --\tCZK\t1,235.49\t1,101\t20,005\n";
  const bool is_utf16 = GENERATE(true, false);
  const CostFile file = read(is_utf16 ? utf16(text) : "\xEF\xBB\xBF" + text);
  INFO(codes(file));
  CHECK(file.platform == "google_ads");
  REQUIRE(file.rows.size() == 3);
  CHECK(file.skipped == 1);
  CHECK(file.rows[0].day == 20260130);
  CHECK(file.rows[0].source == "google");
  CHECK(file.rows[0].campaign == "Spring");
  CHECK(file.rows[0].channel == Channel::paid_search);
  CHECK(file.rows[0].currency == "CZK");
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].clicks == 1100);
  CHECK(file.rows[0].impressions == 20000);
  CHECK(file.rows[1].channel == Channel::cross_network);
  CHECK(file.rows[2].channel == Channel::paid_video);
  CHECK(file.rows[2].amount_minor == 0);
}

TEST_CASE("an export of Meta Ads names its currency in a header and sums up first", "[costs]") {
  const CostFile file = read(
      "\"Reporting starts\",\"Reporting ends\",\"Campaign name\",\"Amount spent (USD)\","
      "\"Impressions\",\"Link clicks\"\n"
      "\"2026-01-30\",\"2026-01-31\",\"\",\"30.5\",\"3000\",\"30\"\n"
      "\"2026-01-30\",\"2026-01-30\",\"Launch, \"\"one\"\"\",\"20.25\",\"2000\",\"20\"\n"
      "\"2026-01-31\",\"2026-01-31\",\"Launch, \"\"one\"\"\",\"10.25\",\"1000\",\"\"\n");
  INFO(codes(file));
  CHECK(file.platform == "meta_ads");
  REQUIRE(file.rows.size() == 2);
  CHECK(file.skipped == 1);
  CHECK(file.rows[0].campaign == "Launch, \"one\"");
  CHECK(file.rows[0].currency == "USD");
  CHECK(file.rows[0].amount_minor == 2025);
  CHECK(file.rows[0].source == "facebook");
  CHECK(file.rows[0].channel == Channel::paid_social);
}

TEST_CASE("a campaign called Total is a campaign", "[costs]") {
  const CostFile file = read(
      "Campaign name,By Day,Cost,Currency,Impressions,Clicks (destination)\n"
      "Total War Launch,2026-01-30 00:00:00,12.5,EUR,100,3\n"
      "Total,1/2/2026,1,EUR,1,1\n"
      "Total,31/1/2026,2,EUR,1,1\n"
      "Total of 3 results,2026-01-30 - 2026-01-31,15.5,EUR,100,3\n"
      "Total of 3 results,-,15.5,EUR,100,3\n");
  INFO(codes(file));
  REQUIRE(file.rows.size() == 3);
  CHECK(file.skipped == 2);
  CHECK(file.rows[0].campaign == "Total War Launch");
  CHECK(file.rows[0].amount_minor == 1250);
}

TEST_CASE("an export of TikTok Ads is read", "[costs]") {
  const CostFile file = read(
      "Campaign name,By Day,Cost,Currency,Impressions,Clicks (destination)\n"
      "Clip,2026-01-30 00:00:00,12.5,EUR,100,3\n"
      "Total of 1 results,-,12.5,EUR,100,3\n");
  INFO(codes(file));
  CHECK(file.platform == "tiktok_ads");
  REQUIRE(file.rows.size() == 1);
  CHECK(file.rows[0].day == 20260130);
  CHECK(file.rows[0].amount_minor == 1250);
  CHECK(file.rows[0].source == "tiktok");
}

TEST_CASE("an export of Microsoft Advertising has lines before and after", "[costs]") {
  const CostFile file = read(
      "\"Report Name: Campaigns\"\n"
      "\"Report Time: 1/1/2026 - 1/31/2026\"\n"
      "\"Time Zone: (GMT+01:00) Prague\"\n"
      "\"Rows: 2\"\n"
      "\n"
      "\"Gregorian date\",\"Campaign name\",\"Currency "
      "code\",\"Impressions\",\"Clicks\",\"Spend\"\n"
      "\"1/2/2026\",\"Spring\",\"EUR\",\"10\",\"1\",\"0.75\"\n"
      "\"1/31/2026\",\"Spring\",\"EUR\",\"20\",\"2\",\"1.25\"\n"
      "\"\xC2\xA9"
      "2026 Microsoft Corporation. All rights reserved.\"\n");
  INFO(codes(file));
  CHECK(file.platform == "microsoft_ads");
  REQUIRE(file.rows.size() == 2);
  CHECK(file.rows[0].day == 20260102);
  CHECK(file.rows[1].day == 20260131);
  CHECK(file.rows[0].source == "bing");
}

TEST_CASE("decimal commas, dots between thousands and day-first dates are understood", "[costs]") {
  const CostFile file = read(
      "day;channel;source;campaign;amount;currency\n"
      "31.1.2026;paid_search;Google;Jaro;1.234,50;EUR\n"
      "30/01/2026;email;letter;;\"12 345,5 \xE2\x82\xAC\";EUR\n"
      "1/2/2026;email;letter;;1.234;EUR\n");
  INFO(codes(file));
  CHECK(file.platform == "plain");
  REQUIRE(file.rows.size() == 3);
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].source == "google");
  CHECK(file.rows[1].amount_minor == 1234550);
  CHECK(file.rows[2].day == 20260201);
  CHECK(file.rows[2].amount_minor == 123400);
}

TEST_CASE("amounts keep to the currency's own decimals", "[costs]") {
  const CostFile file = read(
      "day,channel,source,campaign,amount,currency\n"
      "2026-01-31,display,x,,1500,JPY\n"
      "2026-01-31,display,x,,1.2345,KWD\n"
      "2026-01-31,display,x,,0.995,EUR\n");
  INFO(codes(file));
  REQUIRE(file.rows.size() == 3);
  CHECK(file.rows[0].amount_minor == 1500);
  CHECK(file.rows[1].amount_minor == 1235);
  CHECK(file.rows[2].amount_minor == 100);
}

TEST_CASE("every wrong line is told and nothing is read", "[costs]") {
  const CostFile file = read(
      "day,channel,source,campaign,amount,currency,clicks\n"
      "2026-02-30,display,x,,1.00,EUR,1\n"
      "2026-01-31,billboard,x,,1.00,EUR,1\n"
      "2026-01-31,display,,,1.00,EUR,1\n"
      "2026-01-31,display,x,,one,EUR,1\n"
      "2026-01-31,display,x,,-1.00,EUR,1\n"
      "2026-01-31,display,x,,1.00,EURO,1\n"
      "2026-01-31,display,x,,1.00,EUR,many\n"
      "2026-01-31,display,x,,1.00,EUR,1\n");
  CHECK(codes(file) ==
        "2 bad_date\n3 unknown_channel\n4 missing_source\n5 bad_amount\n6 bad_amount\n"
        "7 bad_currency\n8 bad_number\n");
  CHECK(file.rows.empty());
}

TEST_CASE("a date that may be read in two ways is asked about", "[costs]") {
  const std::string text =
      "day,channel,source,campaign,amount,currency\n1/2/2026,display,x,,1.00,EUR\n";
  CHECK(codes(read(text)) == "2 bad_date\n");
  auto with = options();
  with.date_order = DateOrder::month_first;
  CHECK(read(text, with).rows.at(0).day == 20260102);
  with.date_order = DateOrder::day_first;
  CHECK(read(text, with).rows.at(0).day == 20260201);
}

TEST_CASE("a line over several days and mixed decimals are refused", "[costs]") {
  CHECK(codes(read("Reporting starts,Reporting ends,Campaign name,Amount spent (EUR)\n"
                   "2026-01-01,2026-01-31,Launch,10.00\n")) == "2 several_days\n");
  CHECK(codes(read("day,channel,source,campaign,amount\n"
                   "2026-01-01,display,x,,\"10,50\"\n2026-01-02,display,x,,10.50\n"))
            .find("mixed_amounts") != std::string::npos);
}

TEST_CASE("a day is a date and nothing else", "[costs]") {
  const auto told = [](const std::string& day) {
    auto with = options();
    with.date_order = DateOrder::month_first;
    const auto file = read(
        "day,channel,source,campaign,amount,currency\n\"" + day + "\",display,x,,1.00,EUR\n", with);
    return file.rows.empty() ? codes(file) : std::to_string(file.rows.front().day);
  };
  for (const char* day :
       {"2026-01-03", "20260103", "2026/1/3", "2026-01-03 23:59:59", "2026-01-03T08:00:00Z",
        "2026-01-03T08:00:00.000+0100", "1/3/2026", "1/3/2026 12:00:00 AM", "03.01.2026",
        "3. 1. 2026", "03-01-2026", "Jan 3, 2026", "January 3, 2026", "jan. 3, 2026", "3 Jan 2026",
        "03-Jan-2026", " 3 January 2026, 10:15 PM "})
    CHECK(std::string(day) + " is " + told(day) == std::string(day) + " is 20260103");
  for (const char* days :
       {"2026-01-03 \xE2\x80\x93 2026-01-09", "2026-01-03 - 2026-01-09", "2026-01-03 to 2026-01-09",
        "2026-01-03 bis 2026-01-09", "2026-01-03/2026-01-09", "2026-01-03-2026-01-09",
        "2026-01-03, 2026-01-09", "20260103-20260109", "Jan 3, 2026 \xE2\x80\x93 Jan 9, 2026",
        "03.01.2026 \xE2\x80\x93 09.01.2026", "1/13/2026-1/19/2026",
        "1/13/2026 \xE2\x80\x93 1/19/2026"})
    CHECK(std::string(days) + ": " + told(days) == std::string(days) + ": 2 several_days\n");
  for (const char* none :
       {"2026-01-20garbage", "2026-01-03x", "2026 01 03 04", "2026-01-03T25:99", "2026-01-03 24:00",
        "Marketing 2, 2026", "2 Decoy 2025", "Jan 3 \xE2\x80\x93 9, 2026", "1/3/26", "2026-01",
        "2026-1-3-4", "x2026-01-03", "Jan 2026", "3", "2026-02-30"})
    CHECK(std::string(none) + ": " + told(none) == std::string(none) + ": 2 bad_date\n");
}

TEST_CASE("columns of any name are read by a mapping", "[costs]") {
  auto with = options();
  with.mapping = {{CostField::day, "Datum"}, {CostField::amount, "Kosten"}};
  with.source = "newspaper";
  with.channel = Channel::display;
  const CostFile file = read("Datum;Kosten\n2026-01-31;12,50\n", with);
  INFO(codes(file));
  REQUIRE(file.rows.size() == 1);
  CHECK(file.platform == "mapped");
  CHECK(file.rows[0].amount_minor == 1250);
  CHECK(file.rows[0].source == "newspaper");
  CHECK(file.rows[0].currency == "EUR");
}

TEST_CASE("what is malformed is told with its line and nothing is read", "[costs]") {
  const std::string head = "day,channel,source,campaign,amount,currency,clicks\n";
  const std::string good = "2026-01-31,display,x,a,1.00,EUR,1\n";
  const auto row = [](const std::string& amount, const std::string& clicks = "1") {
    return "2026-01-31,display,x,a,\"" + amount + "\",EUR," + clicks + "\n";
  };
  struct Case {
    std::string line, told;
  };
  const std::vector<Case> cases = {
      // A quoted cell without an end, and one with an end amid its text.
      {"2026-01-31,display,x,\"a,1.00,EUR,1\n", "3 bad_quotes\n"},
      {"2026-01-31,display,x,\"a\"b,1.00,EUR,1\n", "3 bad_quotes\n"},
      {"2026-01-31,display,x,\"a\"\"b,1.00,EUR,1\n", "3 bad_quotes\n"},
      // Cut off, and a delimiter without quotation marks.
      {"2026-01-31,display,x,a\n", "3 bad_columns\n"},
      {"2026-01-31,display,x,a,1.00\n", "3 bad_columns\n"},
      {"2026-01-31,display,x,a, b,1.00,EUR,1\n", "3 bad_columns\n"},
      {"2026-01-31,display,x,a,,EUR,1\n", "3 bad_amount\n"},
      {"2026-01-31,display,x,\xBElu\x9D,1.00,EUR,1\n", "3 bad_encoding\n"},
      {row("12/5"), "3 bad_amount\n"},
      {row("1 2 3"), "3 bad_amount\n"},
      {row("12.5.0"), "3 bad_amount\n"},
      {row("1,23,45"), "3 bad_amount\n"},
      {row("1,2345,678.00"), "3 bad_amount\n"},
      {row("$1.5\xE2\x82\xAC"
           "2"),
       "3 bad_amount\n"},
      {row("\xE2\x82\xAC"
           "abc12"),
       "3 bad_amount\n"},
      {row("5%"), "3 bad_amount\n"},
      {row("1E5"), "3 bad_amount\n"},
      {row("12.00-"), "3 bad_amount\n"},
      {row("--12.00"), "3 bad_amount\n"},
      {row("USD 12.00"), "3 bad_amount\n"},
      {row("$12.00"), "3 bad_amount\n"},
      {row("12.00 zl"), "3 bad_amount\n"},
      {row("99999999999999.00"), "3 bad_amount\n"},
      {row("1.00", "20.5"), "3 bad_number\n"},
      {row("1.00", "-1"), "3 bad_number\n"},
      {row("1.00", "5%"), "3 bad_number\n"},
      {row("1.00", "1 2"), "3 bad_number\n"},
      {"yesterday,display,x,a,1.00,EUR,1\n", "3 bad_date\n"},
      {"1900-01-01,display,x,a,1.00,EUR,1\n", "3 bad_date\n"}};
  for (const auto& [line, told] : cases)
    for (const std::string& behind : {good, std::string()}) {
      INFO(line << behind);
      const CostFile file = read(head + good + line + behind);
      CHECK(codes(file) == told);
      CHECK(file.rows.empty());
    }
}

TEST_CASE("amounts and counts are read as people write them", "[costs]") {
  const auto amount = [](const std::string& text, const std::string& currency = "EUR") {
    const CostFile file = read(
        "day,channel,source,campaign,amount,currency\n"
        "2026-01-31,display,x,a,\"" +
        text + "\"," + currency + "\n");
    INFO(text << " " << codes(file));
    REQUIRE(file.rows.size() == 1);
    return file.rows[0].amount_minor;
  };
  CHECK(amount("\xE2\x82\xB9"
               "12,34,567.50",
               "INR") == 123456750);
  CHECK(amount("12,34,567", "INR") == 123456700);
  CHECK(amount("1'234.50", "CHF") == 123450);
  CHECK(amount("1\xE2\x80\x99"
               "234.50",
               "CHF") == 123450);
  CHECK(amount("1\xC2\xA0"
               "234,50 K\xC4\x8D",
               "CZK") == 123450);
  CHECK(amount("1\xE2\x80\xAF"
               "234\xE2\x80\xAF"
               "567,5\xC2\xA0\xE2\x82\xAC") == 123456750);
  CHECK(amount("EUR 12.00") == 1200);
  CHECK(amount("12.00eur") == 1200);
  CHECK(amount("CA$12.00", "CAD") == 1200);
  CHECK(amount(".5") == 50);
  CHECK(amount("1.234,5") == 123450);
  CHECK(amount("1,234", "JPY") == 1234);
  CHECK(amount("0.125") == 13);

  for (const auto& [text, count] : std::map<std::string, std::int64_t>{{"20.0", 20},
                                                                       {"20,00", 20},
                                                                       {"1,100", 1100},
                                                                       {"1.100", 1100},
                                                                       {"1 100", 1100},
                                                                       {"12,34,567", 1234567},
                                                                       {"", 0},
                                                                       {"--", 0},
                                                                       {"7", 7}}) {
    INFO(text);
    CHECK(read_count(text) == count);
  }
}

TEST_CASE("an amount that may be read in two ways is asked about", "[costs]") {
  const auto file_of = [](const std::string& first, const std::string& clicks) {
    return "day,channel,source,campaign,amount,clicks\n2026-01-30,display,x,a,\"" + first +
           "\",1\n2026-01-31,display,x,a,3.000,\"" + clicks + "\"\n";
  };
  const CostFile asked = read(file_of("2.500", "1"));
  CHECK(codes(asked) == "2 bad_amount\n3 bad_amount\n");
  CHECK(asked.errors.at(0).message.find("--decimal point, or comma") != std::string::npos);
  auto with = options();
  with.decimal = DecimalMark::point;
  CHECK(read(file_of("2.500", "1"), with).rows.at(0).amount_minor == 250);
  with.decimal = DecimalMark::comma;
  CHECK(read(file_of("2.500", "1"), with).rows.at(0).amount_minor == 250000);
  // Another line of the column, or a count's groups, answer it.
  CHECK(read(file_of("2,5", "1")).rows.at(1).amount_minor == 300000);
  CHECK(read(file_of("2.5", "1")).rows.at(1).amount_minor == 300);
  CHECK(read(file_of("2.500", "20.000")).rows.at(0).amount_minor == 250000);
  CHECK(read(file_of("2.500", "20,000")).rows.at(0).amount_minor == 250);
}

TEST_CASE("errors name what the door takes", "[costs]") {
  auto with = options();
  with.door = CostDoor::request;
  const auto unknown = read_cost_file("a,b\n1,2\n", with);
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().detail.find("with map=day=Datum&map=amount=Kosten in the address") !=
        std::string::npos);
  CHECK(read("day,campaign,amount\n2026-01-31,a,1.00\n", with)
            .errors.at(0)
            .message.find("source=google in the address") != std::string::npos);
  CHECK(read("day,channel,source,campaign,amount\n1/2/2026,email,x,a,1.00\n", with)
            .errors.at(0)
            .message.find("date_format=mdy in the address, or dmy") != std::string::npos);
}

TEST_CASE("days that are yet to come are refused", "[costs]") {
  auto with = options();
  with.last_day = 20260131;
  const CostFile file = read(
      "day,channel,source,campaign,amount\n2026-01-31,email,x,a,1.00\n3000-01-01,email,x,a,1.00\n",
      with);
  CHECK(codes(file) == "3 bad_date\n");
  CHECK(file.errors.at(0).message.find("is yet to come") != std::string::npos);
}

TEST_CASE("exports of Google Ads in other languages are read, footers too", "[costs]") {
  struct Case {
    const char *header, *type, *amount, *footer;
    Channel channel;
  };
  const auto& [header, type, amount, footer, channel] = GENERATE(values<Case>(
      {{"Tag\tKampagne\tKampagnen-ID\tKampagnentyp\tW\xC3\xA4hrungscode\tKosten\tKlicks\tImpr.",
        "Suche", "1.234,50", "Gesamt: Kampagnen", Channel::paid_search},
       {"Jour\tCampagne\tID de la campagne\tType de campagne\tCode de devise\tCo\xC3\xBBt\tClics\t"
        "Impr.",
        "Vid\xC3\xA9o",
        "1\xE2\x80\xAF"
        "234,50",
        "Total\xC2\xA0: campagnes", Channel::paid_video},
       {"D\xC3\xAD"
        "a\tCampa\xC3\xB1"
        "a\tID de campa\xC3\xB1"
        "a\tTipo de campa\xC3\xB1"
        "a\tC\xC3\xB3"
        "digo de moneda\tCoste\tClics\tImpr.",
        "B\xC3\xBAsqueda", "1234,50",
        "Total: campa\xC3\xB1"
        "as",
        Channel::paid_search},
       {"Den\tKampa\xC5\x88\tID kampan\xC4\x9B\tTyp kampan\xC4\x9B\tK\xC3\xB3"
        "d m\xC4\x9Bny\tCena\tKliknut\xC3\xAD\tZobr.",
        "Performance Max", "1 234,50", "Celkem: kampan\xC4\x9B", Channel::cross_network},
       {"Giorno\tCampagna\tID campagna\tTipo di campagna\tCodice valuta\tCosto\tClic\tImpr.",
        "Display", "1.234,50", "Totale: campagne", Channel::display},
       {"Dia\tCampanha\tID da campanha\tTipo de campanha\tC\xC3\xB3"
        "digo da moeda\tCusto\tCliques\tImpr.",
        "Pesquisa", "1.234,50", "Total: campanhas", Channel::paid_search},
       {"Dag\tCampagne\tCampagne-ID\tCampagnetype\tValutacode\tKosten\tKlikken\tVert.", "Shopping",
        "1.234,50", "Totaal: campagnes", Channel::paid_shopping},
       // Words that no list knows, behind the last day.
       {"Day\tCampaign\tCampaign ID\tCampaign type\tCurrency code\tCost\tClicks\tImpr.", "Search",
        "1,234.50", "Yhteens\xC3\xA4: Kampanjat", Channel::paid_search}}));
  const std::string text =
      std::string("Bericht\n") + header + "\n2026-01-30\tSpring\t42\t" + type + "\tEUR\t" + amount +
      "\t1\t2\n2026-01-31\tSpring\t42\t" + type + "\tEUR\t" + amount + "\t1\t2\n" + footer +
      "\t --\t --\t --\tEUR\t99\t2\t4\n" + footer + " B\t --\t --\t --\tEUR\t99\t2\t4\n";
  const CostFile file = read(text);
  INFO(header << "\n" << codes(file));
  CHECK(file.platform == "google_ads");
  REQUIRE(file.rows.size() == 2);
  CHECK(file.skipped == 2);
  CHECK(file.rows[0].campaign == "Spring");
  CHECK(file.rows[0].campaign_id == "42");
  CHECK(file.rows[0].platform == "google_ads");
  CHECK(file.rows[0].channel == channel);
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].clicks == 1);
  CHECK(file.rows[0].impressions == 2);
}

TEST_CASE("exports of the other platforms in other languages are read", "[costs]") {
  struct Case {
    const char *platform, *header;
  };
  const auto& [platform, header] = GENERATE(values<Case>(
      {{"meta_ads", "Tag;Kampagnenname;Ausgegebener Betrag (EUR);Link-Klicks"},
       {"meta_ads",
        "Jour;Nom de la campagne;Montant d\xC3\xA9pens\xC3\xA9 (EUR);Clics sur un lien"},
       {"meta_ads",
        "D\xC3\xAD"
        "a;Nombre de la campa\xC3\xB1"
        "a;Importe gastado (EUR);Clics en el enlace"},
       {"meta_ads",
        "Den;N\xC3\xA1zev kampan\xC4\x9B;Utracen\xC3\xA1 \xC4\x8D\xC3\xA1stka (EUR);"
        "Kliknut\xC3\xAD na odkaz"},
       {"meta_ads", "Giorno;Nome della campagna;Importo speso (EUR);Clic sul link"},
       {"meta_ads", "Dia;Nome da campanha;Valor usado (EUR);Cliques no link"},
       {"meta_ads", "Dag;Campagnenaam;Besteed bedrag (EUR);Klikken op link"},
       {"tiktok_ads", "Nach Tag;Kampagnenname;Kosten;Klicks (Ziel)"},
       {"tiktok_ads", "Par jour;Nom de la campagne;Co\xC3\xBBt;Clics (destination)"},
       {"tiktok_ads",
        "Fecha;Nombre de la campa\xC3\xB1"
        "a;Coste;Clics (destino)"},
       {"tiktok_ads",
        "Datum;N\xC3\xA1zev kampan\xC4\x9B;N\xC3\xA1klady;Kliknut\xC3\xAD (c\xC3\xADl)"},
       {"tiktok_ads", "Per giorno;Nome della campagna;Costo;Clic (destinazione)"},
       {"tiktok_ads", "Por dia;Nome da campanha;Custo;Cliques (destino)"},
       {"tiktok_ads", "Per dag;Campagnenaam;Kosten;Klikken (bestemming)"},
       {"microsoft_ads", "Gregorianisches Datum;Kampagne;Ausgaben;Klicks"},
       {"microsoft_ads", "Date gr\xC3\xA9gorienne;Campagne;D\xC3\xA9penses;Clics"},
       {"microsoft_ads",
        "Fecha gregoriana;Campa\xC3\xB1"
        "a;Gasto;Clics"},
       {"microsoft_ads", "Data gregoriana;Campagna;Spesa;Clic"},
       {"microsoft_ads", "Data gregoriana;Campanha;Gastos;Cliques"},
       {"microsoft_ads", "Gregoriaanse datum;Campagne;Uitgaven;Klikken"}}));
  // Day first, also where Microsoft's English form is month first.
  const CostFile file = read(std::string(header) + "\n31/01/2026;Spring;1.234,50;3\n");
  INFO(header << "\n" << codes(file));
  CHECK(file.platform == platform);
  REQUIRE(file.rows.size() == 1);
  CHECK(file.rows[0].day == 20260131);
  CHECK(file.rows[0].campaign == "Spring");
  CHECK(file.rows[0].amount_minor == 123450);
  CHECK(file.rows[0].clicks == 3);
}

TEST_CASE("a day and costs under German headers are nobody's export", "[costs]") {
  CHECK_FALSE(read_cost_file("Datum;Kosten\n2026-01-31;12,50\n", options()).ok());
}

TEST_CASE("a file of something else is refused", "[costs]") {
  const auto file = read_cost_file("a,b\n1,2\n", options());
  REQUIRE_FALSE(file.ok());
  CHECK(file.error().code == "unknown_cost_columns");
  const auto empty = read_cost_file("day,channel,source,campaign,amount\n", options());
  REQUIRE_FALSE(empty.ok());
  CHECK(empty.error().code == "empty_cost_file");
}
