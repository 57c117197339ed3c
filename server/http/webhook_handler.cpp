// SPDX-License-Identifier: Apache-2.0
// POST /api/webhook/{provider}/{site}: verifies over the raw bytes, keeps, and only then answers
// 2xx. What cannot be stored answers 503 so that the provider sends again. A signed body that makes
// no sense will make none when it is sent again, so it is kept as a reject and answered with 200;
// of a delivery of several events only those that make none. What no configured secret signed is
// kept and refused: the secret may be missing here. Of what is not signed at all one line a day
// says that it comes, without its body, for anybody can send it. A replay verifies again, as of the
// time of arrival. Of a delivery whose items prove themselves one by one, each is kept or refused
// for itself.
#include "server/core/orders/order_fact.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/rate_limiter.hpp"
#include "server/http/unread_tally.hpp"
#include "server/http/webhook_rejects.hpp"
#include "throughline/text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>
#include <set>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr std::size_t kMaxWebhook = 1024 * 1024;
constexpr int kUnavailable = 503;
// A second, of what anybody could have sent and has to be fetched from the provider.
constexpr std::uint32_t kUnprovenLookups = 5;
constexpr std::uint32_t kReportsAMinute = 5;  // of what comes to no address of ours

Reply flagged(const ServerError& error) {
  return Reply::error(error).header("X-Throughline", error.code);
}

