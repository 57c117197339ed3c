// SPDX-License-Identifier: Apache-2.0
// POST /api/webhook/lead. From the site's own server (Bearer secret key): its word proves contacts,
// may name a value, a time, consent and a stage, and it is answered the match. From a page or an
// HTML form (write key, origin, honeypot, limit): what was typed proves nothing, names no money,
// and is answered alike whoever it was, so that nobody learns of anybody's journey.
//   tl_website   the honeypot: a field that people do not see; filled in, nothing is kept
//   tl_redirect  the thank-you page of a form: a path, or a URL of one of the site's own origins
#include "server/core/leads/lead_facts.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/text/id_text.hpp"
#include "server/core/text/uuid_text.hpp"
#include "server/http/authorisation.hpp"
#include "server/http/error_reply.hpp"
#include "server/http/form_fields.hpp"
#include "server/http/intake.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/lead_json.hpp"
#include "server/http/list_request.hpp"
#include "server/http/order_routes.hpp"
#include "server/http/signed_contact.hpp"
#include "server/http/stated_conversion.hpp"
#include "server/http/statement_rejects.hpp"
#include "throughline/text.hpp"
#include "throughline/url.hpp"

#include <algorithm>

namespace tl::server::http {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestForm = 64, kLongestReport = 1000;

std::string first_field(const Json& fields, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto text = text_at(fields, name); !trim(text).empty()) return std::string(trim(text));
  return {};
}

// A value as such senders write it: text, or a JSON number, whose own shortest text is read.
Json amount_of(const Json& value) {
  return value.is_number() ? Json(value.dump()) : value;
}

// The body as POST /api/conversions would have it. `reference` only fills a place.
Json stated_body(const Json& fields, const SiteConfig& site, LeadWord word) {
  Json body = {{"kind", "lead"}, {"id", "lead"}};
  const auto put = [&body](const char* name, std::string text) {
    if (!text.empty()) body[name] = std::move(text);
  };
  put("email", first_field(fields, {"email"}));
  put("phone", first_field(fields, {"phone", "tel"}));
  put("name", first_field(fields, {"name"}));
  put("country", first_field(fields, {"country"}));
  put("self_reported",
      std::string(cut_utf8(first_field(fields, {"self_reported"}), kLongestReport)));
  put("session_id", first_field(fields, {"session_id", "tl_session_id"}));
  put("anonymous_id", first_field(fields, {"anonymous_id", "tl_anonymous_id"}));
  put("user_id", first_field(fields, {"user_id"}));
  if (word == LeadWord::server) {
    for (const char* name : {"amount_minor", "occurred_at", "consent"})
      if (const Json* value = member(fields, name)) body[name] = *value;
    if (const Json* value = member(fields, "value")) body["amount"] = amount_of(*value);
    if (body.contains("amount") || body.contains("amount_minor")) body["currency"] = site.currency;
    put("currency", first_field(fields, {"currency"}));
    return body;
  }
  // Of a page: an id that is none is as good as no id, and a name of any length is a name.
  for (const char* name : {"session_id", "anonymous_id"})
    if (body.contains(name) && !parse_uuid(body[name].get<std::string>()).ok()) body.erase(name);
  for (const char* name : {"name", "country", "user_id"})
    if (body.contains(name)) body[name] = one_line(body[name].get_ref<const std::string&>());
  return body;
}

// Of national phone numbers.
std::string lead_country(const StatedConversion& said, const SiteConfig& site) {
  return said.customer.country.empty() ? site.default_country : said.customer.country;
}

// Errors: invalid (missing_contact).
Outcome<void> check_contacts(StatedConversion& said, const SiteConfig& site, LeadWord word) {
  const std::string country = lead_country(said, site);
  if (!contact_hash(ContactKind::email, said.customer.email, {})) said.customer.email.clear();
  if (!contact_hash(ContactKind::phone, said.customer.phone, country)) said.customer.phone.clear();
  // Anybody can write a user id into a form.
  if (word == LeadWord::browser) said.user_id.clear();
  if (!said.customer.email.empty() || !said.customer.phone.empty() || !said.user_id.empty())
    return {};
  return invalid("missing_contact",
                 "a lead needs an e-mail address or a phone number that can be read as one; a "
                 "phone number needs its country code where the site has no default_country");
}

