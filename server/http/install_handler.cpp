// SPDX-License-Identifier: Apache-2.0
// Each check is one sentence: what is so, and what to do when it is not right. "missing" stops the
// line from ad to order, "warn" loses a part of it.

#include "server/http/install_handler.hpp"

#include "server/core/durations.hpp"
#include "server/core/reports/counted_zone.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/intake.hpp"
#include "server/http/list_request.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::uint32_t kLookedAt = 200;
constexpr std::size_t kOriginsNamed = 5;

// Delivered ones are the whole history: more than so many need not be counted.
constexpr std::int64_t kMostDelivered = 10'000;
constexpr std::array<std::pair<DeliveryState, const char*>, 7> kStates = {
    {{DeliveryState::delivered, "delivered"},
     {DeliveryState::queued, "queued"},
     {DeliveryState::sending, "sending"},
     {DeliveryState::failed, "failed"},
     {DeliveryState::dead, "dead"},
     {DeliveryState::withheld, "withheld"},
     {DeliveryState::accepted, "accepted"}}};
constexpr std::size_t kDead = 4;

struct Lane {
  std::string name, state, reason;
  std::array<std::int64_t, kStates.size()> counts{};
};

struct Findings {
  std::vector<CounterTotal> counters;  // of this site
  Page<SessionRow> sessions;
  Page<ConversionRow> conversions;     // of every kind
  std::optional<ConversionRow> order;  // the newest
  Page<RejectRow> rejects;
  std::vector<Lane> lanes;
  std::optional<ZoneChange> zone_change;

  [[nodiscard]] std::int64_t total(std::string_view name) const {
    for (const auto& counter : counters)
      if (counter.name == name) return counter.total;
    return 0;
  }
};

Outcome<Findings> look(Tables& tables, const SiteConfig& site, std::int64_t now_ms) {
  Findings found;
  TL_TRY(counters, tables.operations().counters());
  for (const auto& counter : counters)
    if (counter.site_id == site.id) found.counters.push_back(counter);
  TL_TRY(zone, tables.rollups().zone(site.id));
  if (zone && zone->counted != zone->configured)
    found.zone_change = ZoneChange{site.id, zone->counted, zone->configured};
  ListQuery newest;
  newest.site_id = site.id;
  newest.limit = kLookedAt;
  TL_TRY(sessions, tables.events().list_sessions(newest));
  found.sessions = std::move(sessions);
  TL_TRY(conversions, tables.orders().list_conversions(newest));
  found.conversions = std::move(conversions);
  ListQuery one = newest;
  one.limit = 1;
  ConversionFilter purchases;
  purchases.kind = "purchase";
  TL_TRY(orders, tables.orders().list_conversions(one, purchases));
  if (!orders.items.empty()) found.order = std::move(orders.items.front());
  newest.from_ms = now_ms - 7 * kDayMs;
  TL_TRY(rejects, tables.operations().list_rejects(newest));
  found.rejects = std::move(rejects);
  for (const auto& destination : site.destinations) {
    Lane lane{destination.name, "ok", "", {}};
    TL_TRY(state, tables.outbox().lane(site.id, destination.name));
    if (!state.state.empty()) lane.state = state.state;
    lane.reason = state.reason;
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      const DeliveryState counted = kStates[i].first;
      const auto most = counted == DeliveryState::delivered ? kMostDelivered : kUncapped;
      TL_TRY(count, tables.outbox().count_in_state(site.id, destination.name, counted, most));
      lane.counts[i] = count;
    }
    found.lanes.push_back(std::move(lane));
  }
  return found;
}

OrderedJson check(const char* id, const char* state, std::string message) {
  return {{"id", id}, {"state", state}, {"message", std::move(message)}};
}

std::string counted(std::size_t number, std::string noun) {
  if (number != 1) noun += 's';
  return std::to_string(number) + " " + noun;
}

