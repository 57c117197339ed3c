// SPDX-License-Identifier: Apache-2.0
// The known query parameters: campaign families (utm_*, mtm_*, pk_*) and click ids, with the class
// of traffic that a click id proves. Generated table: shared/data/params.tsv.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tl {

// Stored by name; the numbers are internal.
enum class Param : std::uint8_t {
  none = 0,
  // campaign fields
  source,
  medium,
  campaign,
  term,
  content,
  campaign_id,
  detail,  // stays in the URL (utm_source_platform, mtm_group, hsa_ad …); no field of a touch
  // click ids, in the order in which the first paid one decides the class
  gclid,
  gbraid,
  wbraid,
  gclsrc,
  gad_source,
  gad_campaignid,
  dclid,
  srsltid,
  msclkid,
  fbclid,
  igshid,
  igsh,
  ttclid,
  twclid,
  li_fat_id,
  sccid,
  epik,
  rdt_cid,
  qclid,
  yclid,
  ymclid,
  vmcid,
  tblci,
  dicbo,
  obclid,
  ob_click_id,
  irclickid,
  irclid,
  awc,
  cjevent,
  ransiteid,
  ranmid,
  sscid,
  clickref,
  mc_cid,
  mc_eid,
  kx,
  hsenc,
  hsmi,
  mkt_tok,
  ck_subscriber_id,
};

enum class ClickClass : std::uint8_t {
  none = 0,
  search,
  social,
  video,
  shopping,
  display,
  native,
  other,
  affiliate,
  email
};

struct ParamInfo {
  std::string_view name;  // as in the URL, lower case; compared case-insensitively
  Param param{};
  ClickClass click_class{};
  bool is_paid = false;  // only a paid click carries it
  bool is_click_id = false;
  bool is_personal = false;  // identifies a person: its value never leaves the page
};

// nullptr when unknown. `name` any case.
const ParamInfo* find_param(std::string_view name);
std::string_view param_name(Param param);  // "gclid"; campaign fields as "source" …; detail as ""
const ParamInfo& param_info(Param param);

// The same facts for code that is linked into the browser's core: straight from the packed table.
Param param_of(std::string_view name);  // none when unknown; any case
ClickClass click_class(Param param);
bool is_paid(Param param);
bool is_click_id(Param param);
bool is_personal(Param param);
std::string_view click_id_name(Param param);   // as in the URL: "gclid"
std::string_view param_platform(Param param);  // "google" for gclid; empty for campaign fields

// A name of the table; several names may mean one campaign field, the earlier family wins.
struct ParamName {
  std::string_view name;
  Param param{};
};
inline constexpr std::size_t kMaxParamNames = 84;
// Iterates the table in its order: `cursor` starts empty and is kept by the caller; false at the
// end.
bool next_param_name(std::string_view& cursor, ParamName& entry);

// Whether a decoded click-id value can be one: 1 to 512 bytes (fbclid 1,024) of
// A–Z a–z 0–9 - _ . ~ % = + / * (facts: channels, section 3.1).
bool is_click_value(Param param, std::string_view value);

}  // namespace tl