// A signature is over the one contact that it proves; what else was typed proves nothing, so it is
// left out. Errors: unauthenticated (bad_identity_signature).
Outcome<LeadWord> word_of_browser(const Json& fields, const SiteConfig& site,
                                  StatedConversion& said) {
  const std::string signature = text_at(fields, "identity_signature");
  if (signature.empty()) return LeadWord::browser;
  CustomerDetails& customer = said.customer;
  const std::string country = lead_country(said, site);
  const auto is_signed = [&](ContactKind kind, const std::string& text) {
    return is_signed_by_site(site, kind, text, country, signature);
  };
  if (is_signed(ContactKind::user_id, said.user_id)) {
    customer.email.clear();
    customer.phone.clear();
  } else if (is_signed(ContactKind::email, customer.email)) {
    customer.phone.clear();
    said.user_id.clear();
  } else if (is_signed(ContactKind::phone, customer.phone)) {
    customer.email.clear();
    said.user_id.clear();
  } else {
    return bad_identity_signature();
  }
  return LeadWord::signed_contact;
}

Outcome<LeadStatement> read_lead(const Json& fields, const SiteConfig& site, LeadWord word,
                                 const Request& request) {
  LeadStatement told;
  told.word = word;
  TL_TRY(said, read_stated_conversion(stated_body(fields, site, word), request.received_ms));
  told.said = std::move(said);
  told.form = one_line(first_field(fields, {"form_type"}), kLongestForm);
  if (word == LeadWord::browser) {
    TL_TRY(found, word_of_browser(fields, site, told.said));
    told.word = found;
    TL_CHECK(check_contacts(told.said, site, told.word));
    return told;
  }
  if (const auto stage = text_at(fields, "stage"); !stage.empty()) {
    if (!is_lead_stage(stage))
      return invalid("bad_stage", "\"stage\" must be lead, opportunity or customer");
    told.stage = stage;
  }
  if (const auto lead_id = text_at(fields, "lead_id"); !lead_id.empty()) {
    const auto id = parse_uuid(lead_id);
    if (!id.ok())
      return invalid("bad_lead_id", "\"lead_id\" must be the id of a lead as this API gives it");
    told.lead_id = id.value();
    return told;
  }
  TL_CHECK(check_contacts(told.said, site, told.word));
  return told;
}

// Where a form's sender is sent on, "" when that is no page of the site. The page that sent the
// form was let in, so it is one.
std::string thanks_url(const SiteConfig& site, const Request& request, const std::string& wanted) {
  if (wanted.empty()) return {};
  const bool is_plain = std::all_of(wanted.begin(), wanted.end(),
                                    [](char c) { return c > ' ' && c < '\x7f' && c != '\\'; });
  if (!is_plain) return {};
  const std::string page = page_origin(request);
  const bool is_path = wanted.starts_with('/') && !wanted.starts_with("//");
  const std::string url = is_path ? page + wanted : wanted;
  if (!url.starts_with("http://") && !url.starts_with("https://")) return {};
  const std::string origin = url.substr(0, url.find_first_of("/?#", url.find("://") + 3));
  const bool is_listed =
      std::find(site.origins.begin(), site.origins.end(), origin) != site.origins.end();
  return is_listed || origin == page ? url : std::string();
}

Reply answer_browser(const SiteConfig& site, const Request& request, const Json& fields,
                     std::string_view flag) {
  std::string flags(flag);
  Reply reply = Reply::json(200, R"({"received":true})");
  // Nobody sees the page after a replay.
  if (is_form_post(request) && !request.replayed) {
    const std::string wanted = first_field(fields, {"tl_redirect"});
    const std::string url = thanks_url(site, request, wanted);
    if (!wanted.empty() && url.empty())
      flags += flags.empty() ? "foreign_redirect" : ", foreign_redirect";
    reply = Reply::text(url.empty() ? 200 : 303, "Thank you. This has been received.\n");
    if (!url.empty()) reply.header("Location", url);
  }
  if (!flags.empty()) reply.header("X-Throughline", flags);
  return reply;
}

// By which a replay reads the body.
HeaderList kept_headers(const Request& request) {
  return {{"content-type", std::string(request.header("content-type"))}};
}

class LeadHandler {
 public:
  LeadHandler(const OrderRouteParts& parts, Ingest& ingest) : parts_(parts), ingest_(ingest) {}

  Reply operator()(const Request& request) const {
    const bool is_server = request.replayed ? request.replayed->has_secret_key
                                            : !request.header("authorization").empty() ||
                                                  !secret_key_in(request).empty();
    return is_server ? take_from_server(request) : take_from_browser(request);
  }

 private:
  [[nodiscard]] LeadStatement completed(LeadStatement told) const {
    told.fresh_reference = uuid_text(ingest_.services().entropy.id());
    return told;
  }

  // --- The site's own server

