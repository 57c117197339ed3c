// SPDX-License-Identifier: Apache-2.0
// What all intakes of browsers share: who may send (site, write key, origin), who sends, cookies on
// the endpoint's own site, and how refused input is kept and answered.
#pragma once

#include "server/core/ingest.hpp"
#include "server/http/exchange.hpp"
#include "server/http/ingest_routes.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace tl::server::http {

using SitePointer = std::shared_ptr<const SiteConfig>;

// How an intake is being run: from the network, or again from the reject log (then refused input is
// answered, but neither kept nor counted a second time).
enum class Run : std::uint8_t { live, replay };

// Errors: forbidden (unknown_site), unauthenticated (wrong_key).
Outcome<SitePointer> find_keyed_site(const IngestServices& services, std::string_view site_id,
                                     std::string_view key);
// Errors: forbidden (foreign_origin). A request without Origin is no page of another site.
Outcome<void> check_origin(const SiteConfig& site, const Request& request);

Sender sender_of(const SiteConfig& site, const Request& request);
// Whether the page is on the endpoint's own site, so that cookies of ours are first-party.
bool is_own_site(const Request& request, const std::string& public_url);
// tl_aid and tl_tok (HttpOnly) and the readable tl, 365 days.
void set_cookies(const SiteConfig& site, const Request& request, const IngestAnswer& answer,
                 Reply& reply);
void clear_cookies(const SiteConfig& site, const Request& request, Reply& reply);

// Answers an error and keeps its input: with `site` (its key was valid) as a reject, else counted.
Reply refuse(Ingest& ingest, const Request& request, const SitePointer& site, Run run,
             const ServerError& error);

// {"accepted",…} of api.md section 3 with X-Throughline naming everything dropped or flagged.
Reply answer_batch(int status, const IngestAnswer& answer);

// The intakes themselves, for their routes and for the replay of rejects.
Reply take_events(const IngestRouteParts& parts, const Request& request, Run run);
Reply take_touch(const IngestRouteParts& parts, const Request& request, Run run);
Reply take_identify(const IngestRouteParts& parts, const Request& request, Run run);
Reply take_consent(const IngestRouteParts& parts, const Request& request, Run run);

}  // namespace tl::server::http
