// SPDX-License-Identifier: Apache-2.0
// The known query parameters: campaign families (utm_*, mtm_*, pk_*) and click ids, with the class of
// traffic that a click id proves. Generated table: shared/data/params.tsv.
#pragma once

#include <cstdint>
#include <string_view>

namespace tl {

// Stored by name; the numbers are internal.
enum class Param : std::uint8_t {
  none = 0,
  // campaign fields
  source, medium, campaign, term, content, campaign_id, source_platform, creative_format, marketing_tactic,
  // click ids, in the order in which the first paid one decides the class
  gclid, gbraid, wbraid, gclsrc, gad_source, gad_campaignid, dclid, srsltid, msclkid, fbclid, igshid, igsh,
  ttclid, twclid, li_fat_id, sccid, epik, rdt_cid, qclid, yclid, ymclid, vmcid, tblci, dicbo, obclid,
  ob_click_id, irclickid, irclid, awc, cjevent, ransiteid, ranmid, sscid, clickref,
  mc_cid, mc_eid, kx, hsenc, hsmi, mkt_tok, ck_subscriber_id,
};

enum class ClickClass : std::uint8_t { none = 0, search, social, video, shopping, display, native, other, affiliate, email };

struct ParamInfo {
  std::string_view name;    // as in the URL, lower case; compared case-insensitively
  Param param{};
  ClickClass click_class{};
  bool is_paid = false;      // only a paid click carries it
  bool is_click_id = false;
  bool is_personal = false;  // identifies a person: its value never leaves the page
};

// nullptr when unknown. `name` any case.
const ParamInfo* find_param(std::string_view name);
std::string_view param_name(Param param);  // "gclid"; campaign fields as "source" …
const ParamInfo& param_info(Param param);

}  // namespace tl
