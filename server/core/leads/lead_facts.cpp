// SPDX-License-Identifier: Apache-2.0
#include "server/core/leads/lead_facts.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/text/uuid_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <limits>
#include <tuple>

namespace tl::server {
namespace {

using Json = nlohmann::json;

bool comes_first(const LeadFact& a, const LeadFact& b) {
  return std::tie(a.t_ms, a.digest, a.stage, a.word) < std::tie(b.t_ms, b.digest, b.stage, b.word);
}

template <class T>
void fill_in(std::optional<T>& into, const std::optional<T>& value) {
  if (!into) into = value;
}

// Facts in order of time, without what browsers said once the server had spoken.
std::vector<const LeadFact*> counting_facts(const LeadFacts& lead) {
  std::int64_t server_ms = std::numeric_limits<std::int64_t>::max();
  for (const auto& fact : lead.facts)
    if (fact.word == LeadWord::server) server_ms = std::min(server_ms, fact.t_ms);
  std::vector<const LeadFact*> counting;
  for (const auto& fact : lead.facts)
    if (fact.word != LeadWord::browser || fact.t_ms <= server_ms) counting.push_back(&fact);
  std::sort(counting.begin(), counting.end(),
            [](const auto* a, const auto* b) { return comes_first(*a, *b); });
  return counting;
}

void view_ids(const std::vector<const LeadFact*>& facts, LeadStageView& view) {
  for (const bool by_server : {true, false})
    for (const auto* fact : facts) {
      if ((fact->word == LeadWord::server) != by_server) continue;
      if (!fact->anonymous_id && !fact->session_id) continue;
      view.anonymous_id = fact->anonymous_id;
      view.session_id = fact->session_id;
      view.ids_stated = by_server;
      return;
    }
}

void view_contacts(const std::vector<const LeadFact*>& facts, LeadStageView& view) {
  for (const auto* fact : facts) {
    if (fact->word == LeadWord::browser) continue;
    fill_in(view.email_hash, fact->email_hash);
    fill_in(view.phone_hash, fact->phone_hash);
    fill_in(view.user_id_hash, fact->user_id_hash);
  }
  if (view.email_hash || view.phone_hash || view.user_id_hash) {
    const bool has_browsers_ids = (view.anonymous_id || view.session_id) && !view.ids_stated;
    view.proofs = has_browsers_ids ? ContactProofs::apart : ContactProofs::whole;
    return;
  }
  for (const auto* fact : facts) {
    if (contacts_of(*fact).empty()) continue;
    view.email_hash = fact->email_hash;
    view.phone_hash = fact->phone_hash;
    return;
  }
}

// JSON of what may be absent.
void put(Json& object, const char* name, const std::optional<Id128>& id) {
  if (id) object[name] = uuid_text(*id);
}
void put(Json& object, const char* name, const std::optional<Digest>& digest) {
  if (digest) object[name] = to_hex(*digest);
}
void put(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}
void take(const Json& object, const char* name, std::optional<Id128>& into) {
  const auto id = parse_uuid(object.value(name, ""));
  if (id.ok()) into = id.value();
}
void take(const Json& object, const char* name, std::optional<Digest>& into) {
  const auto bytes = from_hex(object.value(name, ""));
  Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return;
  std::copy(bytes->begin(), bytes->end(), digest.begin());
  into = digest;
}

Json fact_json(const LeadFact& fact) {
  Json said = {{"stage", fact.stage},
               {"word", static_cast<int>(fact.word)},
               {"t", fact.t_ms},
               {"last", fact.last_ms},
               {"digest", to_hex(fact.digest)}};
  put(said, "anonymous_id", fact.anonymous_id);
  put(said, "session_id", fact.session_id);
  put(said, "email", fact.email_hash);
  put(said, "phone", fact.phone_hash);
  put(said, "user_id", fact.user_id_hash);
  if (fact.amount_minor > 0) said["amount_minor"] = fact.amount_minor;
  put(said, "currency", fact.currency);
  put(said, "self_reported", fact.self_reported);
  put(said, "about_form", fact.about_form);
  if (fact.is_pinned) said["pinned"] = true;
  if (fact.is_erased) said["erased"] = true;
  if (!(fact.consent == Consent{}))
    said["consent"] = {static_cast<int>(fact.consent.storage),
                       static_cast<int>(fact.consent.marketing)};
  return said;
}

LeadFact read_lead_fact(const Json& said) {
  LeadFact fact;
  fact.stage = said.value("stage", "lead");
  fact.word = static_cast<LeadWord>(said.value("word", 0));
  fact.t_ms = said.value("t", std::int64_t{0});
  fact.last_ms = said.value("last", fact.t_ms);
  take(said, "anonymous_id", fact.anonymous_id);
  take(said, "session_id", fact.session_id);
  take(said, "email", fact.email_hash);
  take(said, "phone", fact.phone_hash);
  take(said, "user_id", fact.user_id_hash);
  fact.amount_minor = said.value("amount_minor", std::int64_t{0});
  fact.currency = said.value("currency", "");
  fact.self_reported = said.value("self_reported", "");
  fact.about_form = said.value("about_form", "");
  fact.is_pinned = said.value("pinned", false);
  fact.is_erased = said.value("erased", false);
  if (const auto consent = said.find("consent"); consent != said.end() && consent->size() == 2) {
    fact.consent.storage = static_cast<Choice>((*consent)[0].get<int>());
    fact.consent.marketing = static_cast<Choice>((*consent)[1].get<int>());
  }
  std::optional<Digest> digest;
  take(said, "digest", digest);
  fact.digest = digest.value_or(Digest{});
  return fact;
}

// The stage "lead" stands for the sending of the form; the later ones for news of it.
template <class Time, class Better>
std::int64_t time_of(const LeadFacts& lead, Time&& time, Better&& better) {
  std::optional<std::int64_t> found;
  for (const bool is_form : {true, false}) {
    for (const auto& fact : lead.facts)
      if ((fact.stage == "lead") == is_form)
        found = found ? better(*found, time(fact)) : time(fact);
    if (found) break;
  }
  return found.value_or(0);
}

}  // namespace

bool is_lead_stage(std::string_view kind) {
  return std::find(std::begin(kLeadStages), std::end(kLeadStages), kind) != std::end(kLeadStages);
}

std::vector<ContactRef> contacts_of(const LeadFact& fact) {
  std::vector<ContactRef> contacts;
  if (fact.email_hash) contacts.push_back({ContactKind::email, *fact.email_hash});
  if (fact.phone_hash) contacts.push_back({ContactKind::phone, *fact.phone_hash});
  if (fact.user_id_hash) contacts.push_back({ContactKind::user_id, *fact.user_id_hash});
  return contacts;
}

std::int64_t LeadFacts::first_ms() const {
  return time_of(
      *this, [](const LeadFact& fact) { return fact.t_ms; },
      [](std::int64_t a, std::int64_t b) { return std::min(a, b); });
}

std::int64_t LeadFacts::last_ms() const {
  return time_of(
      *this, [](const LeadFact& fact) { return fact.last_ms; },
      [](std::int64_t a, std::int64_t b) { return std::max(a, b); });
}

void add_fact(LeadFacts& lead, LeadFact fact) {
  const auto is_alike = [&](const LeadFact& other) {
    return other.stage == fact.stage && other.word == fact.word;
  };
  for (auto& known : lead.facts)
    if (is_alike(known) && known.digest == fact.digest) {
      known.t_ms = std::min(known.t_ms, fact.t_ms);
      known.last_ms = std::max(known.last_ms, fact.last_ms);
      return;
    }
  lead.facts.push_back(fact);
  std::sort(lead.facts.begin(), lead.facts.end(), comes_first);
  std::vector<std::size_t> alike;
  for (std::size_t i = 0; i < lead.facts.size(); ++i)
    if (is_alike(lead.facts[i])) alike.push_back(i);
  if (alike.size() <= kMostLeadFacts) return;
  // The one before the newest: who repeats in ever new words keeps its first and its last.
  const auto extra = static_cast<std::ptrdiff_t>(alike[alike.size() - 2]);
  lead.facts.erase(lead.facts.begin() + extra);
}

std::optional<LeadStageView> view_stage(const LeadFacts& lead, std::string_view stage) {
  const auto facts = counting_facts(lead);
  LeadStageView view;
  bool is_reached = false;
  for (const auto* fact : facts) {
    // Whoever is an opportunity or a customer was a lead by then.
    const bool is_of_stage = fact->stage == stage;
    if (!is_of_stage && stage != "lead") continue;
    if (!is_reached) view.t_ms = fact->t_ms;
    is_reached = true;
    if (is_of_stage && fact->word == LeadWord::server && fact->amount_minor > 0) {
      view.amount_minor = fact->amount_minor;
      view.currency = fact->currency;
    }
  }
  if (!is_reached) return std::nullopt;
  for (const auto* fact : facts) {
    if (view.self_reported.empty()) view.self_reported = fact->self_reported;
    if (!(fact->consent == Consent{})) view.consent = fact->consent;
  }
  view_ids(facts, view);
  view_contacts(facts, view);
  return view;
}

std::string write_lead_facts(const LeadFacts& lead) {
  Json facts = Json::array();
  for (const auto& fact : lead.facts) facts.push_back(fact_json(fact));
  return Json{{"form", lead.form}, {"facts", std::move(facts)}}.dump(
      -1, ' ', false, Json::error_handler_t::replace);
}

LeadFacts read_lead_facts(std::string_view text) {
  LeadFacts lead;
  const Json said = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!said.is_object()) return lead;
  lead.form = said.value("form", "");
  if (const auto facts = said.find("facts"); facts != said.end() && facts->is_array())
    for (const auto& fact : *facts)
      if (fact.is_object()) lead.facts.push_back(read_lead_fact(fact));
  return lead;
}

}  // namespace tl::server
