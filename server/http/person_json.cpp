// SPDX-License-Identifier: Apache-2.0
#include "server/http/person_json.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/person_view.hpp"
#include "server/core/record_names.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/core/text/uuid_text.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace tl::server::http {

Outcome<nlohmann::ordered_json> person_item(Tables& tables, std::string_view site_id,
                                            const Person& person) {
  nlohmann::ordered_json item = {{"browsers", nlohmann::ordered_json::array()},
                                 {"ties", nlohmann::ordered_json::array()},
                                 {"too_large", person.is_too_large},
                                 {"ambiguous", person.is_ambiguous}};
  std::set<Id128> shown;
  for (const auto& id : person.ids) {
    if (shown.contains(id)) continue;
    TL_TRY(linked, tables.events().linked_ids(site_id, id));
    std::sort(linked.begin(), linked.end());
    nlohmann::ordered_json browser = nlohmann::ordered_json::array();
    for (const auto& one : linked)
      if (shown.insert(one).second) browser.push_back(uuid_text(one));
    item["browsers"].push_back(std::move(browser));
  }
  TL_TRY(ties, view_ties(tables, site_id, person));
  item["more_ties"] = ties.has_more;
  for (const auto& tie : ties.shown) {
    const auto& hash = tie.contact.hash;
    const bool is_cut = tie.state == TieState::cut;
    item["ties"].push_back(
        {{"anonymous_id", uuid_text(tie.anonymous_id)},
         {"kind", contact_kind_name(tie.contact.kind)},
         {"contact", to_hex(hash)},
         {"state", tie_state_name(tie.state)},
         {"signed", tie.is_proven},
         {"by", is_cut ? nlohmann::ordered_json(nullptr) : nlohmann::ordered_json(tie.source)},
         {"since", is_cut ? nlohmann::ordered_json(nullptr)
                          : nlohmann::ordered_json(write_rfc3339(tie.t_ms))}});
  }
  return item;
}

}  // namespace tl::server::http
