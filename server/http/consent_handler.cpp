// SPDX-License-Identifier: Apache-2.0
// POST /api/consent: records a choice and its receipt. Taking consent back (or changing what is on
// record) for an anonymous id needs that visitor's token; a refusal before there is any id needs
// none. Withdrawal withholds what is queued, deletes the contexts and the cookies.

#include "server/core/durations.hpp"
#include "server/core/ingest/consent_change.hpp"
#include "server/core/ingest/plausible_time.hpp"
#include "server/core/ingest/said_choices.hpp"
#include "server/http/decode_batch.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/unread_tally.hpp"
#include "server/http/visitor_cookies.hpp"

#include <algorithm>
#include <utility>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kMaxWordBytes = 64;
constexpr std::size_t kMaxConsentString = 4096;
constexpr std::int64_t kMostAheadMs = 48 * kHourMs;       // of a clock that tells what came first
constexpr std::string_view kByRegion = "region_default";  // what platforms/follow.ts calls it

struct Choosing {
  Consent said;     // what the receipt proves
  Consent consent;  // what holds: with the site's default
  std::optional<Id128> anonymous_id;
  bool is_proven = false;  // by the visitor's token
  std::string platform, text_version, consent_string;
  bool is_implied = false;  // nobody chose: a platform's default, a country's
  bool is_again = false;    // a withdrawal that an earlier page told, and heard no answer to
  // The receipt tells the page's time; which choice is the newest goes by arrival, for a page's
  // clock that is behind must not make a withdrawal look old. But a yes from before a no stays so,
  // and a no that certainly waited while a yes was said.
  std::int64_t t_ms = 0, received_ms = 0;
  SaidTime said_at;  // as the page says it, 0 when it does not; sent at once where it says no more
  bool tells_wait = false;
};

// TCF and GPP strings are base64url with separators; cut or in other words they would prove
// nothing.
std::string read_consent_string(const Json& body) {
  auto text = text_at(body, "consent_string");
  const bool is_one =
      text.size() <= kMaxConsentString && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_' || c == '.' || c == '~';
      });
  return is_one ? text : std::string();
}

// Whether the choice was made by no act of the visitor; absent means that it was.
Outcome<bool> read_is_implied(const Json& body) {
  const auto basis = body.find("basis");
  if (basis == body.end() || *basis == "explicit") return text_at(body, "platform") == kByRegion;
  if (*basis == "implied") return true;
  return invalid("bad_consent", "\"basis\" must be \"explicit\" or \"implied\"");
}

Outcome<Choosing> read_choice(const IngestServices& services, const SiteConfig& site,
                              const Json& body, const Request& request) {
  Choosing choosing;
  TL_TRY(consent, read_strict_consent(body.value("consent", Json())));
  choosing.said = consent;
  choosing.said.opted_out_of_sale |= says_opt_out(site, request);
  choosing.consent = with_default(choosing.said, site.consent_default);
  TL_TRY(is_implied, read_is_implied(body));
  choosing.is_implied = is_implied;
  choosing.is_again = body.value("again", Json()) == 1;
  choosing.platform = text_at(body, "platform").substr(0, kMaxWordBytes);
  choosing.text_version = text_at(body, "text_version").substr(0, kMaxWordBytes);
  choosing.consent_string = read_consent_string(body);
  const auto t = body.find("t");
  choosing.t_ms = choosing.received_ms = request.received_ms;
  if (t != body.end() && t->is_number_integer() && *t >= kEarliestTimeMs) {
    const std::int64_t latest_ms = request.received_ms + kMostAheadMs;
    const auto sent = body.find("sent");
    choosing.tells_wait = sent != body.end() && sent->is_number_integer() &&
                          *sent >= kEarliestTimeMs && *sent <= latest_ms;
    const auto sent_ms = choosing.tells_wait ? sent->get<std::int64_t>() : latest_ms;
    const auto said_ms = std::min(t->get<std::int64_t>(), sent_ms);
    choosing.said_at = {said_ms, choosing.tells_wait ? sent_ms : said_ms, request.received_ms};
    choosing.t_ms = std::min(said_ms, request.received_ms);
  }

  const std::string said = text_at(body, "anonymous_id");
  if (!said.empty()) {
    const auto id = parse_uuid(said);
    if (!id.ok()) return invalid("bad_uuid", "\"anonymous_id\" must be a dashed UUID");
    choosing.anonymous_id = id.value();
  }
  const std::string token = token_of(services.tokens, site, body, request);
  if (token.empty()) return choosing;
  const auto checked = services.tokens.check(token, site.id);
  if (!checked.ok()) return checked.error();
  // A refusal is the browser's: its cookie says whose, where what the page says proves nobody.
  const bool is_cookies = token != text_at(body, "token") && !permits_ids(choosing.consent);
  if (!choosing.anonymous_id || is_cookies) choosing.anonymous_id = checked.value().anonymous_id;
  choosing.is_proven = *choosing.anonymous_id == checked.value().anonymous_id;
  return choosing;
}

// `held`: what the receipt before this one proves, or, without one, what is on record. What the
// page's events bring alone was not given: they may bring a choice before it is told here.
const char* receipt_event(const Consent& held, bool was_told, const Consent& now, bool is_implied) {
  const bool had = permits_ids(held);
  if (had && !permits_ids(now)) return "withdrawn";
  if (had && permits_marketing(held) && !permits_marketing(now)) return "withdrawn";
  if (!permits_ids(now)) return "denied";
  if (is_implied) return "implied";
  return had && was_told ? "updated" : "given";
}

