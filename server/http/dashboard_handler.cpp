// SPDX-License-Identifier: Apache-2.0
// The page has no inline script or style and talks to its own origin alone; the policy says so. It
// may compile WebAssembly, for the what-if panel. Every address below /dashboard is the same page:
// which view it shows is its script's matter.

#include "server/http/dashboard_handler.hpp"

#include "server/core/text/percent_encoding.hpp"
#include "server/http/compressed_asset.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <memory>

extern "C" const unsigned char tl_dashboard_html[];
extern "C" const std::size_t tl_dashboard_html_size;
extern "C" const unsigned char tl_dashboard_css[];
extern "C" const std::size_t tl_dashboard_css_size;
extern "C" const unsigned char tl_dashboard_js[];
extern "C" const std::size_t tl_dashboard_js_size;
extern "C" const unsigned char tl_dashboard_models_wasm[];
extern "C" const std::size_t tl_dashboard_models_wasm_size;

namespace tl::server::http {
namespace {

constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "connect-src 'self'; img-src 'self' data:; form-action 'none'; base-uri 'none'; "
    "frame-ancestors 'none'";

std::string_view view_of(const unsigned char* bytes, std::size_t size) {
  return {reinterpret_cast<const char*>(bytes), size};
}

using Asset = std::shared_ptr<const CompressedAsset>;

Asset asset_of(const unsigned char* bytes, std::size_t size, std::string content_type) {
  return std::make_shared<const CompressedAsset>(view_of(bytes, size), std::move(content_type));
}

Route asset_route(std::string path, const Asset& asset, std::string summary) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(path);
  route.summary = std::move(summary);
  route.is_rate_limited = false;
  route.handler = [asset](const Request& request) {
    return asset->answer(request, "no-cache").header("Content-Security-Policy", kPolicy);
  };
  return route;
}

// With a slash at its end, to the same without: the page's own addresses have none.
Route slash_route(std::string pattern) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(pattern);
  route.summary = "To the same address without the slash.";
  route.is_rate_limited = false;
  route.handler = [](const Request& request) {
    std::string address = "/dashboard";
    for (const char* part : {"view", "id"})
      if (const auto found = request.params.find(part); found != request.params.end())
        address += "/" + percent_encoded(found->second);
    char joint = '?';
    for (const auto& [name, value] : request.query) {
      address += joint + percent_encoded(name) + "=" + percent_encoded(value);
      joint = '&';
    }
    return Reply::text(308, "").header("Location", address);
  };
  return route;
}

Route status_route(const DashboardParts& parts) {
  Route route;
  route.method = "GET";
  route.pattern = "/api/status";
  route.summary = "The site's totals: accepted, duplicate, consent_refused, rejected and others";
  route.handler = [parts](const Request& request) {
    const auto site_id = parts.authorise(request, "read");
    if (!site_id.ok()) return Reply::error(site_id.error());
    const auto site = parts.find_site(site_id.value());
    nlohmann::ordered_json counters = nlohmann::ordered_json::object();
    const auto read = parts.store.read([&](Tables& tables) -> Outcome<void> {
      TL_TRY(totals, tables.operations().counters());
      for (const auto& total : totals)
        if (total.site_id == site_id.value()) counters[total.name] = total.total;
      return {};
    });
    if (!read.ok()) return Reply::error(read.error());
    const nlohmann::ordered_json body = {{"site", site_id.value()},
                                         {"name", site ? site->name : site_id.value()},
                                         {"counters", counters}};
    return Reply::json(200, body.dump());
  };
  return route;
}

}  // namespace

std::vector<Route> dashboard_routes(const DashboardParts& parts) {
  const auto page = asset_of(tl_dashboard_html, tl_dashboard_html_size, "text/html; charset=utf-8");
  constexpr const char* kScript = "text/javascript; charset=utf-8";
  return {asset_route("/dashboard", page, "The dashboard."),
          asset_route("/dashboard/{view}", page, "The dashboard, at one of its views."),
          asset_route("/dashboard/{view}/{id}", page, "The dashboard, at one item."),
          slash_route("/dashboard/"),
          slash_route("/dashboard/{view}/"),
          slash_route("/dashboard/{view}/{id}/"),
          asset_route("/dashboard/style.css",
                      asset_of(tl_dashboard_css, tl_dashboard_css_size, "text/css; charset=utf-8"),
                      "Its style."),
          asset_route("/dashboard/dashboard.js",
                      asset_of(tl_dashboard_js, tl_dashboard_js_size, kScript), "Its script."),
          asset_route(
              "/dashboard/models.wasm",
              asset_of(tl_dashboard_models_wasm, tl_dashboard_models_wasm_size, "application/wasm"),
              "The attribution models, for the what-if panel."),
          status_route(parts)};
}

}  // namespace tl::server::http