  Reply take_from_server(const Request& request) const {
    const auto site_id = request.replayed ? Outcome<std::string>(request.replayed->site_id)
                                          : parts_.authorise(request, "write");
    if (!site_id.ok()) return refused(site_id.error());
    const auto site = parts_.find_site(site_id.value());
    if (site == nullptr)
      return refused(fail(ErrorKind::not_found, "unknown_site",
                          "the key's site \"" + site_id.value() + "\" is not configured any more"));
    const auto told = read_from_server(request, *site);
    if (!told.ok()) return refuse_and_keep(request, *site, told.error());
    const auto result = parts_.orders.receive_lead(*site, completed(told.value()));
    if (!result.ok()) return refuse_and_keep(request, *site, result.error());
    return answer_server(*site, told.value(), result.value());
  }

  static Outcome<LeadStatement> read_from_server(const Request& request, const SiteConfig& site) {
    if (auto too_long = long_body_error(request)) return std::move(*too_long);
    TL_TRY(fields, read_fields(request));
    TL_CHECK(check_body_site(text_at(fields, "site"), site.id));
    return read_lead(fields, site, LeadWord::server, request);
  }

  Reply refuse_and_keep(const Request& request, const SiteConfig& site,
                        const ServerError& error) const {
    return refuse_statement(parts_.store, request, site.id, error, kept_headers(request));
  }

  [[nodiscard]] Reply answer_server(const SiteConfig& site, const LeadStatement& told,
                                    const LeadResult& result) const {
    nlohmann::ordered_json answer = {{"received", true},
                                     {"lead_id", uuid_text(result.conversion_id)},
                                     {"stage", told.stage},
                                     {"duplicate", !result.is_new},
                                     {"lead", nullptr}};
    const auto read = parts_.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(row, tables.orders().find_conversion(site.id, result.conversion_id));
      if (!row) return {};
      TL_TRY(item, lead_item(tables, ingest_.services().box, site, *row));
      answer["lead"] = std::move(item);
      return {};
    });
    // It is stored; that it cannot be shown now does not change the answer.
    if (!read.ok()) answer["lead"] = nullptr;
    Reply reply = answer_json(result.is_new ? 201 : 200, answer);
    if (!result.is_new) reply.header("X-Throughline", "duplicate");
    return reply;
  }

  // --- A page or a form

  Reply take_from_browser(const Request& request) const {
    KeptSender found;
    found.headers = kept_headers(request);
    KeyedBody body;
    if (auto refusal = admit_keyed(ingest_, request, read_fields(request), body, found))
      return std::move(*refusal);
    const SiteConfig& site = *body.site;
    if (!first_field(body.fields, {"tl_website"}).empty()) {
      const auto counted = request.replayed ? Outcome<void>() : ingest_.count_rejected(site.id, 1);
      if (!counted.ok()) return Reply::error(counted.error());
      return answer_browser(site, request, body.fields, "honeypot");
    }
    if (const auto too_long = long_body_error(request))
      return refuse(ingest_, request, body.site, *too_long, found);
    auto told = read_lead(body.fields, site, LeadWord::browser, request);
    if (!told.ok()) return refuse(ingest_, request, body.site, told.error(), found);
    if (says_opt_out(site, request)) told.value().said.consent.marketing = Choice::denied;
    const auto token = ingest_.services().tokens.check(
        token_of(ingest_.services().tokens, site, body.fields, request), site.id);
    if (token.ok() && permits_ids(token.value().consent)) told.value().visit = token.value();
    const auto result = parts_.orders.receive_lead(site, completed(std::move(told).value()));
    if (!result.ok()) return refuse(ingest_, request, body.site, result.error(), found);
    // Whether it was known is nobody's business who typed it.
    return answer_browser(site, request, body.fields, {});
  }

  OrderRouteParts parts_;
  Ingest& ingest_;
};

}  // namespace

std::vector<Route> lead_routes(const OrderRouteParts& parts, Ingest& ingest) {
  Route post;
  post.method = "POST";
  post.pattern = "/api/webhook/lead";
  post.handler = LeadHandler(parts, ingest);
  post.max_body = kMaxEventBody;
  post.max_kept_body = kMaxKeptBody;
  post.keep_unread = keep_unread_statement(parts);
  post.takes_forms = true;
  post.cors = Cors::any_site;
  post.summary = "A lead, from the site's server (secret key, write) or from a form (write key)";
  Route list;
  list.method = "GET";
  list.pattern = "/api/leads";
  list.handler = [parts, &ingest](const Request& request) {
    return list_leads(parts, ingest.services().box, request);
  };
  list.summary = "Leads, newest first, with what they are matched by and how far they have come";
  std::vector<Route> routes;
  routes.push_back(std::move(post));
  routes.push_back(std::move(list));
  return routes;
}

}  // namespace tl::server::http