// A withdrawal told again is known by its visitor's record, or by the absence of the cookie that
// proved the first telling, which the answer to it took.
bool is_known(const Choosing& choosing, const std::optional<ConsentRecord>& before) {
  if (!choosing.is_again || permits_ids(choosing.consent)) return false;
  return !choosing.anonymous_id || (before && before->consent == choosing.consent);
}

// Said before what is on record, but told after it.
bool is_late(const Choosing& choosing, const std::optional<ConsentRecord>& before) {
  return before && before->said_ms > 0 && choosing.said_at.said_ms > 0 &&
         said_after_ms(choosing.said_at, *before) < 0;
}

// The very statement that a receipt proves: the page heard no answer, or two of its tabs have kept
// it.
bool is_told_again(const Choosing& choosing, const ConsentReceipt& receipt) {
  return choosing.is_proven && choosing.said_at.said_ms > 0 &&
         receipt.t_ms == choosing.said_at.said_ms && receipt.consent == choosing.said &&
         receipt.platform == choosing.platform && receipt.text_version == choosing.text_version;
}

// Takes the id away where there is nothing to prove once more.
Outcome<void> keep_choice(Tables& tables, const SiteConfig& site, const Choosing& choosing,
                          const std::vector<EventLane>& lanes, std::optional<Id128>& receipt_id) {
  std::optional<ConsentRecord> before;
  std::vector<NumberedReceipt> receipts;
  const auto& id = choosing.anonymous_id;
  if (id) {
    TL_TRY(found, tables.people().find_consent(site.id, *id));
    before = found;
    TL_TRY(said, receipts_as_said(tables, site.id, *id));
    receipts = std::move(said);
  }
  if (before && !choosing.is_proven && !(before->consent == choosing.consent))
    return fail(ErrorKind::unauthenticated, "missing_token",
                "changing a recorded choice needs the token of that visitor's session");
  Consent held = before ? before->consent : Consent{};
  bool was_told = false;
  for (const NumberedReceipt& row : receipts) {
    if (is_told_again(choosing, row.receipt)) {
      receipt_id = row.receipt.id;
      return {};
    }
    // What events stated has the server's time.
    const bool is_stated = row.receipt.event == kStatedReceipt;
    if (is_stated ? was_told : row.receipt.t_ms > choosing.t_ms) continue;
    held = with_default(row.receipt.consent, site.consent_default);
    was_told |= !is_stated;
  }
  if (is_known(choosing, before)) {
    receipt_id.reset();
    return {};
  }
  ConsentReceipt receipt;
  receipt.id = *receipt_id;
  // Without consent there is no id: only a withdrawal names the one it ends.
  if (permits_ids(choosing.consent) || before) receipt.anonymous_id = id;
  receipt.t_ms = choosing.t_ms;
  receipt.event = receipt_event(held, was_told, choosing.consent, choosing.is_implied);
  receipt.consent = choosing.said;
  receipt.is_implied = choosing.is_implied;
  receipt.platform = choosing.platform;
  receipt.text_version = choosing.text_version;
  receipt.consent_string = choosing.consent_string;
  TL_CHECK(tables.people().append_receipt(site.id, receipt));
  TL_CHECK(tables.operations().count(site.id, "accepted", 1));
  if (!receipt.anonymous_id) return {};

  ConsentRecord record{choosing.consent, choosing.received_ms, choosing.said_at.said_ms};
  const bool was_said_earlier = is_late(choosing, before);
  if (was_said_earlier) {
    record.consent = stricter(before->consent, choosing.consent);
    if (record.consent == before->consent) return {};
    if (!(record.consent == choosing.consent)) record.said_ms = before->said_ms;
  }
  TL_CHECK(choosing.is_proven ? apply_choice(tables, site, *id, record, lanes)
                              : put_choice(tables, site, *id, record, lanes));
  // What it takes back is taken back, and the later choice holds from here on.
  if (!was_said_earlier || !choosing.tells_wait || choosing.said_at.corrected_ms() >= before->t_ms)
    return {};
  return put_choice(tables, site, *id, {before->consent, record.t_ms, before->said_ms}, lanes);
}

Reply take_consent(const IngestRouteParts& parts, const Request& request) {
  const IngestServices& services = parts.ingest.services();
  KeyedBody body;
  if (auto refused = read_keyed_body(parts.ingest, request, body)) return std::move(*refused);
  const SitePointer& site = body.site;
  auto choosing = read_choice(services, *site, body.fields, request);
  if (!choosing.ok()) return refuse(parts.ingest, request, site, choosing.error());

  Digest random{};
  services.entropy.fill(random.data(), random.size());
  std::optional<Id128> receipt_id = uuid_v7(request.received_ms, random);
  const auto lanes = services.find_lanes(site->id);
  const auto written = services.store.write([&](Tables& tables) {
    return keep_choice(tables, *site, choosing.value(), *lanes, receipt_id);
  });
  if (!written.ok()) return refuse(parts.ingest, request, site, written.error());

  char buffer[36];
  Out id(buffer, sizeof buffer);
  if (receipt_id) write_uuid(*receipt_id, id);
  const std::string told = receipt_id ? '"' + std::string(id.view()) + '"' : "null";
  Reply reply = Reply::json(200, "{\"receipt_id\":" + told + "}");
  if (!permits_ids(choosing.value().consent) && is_own_site(request, parts.public_url))
    clear_cookies(services.tokens, *site, request, reply);
  return reply;
}

}  // namespace

std::vector<Route> consent_routes(const IngestRouteParts& parts) {
  Route route;
  route.method = "POST";
  route.pattern = "/api/consent";
  route.cors = Cors::any_site;
  route.summary = "Records a choice and its receipt; withdrawal needs the token";
  route.handler = [parts](const Request& request) { return take_consent(parts, request); };
  route.keep_unread = parts.unread.counting("rejected");
  return {route};
}

}  // namespace tl::server::http
