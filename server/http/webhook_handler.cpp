// SPDX-License-Identifier: Apache-2.0
// POST /api/webhook/{provider}/{site}: verifies over the raw bytes, keeps, and only then answers
// 2xx. What cannot be stored answers 503 so that the provider sends again. A signed body that makes
// no sense is kept as a reject, and so is one whose signature no configured secret made: the secret
// may be missing here. Without any signature it is only counted, for anybody can send it. A replay
// verifies again, as of the time of arrival. Of a delivery whose items prove themselves one by one,
// each is kept or refused for itself.
#include "server/core/order_fact.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/reject_row.hpp"
#include "server/http/unread_tally.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <set>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxWebhook = 1024 * 1024;
constexpr int kUnavailable = 503;

Reply flagged(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

// A signature that could be read, whether or not a secret of ours made it.
bool has_signature(const ServerError& error) {
  return error.kind != ErrorKind::unauthenticated ||
         (error.code != "missing_header" && error.code != "malformed_header");
}

// "bad_email, bad_phone": the sale counts without what cannot be read of its buyer.
std::string unreadable_flags(const std::vector<OrderChange>& changes, const SiteConfig& site) {
  std::set<std::string> contacts;
  for (const auto& change : changes)
    for (auto& contact : unreadable_contacts(change.customer, site)) contacts.insert(contact);
  std::string flags;
  for (const auto& contact : contacts) flags += (flags.empty() ? "bad_" : ", bad_") + contact;
  return flags;
}

class WebhookHandler {
 public:
  explicit WebhookHandler(OrderRouteParts parts) : parts_(std::move(parts)) {}

  Reply operator()(const Request& request) const {
    const std::string& provider_name = request.params.at("provider");
    const std::string& site_id = request.params.at("site");
    const Provider* provider = parts_.find_provider(provider_name);
    const auto site = parts_.find_site(site_id);
    if (provider == nullptr)
      return misaddressed(request, site.get(),
                          fail(ErrorKind::not_found, "no_such_provider",
                               "this server knows no payment provider \"" + provider_name +
                                   "\"; the address is /api/webhook/<provider>/<site id>"));
    if (site == nullptr)
      return misaddressed(request, site.get(),
                          fail(ErrorKind::not_found, "unknown_site",
                               "there is no site \"" + site_id +
                                   "\"; the address is /api/webhook/<provider>/<site id>"));
    const PaymentConfig* config = site->payment(provider_name);
    const PaymentConfig unconfigured;
    const WebhookRequest webhook = webhook_of(request);
    if (config != nullptr)
      if (const auto bodies = provider->items_of(request.body); !bodies.empty())
        return take_items(request, *site, *provider, *config, bodies);
    const auto changes = provider->read(webhook, config ? *config : unconfigured, *site);
    if (config == nullptr)
      return refuse(request, *site,
                    fail(ErrorKind::not_found, "no_such_provider",
                         "the site \"" + site_id + "\" has no [site.payment." + provider_name +
                             "] in its configuration; add it and replay this reject"),
                    !changes.ok() && has_signature(changes.error()), /*is_proven=*/false);
    return settle(request, *site, *provider, changes);
  }

 private:
  static WebhookRequest webhook_of(const Request& request) {
    WebhookRequest webhook;
    webhook.headers = request.headers;
    webhook.query = request.query;
    webhook.body = request.body;
    webhook.now_ms = request.received_ms;
    webhook.is_proven = request.replayed && request.replayed->is_proven;
    return webhook;
  }

  // The answer is that of the first item that counted. One that is proven and makes no sense will
  // make none when it is sent again, and holds up all that come after it: it is kept, and that is
  // a success. What may still become right is none, unless others of the delivery are.
  Reply take_items(const Request& request, const SiteConfig& site, const Provider& provider,
                   const PaymentConfig& config, const std::vector<std::string>& bodies) const {
    std::optional<Reply> taken, kept, refused;
    for (const auto& body : bodies) {
      Request item = request;
      item.body = body;
      const auto changes = provider.read(webhook_of(item), config, site);
      Reply reply = settle(item, site, provider, changes);
      if (reply.status == kUnavailable) return reply;
      const bool is_kept = !changes.ok() && changes.error().kind != ErrorKind::unauthenticated;
      auto& place = changes.ok() ? taken : is_kept ? kept : refused;
      if (!place) place = std::move(reply);
    }
    if (request.replayed && (kept || refused)) return kept ? *kept : *refused;
    if (taken) return *taken;
    if (!kept) return *refused;
    return Reply::json(200, R"({"received":true,"result":"rejected"})")
        .header("X-Throughline", "rejected");
  }

  // Nobody can say whether it was signed: it is counted alone, and anybody can send many.
  Reply misaddressed(const Request& request, const SiteConfig* site,
                     const ServerError& error) const {
    if (!request.replayed) parts_.unread.add(site ? site->id : "", "webhook_rejected");
    return flagged(error);
  }

  Reply settle(const Request& request, const SiteConfig& site, const Provider& provider,
               const Outcome<std::vector<OrderChange>>& changes) const {
    if (changes.ok()) return keep(request, site, std::string(provider.name()), changes.value());
    const bool is_proven = changes.error().kind != ErrorKind::unauthenticated;
    Reply reply = refuse(request, site, changes.error(), has_signature(changes.error()), is_proven);
    if (!is_proven) reply.status = provider.refusal_status();
    return reply;
  }

  Reply refuse(const Request& request, const SiteConfig& site, const ServerError& error, bool keeps,
               bool is_proven) const {
    if (request.replayed) return flagged(error);
    KeptSender sender;
    sender.headers = request.headers;
    sender.is_proven = is_proven;
    RejectRow reject = reject_of(site.id, request, error);
    reject.sender_json = write_kept_sender(sender);
    reject.body = request.body;
    reject.is_proven = is_proven;
    const auto kept = keep_and_count(parts_.store, site.id, keeps ? &reject : nullptr,
                                     is_proven ? "webhook_rejected" : "webhook_bad_signature");
    // Proven evidence that was not kept must come again.
    if (!kept.ok() && is_proven) return flagged(kept.error());
    return flagged(error);
  }

  Reply keep(const Request& request, const SiteConfig& site, const std::string& provider_name,
             const std::vector<OrderChange>& changes) const {
    InboxEntry entry;
    entry.provider = provider_name;
    entry.received_ms = request.received_ms;
    entry.headers_json = write_headers(request.headers);
    entry.body = request.body;
    if (!changes.empty()) {
      entry.event_key = changes.front().event_key;
      entry.event_type = changes.front().event_type;
      entry.live = changes.front().live;
    }
    const auto result = parts_.orders.receive_webhook(site, std::move(entry), changes);
    if (!result.ok()) return flagged(result.error());
    OrderedJson answer = {{"received", true}, {"result", result.value().result}};
    if (!result.value().order_id.empty()) answer["order_id"] = result.value().order_id;
    const std::string& reason = result.value().reason;
    if (!reason.empty()) answer["reason"] = reason;
    auto reply =
        Reply::json(200, answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
    if (result.value().result == "duplicate")
      reply.header("X-Throughline", "duplicate");
    else if (result.value().result == "ignored" && !reason.empty())
      reply.header("X-Throughline", reason);
    else if (const auto flags = unreadable_flags(changes, site); !flags.empty())
      reply.header("X-Throughline", flags);
    return reply;
  }

  OrderRouteParts parts_;
};

// The address names the site, so its owner can read that something too large came.
void keep_unread_webhook(const OrderRouteParts& parts, const Request& request,
                         const ServerError& error) {
  const auto site = parts.find_site(request.params.at("site"));
  if (site == nullptr || error.code != "body_too_large")
    return parts.unread.add("", "webhook_rejected");
  RejectRow reject = reject_of(site->id, request, error);
  parse_decimal(request.header("content-length"), reject.bytes);
  reject.is_proven = false;
  static_cast<void>(keep_and_count(parts.store, site->id, &reject, "webhook_rejected"));
}

}  // namespace

std::vector<Route> webhook_routes(const OrderRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/webhook/{provider}/{site}";
  route.handler = WebhookHandler(parts);
  route.max_body = kMaxWebhook;
  route.keep_unread = [parts](const Request& request, const ServerError& error) {
    keep_unread_webhook(parts, request, error);
  };
  route.summary = "A payment provider's signed webhook";
  return {std::move(route)};
}

}  // namespace tl::server::http
