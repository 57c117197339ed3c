// SPDX-License-Identifier: Apache-2.0
// The intakes know nothing of the feed: what a request became is read from its answer and, for kept
// events, from the store, by the session and the time of arrival.

#include "server/http/live_handler.hpp"

#include "server/core/ingest/touch_json.hpp"
#include "server/core/text/rfc3339.hpp"
#include "server/http/form_fields.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/session_json.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <atomic>

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

constexpr int kMaxStreams = 64;
constexpr std::int64_t kBeatMs = 15'000, kStreamMs = 10 * 60'000;
constexpr std::uint32_t kMaxLiveEvents = 10'000;

constexpr std::array<std::string_view, 10> kIntakes = {"/api/events",
                                                       "/api/touch",
                                                       "/api/tracking/marketing-touch",
                                                       "/track/events",
                                                       "/px.gif",
                                                       "/api/identify",
                                                       "/api/consent",
                                                       "/api/webhook/{provider}/{site}",
                                                       "/api/conversions",
                                                       "/api/webhook/lead"};

std::string site_of(const Request& request, const nlohmann::json& body) {
  if (const auto param = request.params.find("site"); param != request.params.end())
    return param->second;
  if (auto site = site_claim_of(body, request).site; !site.empty()) return site;
  return std::string(request.query_value("site"));
}

struct Watched {
  const LiveParts& parts;
  std::string site_id;
  std::int64_t received_ms;

  void tell(const OrderedJson& entry) const {
    OrderedJson head = {{"t", write_rfc3339(received_ms)}};
    head.update(entry);
    parts.feed.publish(site_id, head.dump(-1, ' ', false, OrderedJson::error_handler_t::replace));
  }
};

// The events of that session that arrived in this request.
void tell_kept(const Watched& watched, std::string_view session_text) {
  const auto session = parse_uuid(session_text);
  if (!session.ok()) return;
  std::vector<OrderedJson> entries;
  const auto read = watched.parts.store.read([&](Tables& tables) -> Outcome<void> {
    entries.clear();
    TL_TRY(events,
           tables.events().events_of_session(watched.site_id, session.value(), kMaxLiveEvents));
    for (const auto& event : events) {
      if (event.received_ms != watched.received_ms) continue;
      OrderedJson entry = event_item(event);
      entry["kind"] = "event";
      entry["session_id"] = std::string(session_text);
      entry.erase("t");
      entry.erase("props");
      TL_TRY(touch, tables.events().find_touch(watched.site_id, session.value(), event.id));
      if (touch) entry["touch"] = touch_item(*touch);
      entries.push_back(std::move(entry));
    }
    return {};
  });
  if (!read.ok()) return;
  for (const auto& entry : entries) watched.tell(entry);
}

void tell_batch(const Watched& watched, const nlohmann::json& body, const nlohmann::json& answer) {
  const auto sent = body.find("e");
  if (sent == body.end() || !sent->is_array()) return;
  if (const auto refused = answer.find("rejected"); refused != answer.end())
    for (const auto& entry : *refused) {
      const auto index = entry.value("index", std::size_t{0});
      watched.tell({{"kind", "event"},
                    {"name", index < sent->size() ? text_at((*sent)[index], "n") : ""},
                    {"verdict", "rejected"},
                    {"code", text_at(entry, "code")}});
    }
  if (const auto repeated = answer.value("duplicate", 0); repeated > 0)
    watched.tell({{"kind", "event"},
                  {"name", std::to_string(repeated) + (repeated == 1 ? " event" : " events")},
                  {"verdict", "duplicate"},
                  {"code", "duplicate"}});
  for (const auto& event : *sent)
    if (event.is_object() && event.contains("an"))
      watched.tell({{"kind", "event"},
                    {"name", text_at(event, "n")},
                    {"verdict", "counted"},
                    {"code", "no_consent"},
                    {"channel", text_at(object_at(event, "an"), "ch")},
                    {"url", text_at(object_at(event, "an"), "path")}});
}

void tell_refusal(const Watched& watched, const Request& request, const nlohmann::json& answer) {
  const auto& error = object_at(answer, "error");
  watched.tell({{"kind", "refusal"},
                {"name", request.method + " " + request.path},
                {"verdict", "rejected"},
                {"code", text_at(error, "code")},
                {"message", text_at(error, "message")}});
}

bool is_flagged(const Reply& reply, std::string_view code) {
  return std::any_of(reply.headers.begin(), reply.headers.end(), [&](const auto& header) {
    return header.first == "X-Throughline" && contains(header.second, code);
  });
}

