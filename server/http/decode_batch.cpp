// SPDX-License-Identifier: Apache-2.0
// One function an object of the wire format. A member that is absent or null is not there; a member
// of the wrong type is an error that names it (but DecodedBatch::ignored); unknown members are
// ignored.

#include "server/http/decode_batch.hpp"

#include "server/core/classify/withheld_value.hpp"
#include "server/http/json_reader.hpp"
#include "throughline/channel.hpp"
#include "throughline/text.hpp"
#include "throughline/touch.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t kMaxTimeMs = (std::int64_t{1} << 48) - 1;  // what a UUIDv7 can hold
constexpr std::size_t kMaxNameBytes = 64;
constexpr std::size_t kMaxTitleBytes = 1024;

ServerError bad_field(std::string_view name, std::string_view wanted) {
  return invalid("bad_field", "\"" + std::string(name) + "\" must be " + std::string(wanted));
}

Outcome<void> read(const Json& object, const char* name, std::string& text) {
  const Json* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_string()) return bad_field(name, "a string");
  text = value->get_ref<const std::string&>();
  return {};
}

Outcome<void> read_milliseconds(const Json& object, const char* name, std::string_view meaning,
                                std::int64_t& t_ms) {
  const Json* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_number()) return bad_field(name, "a number of milliseconds");
  const double rough = value->get<double>();
  if (!(rough >= 0) || rough > static_cast<double>(kMaxTimeMs))
    return invalid("bad_time", "\"" + std::string(name) + "\" must be " + std::string(meaning));
  t_ms = value->is_number_integer() ? value->get<std::int64_t>() : static_cast<std::int64_t>(rough);
  return {};
}

Outcome<void> read_time(const Json& object, const char* name, std::int64_t& t_ms) {
  return read_milliseconds(object, name, "UTC milliseconds as Date.now() gives them", t_ms);
}

Outcome<void> read_count(const Json& object, const char* name, std::uint32_t& count) {
  const Json* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_number_unsigned() || value->get<std::uint64_t>() > UINT32_MAX)
    return bad_field(name, "a whole number from 0");
  count = value->get<std::uint32_t>();
  return {};
}

template <class Parse>
Outcome<void> read_id(const Json& object, const char* name, std::optional<Id128>& id,
                      Parse&& parse) {
  const Json* value = member(object, name);
  if (value == nullptr) return {};
  if (value->is_string()) {
    const Result<Id128> parsed = parse(value->get_ref<const std::string&>());
    if (parsed.ok()) {
      id = parsed.value();
      return {};
    }
  }
  return invalid("bad_uuid", "\"" + std::string(name) +
                                 "\" is no id: ids are dashed UUIDs, a page nonce 32 hex digits");
}

Outcome<void> read_texts(const Json& object, const char* name,
                         std::optional<std::map<std::string, std::string>>& texts) {
  const Json* value = member(object, name);
  if (value == nullptr) return {};
  if (!value->is_object()) return bad_field(name, "an object of strings");
  texts.emplace();
  for (const auto& [key, text] : value->items()) {
    if (!text.is_string()) return bad_field(name, "an object of strings");
    texts->emplace(key, text.get_ref<const std::string&>());
  }
  return {};
}

Choice choice_of(const Json& object, const char* name, const char* long_name) {
  const Json* value = member(object, name);
  if (value == nullptr) value = member(object, long_name);
  if (value == nullptr) return Choice::unknown;
  if (value->is_boolean()) return value->get<bool>() ? Choice::granted : Choice::denied;
  if (value->is_number_integer()) return *value == 1 ? Choice::granted : Choice::denied;
  return Choice::denied;  // a text is no consent
}

Outcome<void> read_previous(const Json& object, SessionState& state) {
  const Json* previous = member(object, "prev");
  if (previous == nullptr) return {};
  if (!previous->is_object()) return bad_field("prev", "an object");
  std::optional<Id128> aid, sid;
  TL_CHECK(read_id(*previous, "aid", aid, parse_uuid));
  TL_CHECK(read_id(*previous, "sid", sid, parse_uuid));
  TL_CHECK(read_time(*previous, "start", state.start_ms));
  TL_CHECK(read_time(*previous, "last", state.last_ms));
  TL_CHECK(read_count(*previous, "idx", state.index));
  std::string fingerprint;
  TL_CHECK(read(*previous, "th", fingerprint));
  if (!fingerprint.empty() && !parse_decimal(fingerprint, state.touch_fingerprint))
    return bad_field("th", "a whole number as text");
  state.anonymous_id = aid.value_or(Id128{});
  // A session without its visitor proves nothing.
  state.session_id = aid ? sid.value_or(Id128{}) : Id128{};
  return {};
}

