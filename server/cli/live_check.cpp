// SPDX-License-Identifier: Apache-2.0
#include "server/cli/live_check.hpp"

#include "server/core/outbox/signed_sending.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/destinations/registry.hpp"
#include "server/system_sources.hpp"

#include <ostream>

namespace tl::server::cli {
namespace {

// A sale of one unit by somebody at example.org, which vendors can match to nobody.
Dispatch sample_dispatch(const SiteConfig& site, std::string event_name, const Clock& clock,
                         Entropy& entropy) {
  Dispatch dispatch;
  entropy.fill(dispatch.event_id.bytes.data(), dispatch.event_id.bytes.size());
  dispatch.event_name = std::move(event_name);
  dispatch.occurred_ms = clock.now_ms();
  dispatch.anonymous_id = dispatch.event_id;
  dispatch.consent = {Choice::granted, Choice::granted, Choice::granted, false};
  dispatch.url = site.origins.empty() || site.origins[0] == "*" ? "https://shop.example/"
                                                                : site.origins[0] + "/";
  dispatch.email_variants =
      contact_variants(ContactKind::email, "throughline-test@example.org", site.default_country);
  SessionContext context;
  context.user_agent = "Mozilla/5.0 (X11; Linux x86_64) Throughline test";
  dispatch.context = context;
  if (dispatch.event_name != "purchase") return dispatch;
  ConversionRow conversion;
  conversion.id = dispatch.event_id;
  conversion.kind = "purchase";
  conversion.order_id = "throughline-test";
  conversion.amount_minor = 100;
  conversion.currency = site.currency;
  conversion.occurred_ms = dispatch.occurred_ms;
  dispatch.conversion = conversion;
  return dispatch;
}

std::string tried(const Destination& destination, const DestinationConfig& config,
                  const Dispatch& dispatch, SignedSending& sending, std::int64_t now_ms,
                  bool& is_good) {
  const auto body = destination.build(dispatch, config, now_ms);
  if (!body.ok()) return "not tried: " + body.error().detail;
  const auto request = destination.as_test(destination.envelope({body.value()}, config), config);
  if (!request) return "not tried: its vendor offers no test mode that is configured";
  const auto sent = sending.send(destination, config, *request);
  const DeliveryVerdict verdict =
      sent.refusal ? *sent.refusal : destination.judge_test(sent.answer);
  is_good = verdict.kind == DeliveryVerdict::Kind::delivered &&
            (verdict.each.empty() || verdict.each[0].kind == DeliveryVerdict::Kind::delivered);
  const std::string& reason =
      verdict.each.empty() || is_good ? verdict.reason : verdict.each[0].reason;
  return (is_good ? "taken" : "refused") + (reason.empty() ? std::string() : ": " + reason);
}

}  // namespace

bool check_live(const Config& config, HttpClient& client, std::ostream& out) {
  const SystemClock clock;
  SystemEntropy entropy;
  bool all_good = true;
  for (const auto& site : config.sites)
    for (const auto& target : site.destinations) {
      const Destination* destination = destinations::find_destination(target.kind);
      if (destination == nullptr) continue;  // refused when the file was read
      const auto events = destination->default_events(target);
      const bool sells = destinations::destination_takes(target, "purchase") || events.empty();
      SignedSending sending(client, clock, entropy);
      bool is_good = true;
      const std::string said =
          tried(*destination, target,
                sample_dispatch(site, sells ? "purchase" : events.front(), clock, entropy), sending,
                clock.now_ms(), is_good);
      out << "site " << site.id << ", " << target.name << ": " << said << '\n';
      all_good = all_good && is_good;
    }
  return all_good;
}

}  // namespace tl::server::cli
