// SPDX-License-Identifier: Apache-2.0
// POST /api/webhook/{provider}/{site}: verifies over the raw bytes, keeps, and only then answers
// 2xx. What cannot be stored answers 503 so that the provider sends again. A signed body that makes
// no sense is kept as a reject; an unsigned one is only counted, for anybody can send it.
#include "server/http/order_routes.hpp"

#include <nlohmann/json.hpp>

namespace tl::server::http {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxWebhook = 1024 * 1024;

Reply flagged(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

// Secrets of the exchange stay out of what is kept.
std::string headers_json(const Request& request) {
  nlohmann::json headers = nlohmann::json::object();
  for (const auto& [name, value] : request.headers) {
    std::string lower_name;
    for (const char c : name) lower_name += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    if (lower_name != "authorization" && lower_name != "cookie") headers[lower_name] = value;
  }
  return headers.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class WebhookHandler {
 public:
  explicit WebhookHandler(OrderRouteParts parts) : parts_(std::move(parts)) {}

  Reply operator()(const Request& request) const {
    const std::string& provider_name = request.params.at("provider");
    const std::string& site_id = request.params.at("site");
    const Provider* provider = parts_.find_provider(provider_name);
    if (provider == nullptr)
      return flagged(fail(ErrorKind::not_found, "no_such_provider",
                          "this server knows no payment provider \"" + provider_name +
                              "\"; the address is /api/webhook/<provider>/<site id>"));
    const auto site = parts_.find_site(site_id);
    if (site == nullptr)
      return flagged(fail(ErrorKind::not_found, "unknown_site",
                          "there is no site \"" + site_id +
                              "\"; the address is /api/webhook/<provider>/<site id>"));
    const PaymentConfig* config = site->payment(provider_name);
    if (config == nullptr)
      return flagged(fail(ErrorKind::not_found, "no_such_provider",
                          "the site \"" + site_id + "\" has no [site.payment." + provider_name +
                              "] in its configuration"));

    WebhookRequest webhook;
    webhook.headers = request.headers;
    webhook.body = request.body;
    webhook.now_ms = parts_.clock.now_ms();
    const auto changes = provider->read(webhook, *config, *site);
    if (!changes.ok()) return refuse(request, *site, changes.error(), webhook.now_ms);
    return keep(request, *site, provider_name, changes.value(), webhook.now_ms);
  }

 private:
  Reply refuse(const Request& request, const SiteConfig& site, const ServerError& error,
               std::int64_t now_ms) const {
    const bool is_signed = error.kind != ErrorKind::unauthenticated;
    const auto written = parts_.store.write([&](Tables& tables) -> Outcome<void> {
      if (!is_signed) return tables.operations().count(site.id, "webhook_bad_signature", 1);
      RejectRow reject;
      reject.site_id = site.id;
      reject.t_ms = now_ms;
      reject.route = request.path;
      reject.code = error.code;
      reject.message = error.detail;
      reject.bytes = static_cast<std::int64_t>(request.body.size());
      reject.headers_json = headers_json(request);
      reject.body = request.body;
      TL_CHECK(tables.operations().insert_reject(reject));
      return tables.operations().count(site.id, "webhook_rejected", 1);
    });
    // Unkept evidence must come again; a bad signature needs no keeping.
    if (!written.ok() && is_signed) return flagged(written.error());
    return flagged(error);
  }

  Reply keep(const Request& request, const SiteConfig& site, const std::string& provider_name,
             const std::vector<OrderChange>& changes, std::int64_t now_ms) const {
    InboxEntry entry;
    entry.provider = provider_name;
    entry.received_ms = now_ms;
    entry.headers_json = headers_json(request);
    entry.body = request.body;
    if (!changes.empty()) {
      entry.event_key = changes.front().event_key;
      entry.event_type = changes.front().event_type;
      entry.live = changes.front().live;
    }
    const auto result = parts_.orders.receive_webhook(site, std::move(entry), changes);
    if (!result.ok()) return flagged(result.error());
    Json answer = {{"received", true}, {"result", result.value().result}};
    if (!result.value().order_id.empty()) answer["order_id"] = result.value().order_id;
    const std::string& reason = result.value().reason;
    if (!reason.empty()) answer["reason"] = reason;
    auto reply = Reply::json(200, answer.dump(-1, ' ', false, Json::error_handler_t::replace));
    if (result.value().result == "duplicate")
      reply.header("X-Throughline", "duplicate");
    else if (result.value().result == "ignored" && !reason.empty())
      reply.header("X-Throughline", reason);
    return reply;
  }

  OrderRouteParts parts_;
};

}  // namespace

std::vector<Route> webhook_routes(const OrderRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/webhook/{provider}/{site}";
  route.handler = WebhookHandler(parts);
  route.max_body = kMaxWebhook;
  route.summary = "A payment provider's signed webhook";
  return {std::move(route)};
}

}  // namespace tl::server::http
