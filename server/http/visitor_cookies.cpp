// SPDX-License-Identifier: Apache-2.0
// Cookies set by answers survive the seven-day cap that browsers put on script-written storage
// (facts: consent, section 7). Two go back to the endpoint alone (host-only, HttpOnly); the third
// is for the page's script and so needs the domain that page and endpoint share.

#include "server/http/visitor_cookies.hpp"

#include "throughline/session.hpp"
#include "throughline/url.hpp"

namespace tl::server::http {
namespace {

constexpr const char* kLifetime = "; Max-Age=31536000";
constexpr const char* kGone = "; Max-Age=0";

std::string_view host_of(std::string_view url) {
  const auto parsed = parse_url(url);
  return parsed.ok() ? parsed.value().host : std::string_view();
}

std::string endpoint_host(const Request& request) {
  const std::string url = "http://" + std::string(request.header("host"));
  return std::string(host_of(url));
}

// The longest domain above both hosts: shop.example for shop.example and t.shop.example. Empty when
// they are the same host, or addresses.
std::string shared_domain(std::string_view page, std::string_view endpoint) {
  if (page == endpoint) return {};
  std::size_t same = 0;
  while (same < page.size() && same < endpoint.size() &&
         page[page.size() - 1 - same] == endpoint[endpoint.size() - 1 - same])
    ++same;
  std::string_view tail = page.substr(page.size() - same);
  const bool ends_both = (same == page.size() || page[page.size() - same - 1] == '.') &&
                         (same == endpoint.size() || endpoint[endpoint.size() - same - 1] == '.');
  if (!ends_both) {
    const std::size_t dot = tail.find('.');
    tail = dot == std::string_view::npos ? std::string_view() : tail.substr(dot + 1);
  }
  return tail.find('.') == std::string_view::npos ? std::string() : std::string(tail);
}

constexpr const char* kFormerAnonymousId = "tl_aid";
constexpr const char* kFormerToken = "tl_tok";
constexpr const char* kFormerVisible = "tl";

std::string attributes(const char* lifetime) {
  return std::string("; Path=/; Secure; SameSite=Lax") + lifetime;
}

// Under the former names a site's cookies overwrote another's: a token that another site's key
// signed says whose both are.
void clear_former(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                  Reply& reply) {
  const auto token = request.cookie(kFormerToken);
  if (!token.empty()) {
    const auto checked = tokens.check(token, site.id);
    if (!checked.ok() && checked.error().code == "bad_token") return;
  }
  const std::pair<const char*, bool> names[] = {
      {kFormerAnonymousId, site.cookie_anonymous_id.empty()},
      {kFormerToken, site.cookie_token.empty()}};
  for (const auto& [name, is_former] : names)
    if (is_former && !request.cookie(name).empty())
      reply.header("Set-Cookie", std::string(name) + "=" + attributes(kGone) + "; HttpOnly");
}

// For the script, on the domain that page and endpoint share.
void add_visible(const std::string& name, const Request& request, std::string_view state,
                 const char* lifetime, Reply& reply) {
  const std::string domain =
      shared_domain(host_of(request.header("origin")), endpoint_host(request));
  reply.header("Set-Cookie", name + "=" + std::string(state) + attributes(lifetime) +
                                 (domain.empty() ? "" : "; Domain=" + domain));
}

// The readable cookie's former name says of no site: it goes where it has the visitor's id.
void clear_former_visible(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                          const std::optional<Id128>& visitor, Reply& reply) {
  const auto state = parse_state(request.cookie(kFormerVisible));
  if (!state.ok() || !site.cookie_visible.empty()) return;
  const auto token = tokens.check(visitor_cookies_of(tokens, site, request).token, site.id);
  const Id128 held = state.value().anonymous_id;
  if (held == visitor || (token.ok() && held == token.value().anonymous_id))
    add_visible(kFormerVisible, request, "", kGone, reply);
}

void add_all(const SiteConfig& site, const Request& request, std::string_view anonymous_id,
             std::string_view token, std::string_view state, const char* lifetime, Reply& reply) {
  const std::string common = attributes(lifetime);
  const auto cookie = [](const std::string& name, std::string_view value) {
    return name + "=" + std::string(value);
  };
  reply.header("Set-Cookie",
               cookie(site.anonymous_id_cookie(), anonymous_id) + common + "; HttpOnly");
  reply.header("Set-Cookie", cookie(site.token_cookie(), token) + common + "; HttpOnly");
  add_visible(site.visible_cookie(), request, state, lifetime, reply);
}

}  // namespace

VisitorCookies visitor_cookies_of(const TokenIssuer& tokens, const SiteConfig& site,
                                  const Request& request) {
  VisitorCookies found;
  const auto is_of_site = [&](std::string_view token) { return tokens.check(token, site.id).ok(); };
  found.token = request.cookie(site.token_cookie());
  if (found.token.empty() && site.cookie_token.empty() && is_of_site(request.cookie(kFormerToken)))
    found.token = request.cookie(kFormerToken);
  auto id = parse_uuid(request.cookie(site.anonymous_id_cookie()));
  if (!id.ok() && site.cookie_anonymous_id.empty() && is_of_site(found.token))
    id = parse_uuid(request.cookie(kFormerAnonymousId));
  if (id.ok()) found.anonymous_id = id.value();
  return found;
}

bool is_own_site(const Request& request, const std::string& public_url) {
  const std::string_view page = host_of(request.header("origin"));
  if (page.empty()) return false;
  return is_same_site(page, endpoint_host(request)) || is_same_site(page, host_of(public_url));
}

void set_cookies(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                 const IngestAnswer& answer, Reply& reply) {
  if (answer.has_withdrawn) return clear_cookies(tokens, site, request, reply);
  // Without a token the sender did not prove to be this visitor: the browser keeps what it has.
  if (answer.token.empty() || !answer.session_id || !answer.anonymous_id) return;
  char id_text[36], state_text[160];
  Out id(id_text, sizeof id_text), state(state_text, sizeof state_text);
  write_uuid(*answer.anonymous_id, id);
  write_state(answer.state, state);
  add_all(site, request, id.view(), answer.token, state.view(), kLifetime, reply);
  clear_former(tokens, site, request, reply);
  clear_former_visible(tokens, site, request, answer.state.anonymous_id, reply);
}

void clear_cookies(const TokenIssuer& tokens, const SiteConfig& site, const Request& request,
                   Reply& reply) {
  add_all(site, request, "", "", "", kGone, reply);
  clear_former(tokens, site, request, reply);
  clear_former_visible(tokens, site, request, {}, reply);
}

}  // namespace tl::server::http
