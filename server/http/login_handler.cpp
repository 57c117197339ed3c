// SPDX-License-Identifier: Apache-2.0
// The cookie: HttpOnly, SameSite=Strict, no Domain, gone with the login. A page of another origin
// can neither read the answer (no CORS) nor make the browser send the cookie; a form on another
// site cannot send JSON, and the login itself needs a JSON body.

#include "server/http/login_handler.hpp"

#include "server/http/authorisation.hpp"
#include "server/http/json_reader.hpp"
#include "server/http/list_request.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

using OrderedJson = nlohmann::ordered_json;

std::string cookie_line(const LoginParts& parts, std::string_view value, std::string_view more) {
  return std::string(kLoginCookie) + "=" + std::string(value) +
         "; Path=/; HttpOnly; SameSite=Strict" +
         (parts.public_url.starts_with("https://") ? "; Secure" : "") + std::string(more);
}

// The model that the site's reports show first: chosen by somebody, else configured.
Outcome<std::string> model_of(const LoginParts& parts, const SiteConfig& site) {
  std::string model = site.model;
  TL_CHECK(parts.store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(chosen, tables.reports().default_model(site.id));
    model = chosen.value_or(site.model);
    return {};
  }));
  return model;
}

Outcome<OrderedJson> person(const LoginParts& parts, const LoggedIn& who) {
  OrderedJson sites = OrderedJson::array();
  auto highest = Role::viewer;
  for (const auto& row : who.sites) {
    const auto site = parts.find_site(row.site_id);
    if (!site) continue;  // no longer configured
    TL_TRY(model, model_of(parts, *site));
    highest = std::max(highest, row.role);
    OrderedJson destinations = OrderedJson::object();
    for (const auto& destination : site->destinations)
      destinations[destination.name] = parts.destination_title(destination);
    sites.push_back({{"id", site->id},
                     {"name", site->name},
                     {"currency", site->currency},
                     {"timezone", site->timezone},
                     {"model", std::move(model)},
                     {"role", role_name(row.role)},
                     {"destinations", std::move(destinations)}});
  }
  return OrderedJson{{"user", {{"email", who.user.email}, {"role", role_name(highest)}}},
                     {"csrf", parts.users.csrf_of(who.token)},
                     {"sites", std::move(sites)}};
}

// SameSite=Strict does not keep a page of a sibling sub-domain out.
Outcome<void> check_own_page(const Request& request) {
  if (const auto from = request.header("sec-fetch-site");
      from.empty() || from == "same-origin" || from == "none")
    return {};
  return fail(ErrorKind::forbidden, "foreign_page", "Log in from the dashboard's own page.");
}

Outcome<Reply> log_in(const LoginParts& parts, const Request& request) {
  TL_CHECK(check_own_page(request));
  if (!request.header("content-type").starts_with("application/json"))
    return invalid("malformed_json", "Send a JSON object as application/json.");
  TL_TRY(body, read_json_object(request.body));
  TL_TRY(who,
         parts.users.login(text_at(body, "email"), text_at(body, "password"), request.client_ip));
  TL_TRY(told, person(parts, who));
  auto reply = answer_json(200, told);
  reply.header("Set-Cookie", cookie_line(parts, who.token, ""));
  return reply;
}

Outcome<Reply> log_out(const LoginParts& parts, const Request& request) {
  TL_TRY(who, login_of(parts.users, request));
  TL_CHECK(parts.users.logout(who.token));
  auto reply = answer_json(200, {{"done", true}});
  reply.header("Set-Cookie", cookie_line(parts, "", "; Max-Age=0"));
  return reply;
}

Outcome<Reply> show_me(const LoginParts& parts, const Request& request) {
  TL_TRY(who, login_of(parts.users, request));
  TL_TRY(answer, person(parts, who));
  return answer_json(200, answer);
}

Outcome<Reply> change_password(const LoginParts& parts, const Request& request) {
  TL_TRY(who, login_of(parts.users, request));
  TL_TRY(body, read_json_object(request.body));
  TL_CHECK(parts.users.change_password(who, text_at(body, "current"), text_at(body, "password"),
                                       request.client_ip));
  return answer_json(200, {{"done", true}});
}

}  // namespace

std::vector<Route> login_routes(const LoginParts& parts) {
  using Show = Outcome<Reply> (*)(const LoginParts&, const Request&);
  const auto route = [&parts](const char* method, const char* pattern, const char* summary,
                              Show show) {
    Route made;
    made.method = method;
    made.pattern = pattern;
    made.summary = summary;
    made.max_body = 8 * 1024;
    made.handler = [parts, show](const Request& request) {
      auto reply = show(parts, request);
      return reply.ok() ? std::move(reply).value() : Reply::error(reply.error());
    };
    return made;
  };
  return {route("POST", "/api/login", "Logs a person in; sets the dashboard's cookie", log_in),
          route("POST", "/api/logout", "Ends the login", log_out),
          route("GET", "/api/me", "Who is logged in, with which role on which sites", show_me),
          route("POST", "/api/me/password", "Changes one's own password, ends other logins",
                change_password)};
}

}  // namespace tl::server::http