Reply json_reply(const OrderedJson& answer) {
  return Reply::json(200, answer.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
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
  explicit WebhookHandler(OrderRouteParts parts)
      : parts_(std::move(parts)),
        unproven_(std::make_shared<RateLimiter>(kUnprovenLookups, 1000, 10'000)),
        reports_(std::make_shared<RateLimiter>(kReportsAMinute, 60'000, 60'000)) {}

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
    const Endpoint to{*site, *provider, config ? *config : unconfigured};
    if (config != nullptr)
      if (const auto bodies = provider->items_of(request.body); !bodies.empty())
        return take_items(request, to, bodies);
    const auto changes = provider->read(webhook_of(request, *site), to.config, *site);
    if (config == nullptr) {
      const bool keeps = !changes.ok() && has_signature(changes.error());
      return refuse(
          request, to,
          fail(ErrorKind::not_found, "no_such_provider",
               "the site \"" + site_id + "\" has no [site.payment." + provider_name +
                   "] in its configuration; add it and " +
                   (keeps ? "replay this reject"
                          : "let the provider send again: this had no readable signature, so its "
                            "body was not kept")),
          keeps);
    }
    return settle(request, to, changes);
  }

 private:
  struct Endpoint {
    const SiteConfig& site;
    const Provider& provider;
    const PaymentConfig& config;
  };

  [[nodiscard]] WebhookRequest webhook_of(const Request& request, const SiteConfig& site) const {
    WebhookRequest webhook;
    webhook.headers = request.headers;
    webhook.query = request.query;
    webhook.body = request.body;
    webhook.now_ms = request.received_ms;
    if (!request.replayed) return webhook;
    webhook.is_proven = request.replayed->is_proven;
    if (const auto& kept = request.replayed->secret_mac; !kept.empty())
      webhook.was_given = [this, &site, kept](std::string_view secret) {
        return is_secret_of(parts_.box, site.id, secret, kept);
      };
    return webhook;
  }

  // The answer is that of the first item that counted. What may still become right is no success,
  // unless others of the delivery are.
  [[nodiscard]] Reply take_items(const Request& request, const Endpoint& to,
                                 const std::vector<std::string>& bodies) const {
    std::optional<Reply> taken, kept, refused;
    for (const auto& body : bodies) {
      Request item = request;
      item.body = body;
      const auto changes = to.provider.read(webhook_of(item, to.site), to.config, to.site);
      Reply reply = settle(item, to, changes);
      if (reply.status == kUnavailable) return reply;
      const bool is_kept = !changes.ok() && changes.error().kind != ErrorKind::unauthenticated;
      auto& place = changes.ok() ? taken : is_kept ? kept : refused;
      if (!place) place = std::move(reply);
    }
    if (request.replayed && (kept || refused)) return kept ? *kept : *refused;
    if (taken) return *taken;
    return kept ? *kept : *refused;
  }

  // Nobody can say whether it was signed: it is counted, and told now and then, for anybody can
  // send many.
  [[nodiscard]] Reply misaddressed(const Request& request, const SiteConfig* site,
                                   const ServerError& error) const {
    if (request.replayed) return flagged(error);
    parts_.unread.add(site ? site->id : "", "webhook_rejected");
    if (parts_.report_misaddressed && reports_->take("", request.received_ms) == 0)
      parts_.report_misaddressed(request.params.at("provider"), request.params.at("site"));
    return flagged(error);
  }

  [[nodiscard]] Reply settle(const Request& request, const Endpoint& to,
                             const Outcome<std::vector<OrderChange>>& changes) const {
    if (changes.ok()) return take(request, to, changes.value());
    if (changes.error().kind != ErrorKind::unauthenticated) {
      if (request.replayed) return flagged(changes.error());
      return keep_reject(to, proven_reject(to.site.id, request, changes.error(),
                                           given_secret(request, to), event_key(request, to), 0));
    }
    Reply reply = refuse(request, to, changes.error(), has_signature(changes.error()));
    reply.status = to.provider.refusal_status();
    return reply;
  }

  // What did not prove itself.
  [[nodiscard]] Reply refuse(const Request& request, const Endpoint& to, const ServerError& error,
                             bool is_signed) const {
    if (request.replayed) return flagged(error);
    const std::string& site_id = to.site.id;
    RejectRow reject;
    if (is_signed) {
      reject = signed_reject(site_id, request, error, parts_.box, given_secret(request, to));
    } else {
      const bool is_configured = !to.config.provider.empty();
      reject = unsigned_reject(site_id, request, error,
                               is_configured ? request.path : std::string(to.provider.name()));
    }
    static_cast<void>(keep_and_count(parts_.store, site_id, &reject, "webhook_bad_signature"));
    return flagged(error);
  }

  [[nodiscard]] std::string given_secret(const Request& request, const Endpoint& to) const {
    return to.provider.given_secret(webhook_of(request, to.site), to.config);
  }

  [[nodiscard]] std::string event_key(const Request& request, const Endpoint& to) const {
    return to.provider.event_key(webhook_of(request, to.site), to.config);
  }

  // What could not be kept must come again, or is refused.
  [[nodiscard]] Reply keep_reject(const Endpoint& to, const RejectRow& reject) const {
    const auto kept = keep_and_count(parts_.store, to.site.id, &reject, "webhook_rejected");
    if (!kept.ok()) return flagged(kept.error());
    if (!kept.value()) return flagged(invalid(reject.code, reject.message));
    return received(to, {{"received", true}, {"result", "rejected"}, {"reason", reject.code}})
        .header("X-Throughline", reject.code);
  }

  [[nodiscard]] static Reply received(const Endpoint& to, const OrderedJson& answer) {
    if (const auto receipt = to.provider.receipt(); !receipt.empty())
      return Reply::text(200, std::string(receipt));
    return json_reply(answer);
  }

  // What of it makes no sense is kept first: a delivery that is known already is not read again.
  [[nodiscard]] Reply take(const Request& request, const Endpoint& to,
                           const std::vector<OrderChange>& changes) const {
    const auto unread = std::find_if(changes.begin(), changes.end(), [](const auto& change) {
      return change.kind == OrderChange::Kind::unreadable;
    });
    std::optional<Reply> rejected;
    for (auto part = unread; part != changes.end(); ++part) {
      const auto error = invalid(part->reason, part->complaint);
      if (request.replayed) return flagged(error);
      RejectRow reject = proven_reject(to.site.id, request, error, given_secret(request, to),
                                       event_key(request, to), part->place);
      reject.body = part->body;
      rejected = keep_reject(to, reject);
      if (rejected->status == kUnavailable) return *rejected;
    }
    const std::vector<OrderChange> readable(changes.begin(), unread);
    return keep(request, to, readable, rejected);
  }

  // `rejected`: the answer about what of the delivery made no sense, which stands where nothing of
  // the rest counts.
  [[nodiscard]] Reply keep(const Request& request, const Endpoint& to,
                           const std::vector<OrderChange>& changes,
                           const std::optional<Reply>& rejected) const {
    if (const auto wait_ms = wait_of(request, changes); wait_ms > 0) {
      parts_.unread.add(to.site.id, "webhook_rejected");
      return flagged({ErrorKind::limited, "rate_limited",
                      "too many notices without a signature from this address; slow down",
                      wait_ms});
    }
    InboxEntry entry;
    entry.provider = to.config.stored_name();
    entry.received_ms = request.received_ms;
    entry.headers_json = write_headers(headers_without(request.headers, given_secret(request, to)));
    entry.body = request.body;
    if (!changes.empty()) {
      entry.event_key = changes.front().event_key;
      entry.event_type = changes.front().event_type;
      entry.live = changes.front().live;
    }
    // Of an event that was kept alone, the delivery is known.
    if (request.replayed && request.replayed->index > 0)
      entry.event_key += "#" + std::to_string(request.replayed->index);
    const auto result = parts_.orders.receive_webhook(to.site, std::move(entry), changes);
    if (!result.ok()) return flagged(result.error());
    OrderedJson answer = {{"received", true}, {"result", result.value().result}};
    if (!result.value().order_id.empty()) answer["order_id"] = result.value().order_id;
    const std::string& reason = result.value().reason;
    if (!reason.empty()) answer["reason"] = reason;
    auto reply = request.replayed ? json_reply(answer) : received(to, answer);
    if (result.value().result == "ignored" && rejected) return *rejected;
    if (result.value().result == "duplicate")
      reply.header("X-Throughline", "duplicate");
    else if (result.value().result == "ignored" && !reason.empty())
      reply.header("X-Throughline", reason);
    else if (rejected)
      reply.header("X-Throughline", "malformed_body");
    else if (const auto flags = unreadable_flags(changes, to.site); !flags.empty())
      reply.header("X-Throughline", flags);
    return reply;
  }

  // How long an address has to wait with what costs a call to the provider and proves nothing.
  [[nodiscard]] std::int64_t wait_of(const Request& request,
                                     const std::vector<OrderChange>& changes) const {
    const bool is_free = request.replayed || changes.empty() || changes.front().is_proven ||
                         changes.front().kind != OrderChange::Kind::lookup;
    return is_free ? 0 : unproven_->take(request.client_ip, request.received_ms);
  }

  OrderRouteParts parts_;
  std::shared_ptr<RateLimiter> unproven_, reports_;
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
