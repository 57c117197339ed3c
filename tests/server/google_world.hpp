// SPDX-License-Identifier: Apache-2.0
// A site that tells Google Ads, and a visitor who came by one of its ads. Google is scripted: it
// hands out tokens, takes everything, and says of each request what `result` says.
#pragma once

#include "tests/server/destination_support.hpp"

#include <algorithm>

namespace tl::server::test {

inline bool asks_for_token(const OutgoingRequest& request) {
  return request.url.ends_with("/token");
}

// Hands out token 1, 2, 3 … and takes everything.
inline OutgoingAnswer google_that_accepts(const OutgoingRequest& request) {
  static int number = 0;
  if (asks_for_token(request))
    return answered(
        200,
        Json{{"access_token", "token " + std::to_string(++number)}, {"expires_in", 3600}}.dump());
  return answered(200, R"({"requestId":"r"})");
}

struct GoogleWorld : DeliveryWorld {
  GoogleWorld() {
    DestinationConfig google = sound_config("google_ads");
    google.settings["conversions.page_view"] = "1";
    google.settings["restate_refunds"] = "true";
    site.destinations = {google};
    client.otherwise = google_that_accepts;
    click();
  }
  // The visitor came by an ad of Google's.
  void click() {
    store.put([&](Tables& t) -> Outcome<void> {
      TouchRow touch = given_touch(700, Channel::paid_search, kNow - kMinute);
      touch.session_id = session_id;
      touch.click_ids = R"({"gclid":"Cj0abc"})";
      TL_CHECK(t.events().insert_touch(touch));
      TL_TRY(session, t.events().find_session("demo", session_id));
      session->last_touch = touch.id;
      return t.events().put_session(*session);
    });
  }
  [[nodiscard]] std::size_t token_requests() const {
    return static_cast<std::size_t>(
        std::count_if(client.requests.begin(), client.requests.end(), asks_for_token));
  }
};

}  // namespace tl::server::test