// Whether it could be read, or has to be done without.
bool tolerate(const Outcome<void>& read, const char* name, std::vector<std::string>& ignored) {
  if (!read.ok() && std::find(ignored.begin(), ignored.end(), name) == ignored.end())
    ignored.emplace_back(name);
  return read.ok();
}

Outcome<void> read_evidence(const Json& object, WireEvent& event,
                            std::vector<std::string>& ignored) {
  const Json* evidence = member(object, "ev");
  if (evidence == nullptr) return {};
  if (!evidence->is_object()) return bad_field("ev", "an object");
  event.has_evidence = true;
  TL_CHECK(read(*evidence, "u", event.url));
  TL_CHECK(read(*evidence, "r", event.referrer));
  TL_CHECK(read(*evidence, "ti", event.title));
  event.title = cut_utf8(event.title, kMaxTitleBytes);
  std::uint32_t navigation = 0;
  TL_CHECK(read_count(*evidence, "nt", navigation));
  if (navigation > 3) return bad_field("nt", "0 to 3");
  event.navigation = static_cast<Navigation>(navigation);
  TL_CHECK(read_time(*evidence, "ct", event.consent_t_ms));
  TL_CHECK(read_texts(*evidence, "cm", event.campaign));
  // To the page's core, too, a state that cannot be read is none.
  if (!tolerate(read_previous(*evidence, event.previous), "prev", ignored)) event.previous = {};
  return {};
}

// Names of click ids say what kind of click it was, and nothing of whose.
Outcome<void> read_click_names(const Json& object, Touch& touch) {
  const Json* names = member(object, "cl");
  if (names == nullptr) return {};
  if (!names->is_array()) return bad_field("cl", "an array of parameter names");
  for (const Json& name : *names) {
    const Param param = name.is_string() ? param_of(name.get_ref<const std::string&>()) : Param{};
    if (is_click_id(param) && touch.click_id_count < touch.click_ids.size())
      touch.click_ids[touch.click_id_count++] = {param, kWithheldValue};
  }
  return {};
}

Outcome<WireEvent> read_event(const Json& object, bool has_nonce,
                              std::vector<std::string>& ignored) {
  if (!object.is_object()) return bad_field("e", "an array of objects");
  WireEvent event;
  TL_CHECK(read(object, "n", event.name));
  if (!is_event_name(event.name))
    return invalid("bad_event_name",
                   "\"n\" must be 1 to 64 letters, digits, blanks and _ . : - (for example "
                   "video_progress)");
  TL_CHECK(read_id(object, "id", event.event_id, parse_uuid));
  TL_CHECK(read_id(object, "aid", event.anonymous_id, parse_uuid));
  TL_CHECK(read_id(object, "sid", event.session_id, parse_uuid));
  TL_CHECK(read_id(object, "pn", event.page_nonce, parse_hex128));
  TL_CHECK(read_count(object, "seq", event.seq));
  if (event.seq == 0) return invalid("bad_sequence", "\"seq\" must count the page's events from 1");
  TL_CHECK(read_time(object, "t", event.t_ms));
  if (event.t_ms == 0) return invalid("bad_time", "\"t\" must be the event's UTC milliseconds");
  if (!has_nonce && !event.page_nonce)
    return invalid("missing_nonce",
                   "\"pn\" must be 16 random bytes of the page load as 32 hex digits, in the batch "
                   "or in the event");
  TL_CHECK(read(object, "why", event.why));
  SessionReason why = SessionReason::none;
  if (!event.why.empty() && !parse_reason(event.why, why))
    return bad_field("why", "first, same, timeout, campaign, clock or consent");
  if (const Json* consent = member(object, "c")) {
    event.consent = read_consent(*consent);
    event.refuses_storage = refuses_storage(*consent);
  }
  TL_CHECK(read_evidence(object, event, ignored));
  TL_CHECK(read_texts(object, "touch", event.touch));
  TL_TRY(anonymous, read_coarse_facts(object));
  event.anonymous = std::move(anonymous);
  if (const Json* props = member(object, "p")) {
    TL_TRY(text, read_props(*props));
    event.props = std::move(text);
  }
  return event;
}