void tell(const LiveParts& parts, const Request& request, const Reply& reply) {
  const auto read = read_fields(request);
  const auto body = read.ok() ? read.value() : nlohmann::json::object();
  const auto site_id = site_of(request, body);
  if (site_id.empty() || !parts.feed.is_watched(site_id)) return;
  auto answer = nlohmann::json::parse(reply.body, nullptr, false);
  if (!answer.is_object()) answer = nlohmann::json::object();
  const Watched watched{parts, site_id, request.received_ms};
  if (reply.status >= 400) return tell_refusal(watched, request, answer);
  if (request.path == "/api/events") tell_batch(watched, body, answer);
  if (request.path.starts_with("/api/webhook/") && request.params.contains("provider"))
    return watched.tell({{"kind", "webhook"},
                         {"name", request.params.at("provider")},
                         {"verdict", text_at(answer, "result")},
                         {"order_id", text_at(answer, "order_id")}});
  if (request.path == "/api/conversions")
    return watched.tell({{"kind", "conversion"},
                         {"name", text_at(body, "kind")},
                         {"verdict", answer.value("duplicate", false) ? "duplicate" : "accepted"},
                         {"order_id", text_at(answer, "order_id")}});
  if (request.path == "/api/webhook/lead")
    return watched.tell({{"kind", "conversion"},
                         {"name", answer.value("stage", "lead")},
                         {"verdict", is_flagged(reply, "honeypot")      ? "rejected"
                                     : answer.value("duplicate", false) ? "duplicate"
                                                                        : "accepted"},
                         {"order_id", text_at(answer, "lead_id")}});
  if (request.path == "/api/identify" || request.path == "/api/consent")
    return watched.tell({{"kind", request.path.substr(5)},
                         {"name", request.path.substr(5)},
                         {"verdict", "accepted"}});
  tell_kept(watched, text_at(answer, "session_id"));
}

// Ends by itself after ten minutes; the browser comes back with Last-Event-ID. Whoever was away for
// too long is told of the gap.
void stream(const LiveParts& parts, const std::string& site_id, std::uint64_t after,
            const StreamWriter& write) {
  if (!write("retry: 1000\n: watching\n\n")) return;
  if (const auto gone = parts.feed.gap_after(site_id, after); after > 0 && gone) {
    if (!write("id: " + std::to_string(*gone) + "\nevent: gap\ndata: {}\n\n")) return;
    after = *gone;
  }
  for (std::int64_t left_ms = kStreamMs; left_ms > 0 && !parts.feed.is_closed();
       left_ms -= kBeatMs) {
    const auto entries = parts.feed.wait(site_id, after, kBeatMs);
    std::string text;
    for (const auto& entry : entries) {
      text += "id: " + std::to_string(entry.number) + "\ndata: " + entry.json + "\n\n";
      after = entry.number;
    }
    if (text.empty()) text = ": beat\n\n";
    if (!write(text)) return;
  }
}

Reply open_stream(const LiveParts& parts, std::shared_ptr<std::atomic<int>> running,
                  const Request& request) {
  const auto site_id = parts.authorise(request, "read");
  if (!site_id.ok()) return Reply::error(site_id.error());
  if (running->load() >= kMaxStreams)
    return Reply::error({ErrorKind::limited, "too_many_streams",
                         "64 people watch already; close a window and try again.", 5'000});
  std::int64_t after = 0;
  if (!parse_decimal(request.header("last-event-id"), after) &&
      !parse_decimal(request.query_value("after"), after))
    after = 0;
  parts.feed.wait(site_id.value(), 0, 0);  // from now on
  Reply reply = Reply::text(200, "", "text/event-stream; charset=utf-8");
  reply.header("Cache-Control", "no-store");
  reply.header("X-Accel-Buffering", "no");
  reply.stream = [parts, running = std::move(running), site_id = site_id.value(),
                  after = static_cast<std::uint64_t>(after)](const StreamWriter& write) {
    ++*running;
    stream(parts, site_id, after, write);
    --*running;
    return true;
  };
  return reply;
}

}  // namespace

std::vector<Route> live_routes(const LiveParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/live";
  route.summary = "Server-sent events: what arrives, with verdict and reason";
  route.handler = [parts, running = std::make_shared<std::atomic<int>>(0)](const Request& request) {
    return open_stream(parts, running, request);
  };
  return {std::move(route)};
}

void watch_intakes(std::vector<Route>& routes, const LiveParts& parts) {
  for (auto& route : routes) {
    const bool is_intake =
        std::find(kIntakes.begin(), kIntakes.end(), route.pattern) != kIntakes.end();
    if (!is_intake || (route.method == "GET" && route.pattern != "/px.gif")) continue;
    route.handler = [handler = std::move(route.handler), parts](const Request& request) {
      auto reply = handler(request);
      if (parts.feed.is_anybody_there()) tell(parts, request, reply);
      return reply;
    };
  }
}

}  // namespace tl::server::http
