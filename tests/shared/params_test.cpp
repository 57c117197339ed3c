// SPDX-License-Identifier: Apache-2.0
// The parameter table against section 3.1 of the channel facts.
#include "throughline/params.hpp"

#include "catch.hpp"

#include <string>

using tl::ClickClass;
using tl::Param;

TEST_CASE("every click id proves what its platform says", "[params]") {
  struct Case {
    const char* name;
    Param param;
    ClickClass click_class;
    bool is_paid;
    bool is_personal;
  };
  const Case cases[] = {
      {"gclid", Param::gclid, ClickClass::search, true, false},
      {"gbraid", Param::gbraid, ClickClass::search, true, false},
      {"wbraid", Param::wbraid, ClickClass::search, true, false},
      {"gclsrc", Param::gclsrc, ClickClass::search, true, false},
      {"gad_source", Param::gad_source, ClickClass::search, true, false},
      {"gad_campaignid", Param::gad_campaignid, ClickClass::search, true, false},
      {"dclid", Param::dclid, ClickClass::display, true, false},
      {"srsltid", Param::srsltid, ClickClass::none, false, false},
      {"msclkid", Param::msclkid, ClickClass::search, true, false},
      {"fbclid", Param::fbclid, ClickClass::none, false, false},
      {"igshid", Param::igshid, ClickClass::none, false, false},
      {"igsh", Param::igsh, ClickClass::none, false, false},
      {"ttclid", Param::ttclid, ClickClass::social, true, false},
      {"twclid", Param::twclid, ClickClass::social, true, false},
      {"li_fat_id", Param::li_fat_id, ClickClass::social, true, false},
      {"ScCid", Param::sccid, ClickClass::social, true, false},
      {"epik", Param::epik, ClickClass::none, false, false},
      {"rdt_cid", Param::rdt_cid, ClickClass::social, true, false},
      {"qclid", Param::qclid, ClickClass::social, true, false},
      {"yclid", Param::yclid, ClickClass::search, true, false},
      {"ymclid", Param::ymclid, ClickClass::shopping, true, false},
      {"vmcid", Param::vmcid, ClickClass::other, true, false},
      {"tblci", Param::tblci, ClickClass::native, true, false},
      {"dicbo", Param::dicbo, ClickClass::native, true, false},
      {"obclid", Param::obclid, ClickClass::native, true, false},
      {"ob_click_id", Param::ob_click_id, ClickClass::native, true, false},
      {"irclickid", Param::irclickid, ClickClass::affiliate, false, false},
      {"irclid", Param::irclid, ClickClass::affiliate, false, false},
      {"awc", Param::awc, ClickClass::affiliate, false, false},
      {"cjevent", Param::cjevent, ClickClass::affiliate, false, false},
      {"ranSiteID", Param::ransiteid, ClickClass::affiliate, false, false},
      {"ranMID", Param::ranmid, ClickClass::affiliate, false, false},
      {"sscid", Param::sscid, ClickClass::affiliate, false, false},
      {"clickref", Param::clickref, ClickClass::affiliate, false, false},
      {"mc_cid", Param::mc_cid, ClickClass::email, false, false},
      {"mc_eid", Param::mc_eid, ClickClass::email, false, true},
      {"_kx", Param::kx, ClickClass::email, false, true},
      {"_hsenc", Param::hsenc, ClickClass::email, false, true},
      {"_hsmi", Param::hsmi, ClickClass::email, false, false},
      {"mkt_tok", Param::mkt_tok, ClickClass::email, false, true},
      {"ck_subscriber_id", Param::ck_subscriber_id, ClickClass::email, false, true},
  };
  for (const auto& c : cases) {
    CAPTURE(c.name);
    CHECK(tl::param_of(c.name) == c.param);
    CHECK(tl::click_class(c.param) == c.click_class);
    CHECK(tl::is_paid(c.param) == c.is_paid);
    CHECK(tl::is_personal(c.param) == c.is_personal);
    CHECK(tl::is_click_id(c.param));
    CHECK_FALSE(tl::param_platform(c.param).empty());
  }
}