Outcome<void> read_rules(const Json& object, std::optional<SessionRules>& rules) {
  const Json* value = member(object, "ru");
  if (value == nullptr) return {};
  if (!value->is_object()) return bad_field("ru", "an object");
  rules.emplace();
  constexpr std::string_view kDuration = "a duration in milliseconds from 0";
  TL_CHECK(read_milliseconds(*value, "to", kDuration, rules->timeout_ms));
  TL_CHECK(read_milliseconds(*value, "mx", kDuration, rules->max_ms));
  std::uint32_t rotates = 1;
  TL_CHECK(read_count(*value, "rc", rotates));
  rules->rotate_on_campaign = rotates != 0;
  return {};
}

Outcome<void> read_batch(const Json& body, DecodedBatch& decoded) {
  WireBatch& batch = decoded.batch;
  std::uint32_t version = 1;
  TL_CHECK(read_count(body, "v", version));
  if (version != 1)
    return invalid("bad_version", "\"v\" is " + std::to_string(version) +
                                      "; this server reads version 1 of the wire format");
  TL_CHECK(read(body, "site", batch.site_id));
  TL_CHECK(read(body, "key", decoded.key));
  TL_CHECK(read_count(body, "rv", batch.rules_version));
  if (batch.rules_version > UINT16_MAX) return bad_field("rv", "at most 65535");
  auto& ignored = decoded.ignored;
  if (!tolerate(read_time(body, "sent", batch.sent_ms), "sent", ignored)) batch.sent_ms = 0;
  tolerate(read(body, "tok", batch.token), "tok", ignored);
  tolerate(read_id(body, "pf", batch.first_nonce, parse_hex128), "pf", ignored);
  std::uint32_t is_reset = 0;
  // Something says that the cookies are another visitor's: they are done without, too.
  batch.is_reset = !tolerate(read_count(body, "rs", is_reset), "rs", ignored) || is_reset != 0;
  if (!tolerate(read_rules(body, batch.rules), "ru", ignored)) batch.rules.reset();
  const Json& cookies = object_at(body, "ck");
  for (const auto& cookie : kVendorCookies)
    batch.cookies.*cookie.value = text_at(cookies, cookie.name);
  return {};
}

}  // namespace

bool is_event_name(std::string_view name) {
  for (const char c : name)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
          c == ' ' || c == '.' || c == ':' || c == '-'))
      return false;
  return !name.empty() && name.size() <= kMaxNameBytes;
}

Consent read_consent(const Json& object) {
  Consent consent;
  if (!object.is_object()) return consent;
  consent.storage = choice_of(object, "s", "storage");
  consent.marketing = choice_of(object, "m", "marketing");
  consent.ad_personalisation = choice_of(object, "p", "ad_personalisation");
  consent.opted_out_of_sale = choice_of(object, "o", "opted_out_of_sale") == Choice::granted;
  return consent;
}

bool refuses_storage(const Json& object) {
  if (!object.is_object()) return false;
  const Json* value = member(object, "s");
  if (value == nullptr) value = member(object, "storage");
  return value != nullptr && (*value == false || *value == 0);
}

Outcome<Consent> read_strict_consent(const Json& object) {
  if (!object.is_object())
    return invalid("bad_consent",
                   "\"consent\" must be {\"storage\":…,\"marketing\":…} with true, false or null");
  for (const char* name :
       {"s", "storage", "m", "marketing", "p", "ad_personalisation", "o", "opted_out_of_sale"}) {
    const Json* value = member(object, name);
    if (value == nullptr || value->is_boolean()) continue;
    if (!value->is_number_integer() || (*value != 0 && *value != 1))
      return invalid("bad_consent",
                     "\"consent." + std::string(name) + "\" must be true, false or null");
  }
  return read_consent(object);
}

