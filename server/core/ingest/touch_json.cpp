// SPDX-License-Identifier: Apache-2.0
#include "server/core/ingest/touch_json.hpp"

#include "server/core/text/uuid_text.hpp"

namespace tl::server {

nlohmann::ordered_json touch_item(const TouchRow& touch) {
  auto click_ids =
      nlohmann::ordered_json::parse(touch.click_ids, nullptr, /*allow_exceptions=*/false);
  if (click_ids.is_discarded()) click_ids = nlohmann::ordered_json::object();
  return {{"id", uuid_text(touch.id)},
          {"t", touch.t_ms},
          {"kind", touch.is_view ? "view" : "click"},
          {"channel", std::string(channel_name(touch.channel))},
          {"source", touch.source},
          {"medium", touch.medium},
          {"campaign", touch.campaign},
          {"term", touch.term},
          {"content", touch.content},
          {"click_ids", std::move(click_ids)},
          {"landing_path", touch.landing_path},
          {"referrer_domain", touch.referrer_domain}};
}

}  // namespace tl::server