std::string ago(std::int64_t ms) {
  if (ms < 2 * 60'000) return "just now";
  if (ms < 2 * kHourMs) return std::to_string(ms / 60'000) + " minutes ago";
  if (ms < 2 * kDayMs) return std::to_string(ms / kHourMs) + " hours ago";
  return std::to_string(ms / kDayMs) + " days ago";
}

OrderedJson check_address(const InstallParts& parts) {
  if (parts.public_url.starts_with("https://"))
    return check("public_url", "ok", "Pages reach this server at " + parts.public_url + ".");
  return check("public_url", "warn",
               "server.public_url is " + parts.public_url +
                   "; browsers send cookies and events safely over https only. Put a proxy with a "
                   "certificate in front and change it.");
}

OrderedJson check_script(const Findings& found, std::int64_t now_ms) {
  if (found.sessions.items.empty()) {
    if (found.total("consent_refused") > 0)
      return check(
          "script", "warn",
          "Events arrive, but all without consent: no session yet. Accept your banner once, "
          "or look at data-consent.");
    return check("script", "missing",
                 "No event has arrived yet. Put the snippet into a page, open it, and watch Live.");
  }
  const auto age = now_ms - found.sessions.items.front().last_ms;
  if (age > 2 * kDayMs)
    return check("script", "warn",
                 "The last visit was " + ago(age) + ". Is the snippet still in every page?");
  return check("script", "ok", "Events arrive; the last visit was " + ago(age) + ".");
}

std::string named_origins(const std::vector<std::string>& origins) {
  std::string text;
  for (std::size_t i = 0; i < std::min(origins.size(), kOriginsNamed); ++i)
    text += (i == 0 ? "" : ", ") + origins[i];
  if (origins.size() > kOriginsNamed)
    text += " and " + std::to_string(origins.size() - kOriginsNamed) + " more";
  return text;
}

OrderedJson check_origins(const SiteConfig& site, const Findings& found) {
  std::size_t foreign = 0;
  std::vector<std::string> origins;  // the newest first
  for (const auto& reject : found.rejects.items) {
    if (reject.code != "foreign_origin") continue;
    ++foreign;
    std::string origin = refused_origin(reject.message);
    if (origin.empty()) origin = "a page that hides its own";
    if (std::find(origins.begin(), origins.end(), origin) == origins.end())
      origins.push_back(std::move(origin));
  }
  if (foreign > 0)
    return check(
        "origins", "warn",
        counted(foreign, "request") +
            " of the last week came from pages that may not send: " + named_origins(origins) +
            ". Add those that are yours to origins, exactly as they stand here.");
  if (std::find(site.origins.begin(), site.origins.end(), "*") != site.origins.end())
    return check("origins", "warn",
                 "origins is \"*\": any page may send events in your name. List yours.");
  return check("origins", "ok", "Pages of " + named_origins(site.origins) + " may send.");
}

OrderedJson check_refusals(const Findings& found) {
  if (found.rejects.items.empty())
    return check("rejects", "ok", "Nothing was refused in the last seven days.");
  return check("rejects", "warn",
               std::string("Refused in the last seven days: ") +
                   (found.rejects.next_cursor ? "more than " : "") +
                   counted(found.rejects.items.size(), "request") + "; the newest says " +
                   found.rejects.items.front().code +
                   ". Deliveries lists them with their reasons.");
}

OrderedJson check_payments(const SiteConfig& site, const Findings& found) {
  if (found.order)
    return check("payments", "ok", "Orders arrive; the newest is " + found.order->order_id + ".");
  if (site.payments.empty() && found.conversions.items.empty())
    return check("payments", "missing",
                 "No payment provider is configured and no conversion was stated. Add "
                 "[site.payment.stripe], or send POST /api/conversions from your server.");
  if (site.payments.empty())
    return check("payments", "ok",
                 "Leads and other conversions arrive, no orders: no payment provider is "
                 "configured. For sales add one, or send POST /api/conversions from your server.");
  return check("payments", "missing",
               "No order yet. Point your provider's webhook at /api/webhook/" +
                   site.payments.front().provider + "/" + site.id + " and make a test payment.");
}

OrderedJson check_checkouts(const CheckoutFaults& faults, const SiteConfig& site,
                            std::int64_t now_ms) {
  const auto standing = faults.of(site.id);
  if (standing.empty())
    return check("checkouts", "ok", "The payment provider makes every checkout that it is asked.");
  const auto& fault = standing.front();
  return check("checkouts", "missing",
               "Checkouts fail, " + std::to_string(fault.count) + " in a row, the first " +
                   ago(now_ms - fault.since_ms) + ": " + fault.error.detail + " (" +
                   fault.error.code + ").");
}

OrderedJson check_matching(const Findings& found) {
  const auto& items = found.conversions.items;
  if (items.empty())
    return check("matching", "missing", "There is no order yet that could be matched to a visit.");
  const auto matched = std::count_if(items.begin(), items.end(), [](const auto& row) {
    return row.match_type != MatchType::none;
  });
  const auto share = 100 * static_cast<std::size_t>(matched) / items.size();
  std::string text = "Of the last " + counted(items.size(), "conversion") + " " +
                     std::to_string(share) + " % belong to a visit.";
  if (share >= 60) return check("matching", "ok", std::move(text));
  return check("matching", "warn",
               text + " Call checkoutStarted() before the checkout, so that the ids travel along.");
}

OrderedJson check_deliveries(const SiteConfig& site, const Findings& found) {
  if (site.destinations.empty())
    return check(
        "destinations", "ok",
        "No destination is configured; add [site.destination.meta] to send conversions on.");
  for (const auto& lane : found.lanes)
    if (lane.state == "auth_failed")
      return check("destinations", "warn",
                   lane.name + " refuses our access (" + lane.reason +
                       "). Renew its token in the configuration, then retry.");
  for (const auto& lane : found.lanes)
    if (lane.state == "disabled")
      return check("destinations", "warn",
                   lane.name + " wants no more events (" + lane.reason +
                       "). Change or remove it in the configuration, then reload.");
  for (const auto& lane : found.lanes)
    if (lane.counts[kDead] > 0)
      return check("destinations", "warn",
                   "Refused for good by " + lane.name + ": " + std::to_string(lane.counts[kDead]) +
                       "; Deliveries shows the vendor's answers.");
  return check("destinations", "ok", "Conversions are delivered; none is dead.");
}

Outcome<Reply> show_install(const InstallParts& parts, const Request& request) {
  TL_TRY(site_id, parts.authorise(request, "read"));
  const auto site = parts.find_site(site_id);
  if (!site)
    return fail(ErrorKind::not_found, "unknown_site",
                "The site " + site_id + " is not configured any more.");
  const auto now = parts.clock.now_ms();
  Findings found;
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(looked, look(tables, *site, now));
    found = std::move(looked);
    return {};
  }));
  OrderedJson providers = OrderedJson::array(), destinations = OrderedJson::array(),
              checks = OrderedJson::array();
  for (const auto& payment : site->payments)
    providers.push_back(
        {{"name", payment.provider},
         {"webhook", parts.public_url + "/api/webhook/" + payment.provider + "/" + site->id}});
  for (const auto& lane : found.lanes) {
    OrderedJson counts = OrderedJson::object();
    for (std::size_t i = 0; i < kStates.size(); ++i) counts[kStates[i].second] = lane.counts[i];
    destinations.push_back({{"name", lane.name},
                            {"state", lane.state},
                            {"reason", lane.reason},
                            {"deliveries", std::move(counts)}});
  }
  checks.push_back(check_script(found, now));
  checks.push_back(check_origins(*site, found));
  checks.push_back(check_payments(*site, found));
  if (!site->checkouts.empty())
    checks.push_back(check_checkouts(parts.checkout_faults, *site, now));
  checks.push_back(check_matching(found));
  checks.push_back(check_deliveries(*site, found));
  checks.push_back(check_refusals(found));
  checks.push_back(check_address(parts));
  if (found.zone_change)
    checks.push_back(check("timezone", "warn", zone_complaint(*found.zone_change) + "."));
  return answer_json(
      200, {{"site", site->id},
            {"name", site->name},
            {"write_key", site->write_key},
            {"endpoint", parts.public_url},
            {"script", parts.public_url + "/" +
                           (parts.script_name.empty() ? "throughline" : parts.script_name) + ".js"},
            {"origins", site->origins},
            {"consent_default", site->consent_default == Choice::granted ? "granted" : "denied"},
            {"session_timeout_minutes", site->session.timeout_ms / 60'000},
            {"session_max_minutes", site->session.max_ms / 60'000},
            {"rotate_on_campaign", site->session.rotate_on_campaign},
            {"affiliate_params", site->affiliate_params},
            {"coarse_handover", site->coarse_handover},
            {"providers", std::move(providers)},
            {"destinations", std::move(destinations)},
            {"checks", std::move(checks)}});
}

}  // namespace

std::vector<Route> install_routes(const InstallParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/install";
  route.summary = "The facts of the script tag, and what is still missing";
  route.handler = [parts](const Request& request) {
    auto reply = show_install(parts, request);
    return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
  };
  return {std::move(route)};
}

}  // namespace tl::server::http