Outcome<std::string> read_props(const Json& props) {
  if (!props.is_object()) return bad_field("p", "an object");
  if (depth_of(props) > kMaxPropsDepth)
    return fail(ErrorKind::too_large, "props_too_deep",
                "the properties nest deeper than " + std::to_string(kMaxPropsDepth) + " levels");
  if (props.empty()) return std::string();
  std::string text = json_text(props);
  if (text.size() > kMaxPropsBytes)
    return fail(ErrorKind::too_large, "props_too_large",
                "the properties have " + std::to_string(text.size()) + " bytes as JSON; at most " +
                    std::to_string(kMaxPropsBytes) + " are kept with one event");
  return text;
}

// The page says only what many share; its channel is told here, by the whole list of sources.
Outcome<std::optional<WireAnonymous>> read_coarse_facts(const Json& object) {
  const Json* value = member(object, "an");
  if (value == nullptr) return std::optional<WireAnonymous>();
  if (!value->is_object()) return bad_field("an", "an object");
  std::optional<WireAnonymous> anonymous(std::in_place);
  TL_CHECK(read(*value, "source", anonymous->source));
  TL_CHECK(read(*value, "medium", anonymous->medium));
  TL_CHECK(read(*value, "campaign", anonymous->campaign));
  TL_CHECK(read(*value, "ref", anonymous->referrer_domain));
  TL_CHECK(read(*value, "path", anonymous->path));
  std::uint32_t is_internal = 0;
  TL_CHECK(read_count(*value, "in", is_internal));
  Touch touch;
  TL_CHECK(read_click_names(*value, touch));
  touch.source = anonymous->source;
  touch.medium = anonymous->medium;
  touch.campaign = anonymous->campaign;
  touch.referrer_host = anonymous->referrer_domain;
  touch.landing_path = anonymous->path;
  touch.is_internal = is_internal != 0;
  std::string buffer(kTouchArenaBytes, '\0');
  Out arena(buffer.data(), buffer.size());
  anonymous->channel = channel_name(classify(touch, all_hosts(), arena).channel);
  return anonymous;
}

Outcome<DecodedBatch> decode_batch(std::string_view text) {
  TL_TRY(parsed, read_json_object(text));
  // Shared with text_of(), which is asked for only when an event is refused.
  const auto body = std::make_shared<const Json>(std::move(parsed));
  DecodedBatch decoded;
  TL_CHECK(read_batch(*body, decoded));
  std::optional<Id128> nonce;
  TL_CHECK(read_id(*body, "pn", nonce, parse_hex128));
  decoded.batch.page_nonce = nonce.value_or(Id128{});

  const Json* events = member(*body, "e");
  if (events == nullptr || !events->is_array() || events->empty())
    return bad_field("e", "an array of at least one event");
  if (events->size() > kMaxEvents)
    return fail(ErrorKind::too_large, "too_many_events",
                "the batch has " + std::to_string(events->size()) + " events; send at most " +
                    std::to_string(kMaxEvents) + " at once");
  decoded.batch.text_of = [body](std::uint32_t index) {
    Json alone = *body;
    alone["e"] = Json::array({(*body)["e"][index]});
    return json_text(alone);
  };
  decoded.batch.events.reserve(events->size());
  for (std::uint32_t index = 0; index < events->size(); ++index) {
    auto event = read_event((*events)[index], nonce.has_value(), decoded.ignored);
    if (!event.ok()) {
      decoded.refused.push_back({index, event.error().code,
                                 "event " + std::to_string(index) + ": " + event.error().detail,
                                 decoded.batch.text_of(index)});
      continue;
    }
    decoded.batch.events.push_back(std::move(event).value());
    decoded.batch.events.back().index = index;
  }
  return decoded;
}

ClaimedKey claimed_key(std::string_view body) {
  const auto find = [body](std::string_view name) -> std::string {
    const std::string quoted = "\"" + std::string(name) + "\"";
    std::size_t at = body.find(quoted);
    if (at == std::string_view::npos) return {};
    at = body.find_first_not_of(" \t\r\n:", at + quoted.size());
    if (at == std::string_view::npos || body[at] != '"') return {};
    const std::size_t end = body.find('"', at + 1);
    return end == std::string_view::npos ? std::string()
                                         : std::string(body.substr(at + 1, end - at - 1));
  };
  std::string key = find("key");
  if (key.empty()) key = find("write_key");
  return {find("site"), std::move(key)};
}

}  // namespace tl::server::http
