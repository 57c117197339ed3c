// SPDX-License-Identifier: Apache-2.0
// The use case "tell me everything that you hold about me": what person_traces.hpp finds, as JSON.
// Sealed texts are opened: contexts, webhook bodies, refused input, bodies of deliveries, and
// contacts where the site stores them encrypted.
//   {"site","generated_at","person":{"anonymous_ids","contacts","ties"},"consent","consent_receipts",
//    "sessions":[{…,"touches","events","context"}],"orders":[{…,"changes"}],
//    "conversions":[{…,"credits"}],"deliveries":[{…,"attempts"}],"webhooks","rejects"}
#pragma once

#include "server/core/access/secret_box.hpp"
#include "server/core/clock.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/privacy/person_traces.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace tl::server {

// One snapshot. Errors: invalid (bad_person), unavailable.
Outcome<std::string> export_person(Store& store, const SecretBox& box, const SiteConfig& site,
                                   const PersonName& name, std::int64_t now_ms);

// The receipts of consent of a site, all of them, one JSON object a line, as they were said:
// "number" tells the order of the chain of hashes, "subject" is the pseudonym that stands in it.
// Every line is told to `line`. Errors: unavailable.
Outcome<void> export_consent_receipts(Store& store, const std::string& site_id,
                                      const std::function<void(const std::string& line)>& line);

}  // namespace tl::server
