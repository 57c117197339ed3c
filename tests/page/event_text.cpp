// SPDX-License-Identifier: Apache-2.0
// The event's wire form (api.md section 4). Everything that decide() reads is in it, so that the
// server can rebuild Evidence and SessionState from the text alone.
#include "page/event_text.hpp"

#include "throughline/json_writer.hpp"
#include "throughline/text.hpp"

namespace tl {
namespace {

constexpr std::int64_t kHourMs = 60 * 60 * 1000;

// An object's members; what is absent is left out.
class Members {
 public:
  explicit Members(Out& out) : out_(out), json_(out) {}

  void open(std::string_view name) {
    if (!name.empty()) json_.key(name);
    json_.open_object();
  }
  void close() { json_.close_object(); }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json_.key(name);
    json_.string(value);
  }
  void number(std::string_view name, std::int64_t value) {
    json_.key(name);
    json_.number(value);
  }
  void id(std::string_view name, const Id128& id) {
    if (id.is_nil()) return;
    char buffer[36];
    Out uuid(buffer, sizeof buffer);
    write_uuid(id, uuid);
    text(name, uuid.view());
  }
  void raw(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    json_.key(name);
    json_.raw(value);
  }
  void touch(std::string_view name, const Touch& touch) {
    json_.key(name);
    json_.raw({});
    write_touch(touch, out_);
  }

 private:
  Out& out_;
  JsonWriter json_;
};

void write_consent(const Consent& consent, Members& json) {
  json.open("c");
  const Choice choices[] = {consent.storage, consent.marketing, consent.ad_personalisation};
  for (std::uint32_t i = 0; i < 3; ++i) {
    if (choices[i] == Choice::unknown) continue;
    json.number(word_at("s|m|p", i), choices[i] == Choice::granted ? 1 : 0);
  }
  if (consent.opted_out_of_sale) json.number("o", 1);
  json.close();
}

void write_previous(const SessionState& state, Members& json) {
  if (state.anonymous_id.is_nil() && state.session_id.is_nil()) return;
  json.open("prev");
  json.id("aid", state.anonymous_id);
  if (!state.session_id.is_nil()) {
    json.id("sid", state.session_id);
    json.number("start", state.start_ms);
    json.number("last", state.last_ms);
    json.number("idx", state.index);
    if (state.touch_fingerprint != 0) {
      char buffer[20];
      Out digits(buffer, sizeof buffer);
      digits.put_int(state.touch_fingerprint);
      json.text("th", digits.view());
    }
  }
  json.close();
}

void write(const SessionState& before, const Evidence& evidence, const Decision* decision,
           const EventText& text, Out& out) {
  Members json(out);
  json.open({});
  json.text("n", evidence.name);
  if (decision != nullptr) {
    json.id("id", decision->event_id);
    json.id("aid", decision->anonymous_id);
    json.id("sid", decision->session_id);
  }
  json.number("seq", evidence.seq);
  json.number("t", evidence.t_ms);
  if (decision != nullptr) json.text("why", reason_name(decision->why));
  write_consent(evidence.consent, json);

  json.open("ev");
  json.text("u", evidence.url);
  json.text("r", evidence.referrer);
  json.text("ti", text.title);
  if (evidence.navigation != Navigation::navigate) {
    json.number("nt", static_cast<std::int64_t>(evidence.navigation));
  }
  if (evidence.consent_t_ms != 0) json.number("ct", evidence.consent_t_ms);
  write_previous(before, json);
  if (evidence.campaign != nullptr) json.touch("cm", *evidence.campaign);
  json.close();

  if (decision != nullptr && decision->has_touch) json.touch("touch", decision->touch);
  json.raw("p", text.props_json);
  json.close();
}

}  // namespace

void write_event(const SessionState& before, const Evidence& evidence, const Decision& decision,
                 const EventText& text, Out& out) {
  write(before, evidence, &decision, text, out);
}

void write_evidence_event(const SessionState& before, const Evidence& evidence,
                          const EventText& text, Out& out) {
  write(before, evidence, nullptr, text, out);
}

void write_anonymous_event(const Evidence& evidence, Out& arena, Out& out) {
  const Touch touch = evidence.campaign != nullptr
                          ? *evidence.campaign
                          : extract_touch(evidence.url, evidence.referrer, arena);
  // A campaign value with an e-mail address in it is shared by one person only.
  const auto shared = [](std::string_view value) { return contains(value, "@") ? "*" : value; };
  Members json(out);
  json.open({});
  json.text("n", evidence.name);
  json.number("seq", evidence.seq);
  json.number("t", evidence.t_ms - evidence.t_ms % kHourMs);
  write_consent(evidence.consent, json);
  json.open("an");
  json.text("source", shared(touch.source));
  json.text("medium", shared(touch.medium));
  json.text("campaign", shared(touch.campaign));
  json.text("ref", touch.referrer_host);
  json.text("path", touch.landing_path);
  std::string_view separator = "[";
  const std::size_t mark = arena.size();
  for (std::size_t i = 0; i < touch.click_id_count; ++i) {
    arena.put(separator);
    arena.put('"');
    arena.put(param_name(touch.click_ids[i].param));
    arena.put('"');
    separator = ",";
  }
  if (touch.click_id_count > 0) arena.put(']');
  json.raw("cl", arena.since(mark));
  if (touch.is_internal) json.number("in", 1);
  json.close();
  json.close();
}

}  // namespace tl