TEST_CASE("campaign families lead to the same fields", "[params]") {
  for (const auto* name : {"utm_source", "UTM_SOURCE", "mtm_source", "pk_source"})
    CHECK(tl::param_of(name) == Param::source);
  for (const auto* name : {"utm_campaign", "mtm_campaign", "pk_campaign", "piwik_campaign",
                           "pk_cpn", "matomo_campaign"}) {
    CHECK(tl::param_of(name) == Param::campaign);
  }
  for (const auto* name :
       {"utm_term", "mtm_keyword", "mtm_kwd", "pk_kwd", "pk_keyword", "piwik_kwd", "matomo_kwd"}) {
    CHECK(tl::param_of(name) == Param::term);
  }
  CHECK(tl::param_of("utm_id") == Param::campaign_id);
  for (const auto* name : {"utm_source_platform", "utm_creative_format", "utm_marketing_tactic",
                           "mtm_group", "mtm_placement", "hsa_acc", "hsa_cam", "hsa_grp", "hsa_ad",
                           "hsa_src", "hsa_tgt", "hsa_kw", "hsa_mt", "hsa_net", "HSA_ver"}) {
    CAPTURE(name);
    CHECK(tl::param_of(name) == Param::detail);
  }
  CHECK_FALSE(tl::is_click_id(Param::detail));
  CHECK(tl::param_name(Param::detail).empty());
  for (const auto* name : {"", "ref", "source", "via", "fpr", "aff", "affid", "tap_s", "hsa_",
                           "cid", "s_cid", "utm", "utm_sourc", "gclid2", "page"}) {
    CAPTURE(name);
    CHECK(tl::param_of(name) == Param::none);
    CHECK(tl::find_param(name) == nullptr);
  }
}

TEST_CASE("rows and packed table say the same", "[params]") {
  tl::ParamName entry;
  int count = 0;
  for (std::string_view cursor; tl::next_param_name(cursor, entry); ++count) {
    CAPTURE(std::string(entry.name));
    const auto* row = tl::find_param(entry.name);
    REQUIRE(row != nullptr);
    CHECK(row->param == entry.param);
    CHECK(row->click_class == tl::click_class(entry.param));
    CHECK(row->is_paid == tl::is_paid(entry.param));
    CHECK(row->is_personal == tl::is_personal(entry.param));
    CHECK(row->is_click_id == tl::is_click_id(entry.param));
    CHECK(tl::param_name(entry.param).empty() == (entry.param == Param::detail));
    CHECK(tl::param_info(entry.param).param == entry.param);
  }
  CHECK(count == 81);
  CHECK(tl::param_name(Param::source) == "source");
  CHECK(tl::param_name(Param::campaign_id) == "campaign_id");
  CHECK(tl::param_name(Param::sccid) == "sccid");
  CHECK(tl::param_name(Param::kx) == "_kx");
  CHECK(tl::param_name(Param::none).empty());
}

TEST_CASE("click-id values keep to their alphabet and length", "[params]") {
  CHECK(tl::is_click_value(Param::gclid, "Cj0KCQ_-.~%=+/*9"));
  CHECK(tl::is_click_value(Param::gclid, std::string(512, 'a')));
  CHECK(tl::is_click_value(Param::fbclid, std::string(1024, 'a')));
  CHECK_FALSE(tl::is_click_value(Param::gclid, std::string(513, 'a')));
  CHECK_FALSE(tl::is_click_value(Param::fbclid, std::string(1025, 'a')));
  for (const auto* bad : {"", "a b", "a@b", "{gclid}", "a\"b", "a<b", "a&b", "\xC3\xA9", "a\x7F",
                          "a\\b", "a'b", "a:b"}) {
    CAPTURE(bad);
    CHECK_FALSE(tl::is_click_value(Param::gclid, bad));
  }
  CHECK_FALSE(tl::is_click_value(Param::gclid, std::string("a\0b", 3)));
}
