// SPDX-License-Identifier: Apache-2.0
// A script that pages load from another origin: any page may read it, none may frame or sniff it.

#include "server/http/sdk_handler.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/http/compressed_asset.hpp"
#include "throughline/hash.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <memory>

extern "C" const unsigned char tl_sdk_script[];
extern "C" const std::size_t tl_sdk_script_size;
extern "C" const unsigned char tl_sdk_extras[];
extern "C" const std::size_t tl_sdk_extras_size;
extern "C" const unsigned char tl_sdk_platforms[];
extern "C" const std::size_t tl_sdk_platforms_size;
extern "C" const unsigned char tl_sdk_more[];
extern "C" const std::size_t tl_sdk_more_size;
extern "C" const unsigned char tl_sdk_javascript_core[];
extern "C" const std::size_t tl_sdk_javascript_core_size;
extern "C" const unsigned char tl_sdk_debug[];
extern "C" const std::size_t tl_sdk_debug_size;
extern "C" const unsigned char tl_sdk_compat[];
extern "C" const std::size_t tl_sdk_compat_size;

namespace tl::server::http {
namespace {

constexpr std::string_view kForEver = "public, max-age=31536000, immutable";
// Then the browser asks by ETag: an upgrade takes away the files that an older script would ask
// for.
constexpr std::string_view kAMinute = "public, max-age=60";
constexpr std::size_t kNamedBytes = 8;  // of a digest in a file's name

// Subresource Integrity (W3C): "sha384-" and the digest in base64.
std::string integrity_of(std::string_view content) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha384(), nullptr);
  return "sha384-" + to_base64({reinterpret_cast<const char*>(digest.data()), size});
}

Route asset_route(std::string path, std::shared_ptr<const CompressedAsset> asset,
                  std::string_view cache_control, std::string summary) {
  Route route;
  route.method = "GET";
  route.pattern = std::move(path);
  route.handler = [asset = std::move(asset), cache_control](const Request& request) {
    return asset->answer(request, cache_control);
  };
  route.cors = Cors::open;
  route.summary = std::move(summary);
  return route;
}

nlohmann::ordered_json facts_of(const std::string& path, const CompressedAsset& asset) {
  return {{"file", path},
          {"hash", asset.hash()},
          {"integrity", integrity_of(asset.content())},
          {"bytes", asset.content().size()},
          {"brotli_bytes", asset.brotli_size()}};
}

}  // namespace

Sdk embedded_sdk() {
  return {{reinterpret_cast<const char*>(tl_sdk_script), tl_sdk_script_size},
          {reinterpret_cast<const char*>(tl_sdk_extras), tl_sdk_extras_size},
          {reinterpret_cast<const char*>(tl_sdk_platforms), tl_sdk_platforms_size},
          {reinterpret_cast<const char*>(tl_sdk_more), tl_sdk_more_size},
          {reinterpret_cast<const char*>(tl_sdk_debug), tl_sdk_debug_size},
          {reinterpret_cast<const char*>(tl_sdk_javascript_core), tl_sdk_javascript_core_size},
          {reinterpret_cast<const char*>(tl_sdk_compat), tl_sdk_compat_size}};
}

std::vector<Route> sdk_routes(const Sdk& sdk) {
  const auto compressed = [](std::string_view content) {
    return std::make_shared<const CompressedAsset>(content, "text/javascript; charset=utf-8");
  };
  const auto script = compressed(sdk.script);
  const auto extras = compressed(sdk.extras), platforms = compressed(sdk.platforms);
  const auto more = compressed(sdk.more), debug = compressed(sdk.debug);
  const auto javascript_core = compressed(sdk.javascript_core), compat = compressed(sdk.compat);
  const auto hashed = "/throughline." + script->hash() + ".js";
  // The script knows one hash for what stands beside it (sdk-wasm/build.mjs).
  const auto digest =
      sha256(std::string(sdk.extras) + std::string(sdk.platforms) + std::string(sdk.more) +
             std::string(sdk.debug) + std::string(sdk.javascript_core));
  const auto beside =
      "/throughline." + to_hex({reinterpret_cast<const char*>(digest.data()), kNamedBytes});
  const auto extras_path = beside + ".x.js", platforms_path = beside + ".c.js",
             more_path = beside + ".m.js", debug_path = beside + ".d.js",
             javascript_core_path = beside + ".j.js";
  Route about;
  about.method = "GET";
  about.pattern = "/sdk.json";
  about.handler = [=](const Request&) {
    auto info = facts_of(hashed, *script);
    info["extras"] = facts_of(extras_path, *extras);
    info["platforms"] = facts_of(platforms_path, *platforms);
    info["more"] = facts_of(more_path, *more);
    info["debug"] = facts_of(debug_path, *debug);
    info["javascript_core"] = facts_of(javascript_core_path, *javascript_core);
    info["compat"] = facts_of("/throughline.compat.js", *compat);
    return Reply::json(200, info.dump()).header("Cache-Control", std::string(kAMinute));
  };
  about.cors = Cors::open;
  about.summary = "Names, hashes and integrity values of the script and of the files beside it";
  return {
      asset_route("/throughline.js", script, kAMinute, "The browser script."),
      asset_route("/t.js", script, kAMinute, "The browser script under its short name."),
      asset_route(hashed, script, kForEver, "The browser script under its hash, cached for ever."),
      asset_route(extras_path, extras, kForEver,
                  "What the script asks for when a page needs it, cached for ever."),
      asset_route(platforms_path, platforms, kForEver,
                  "The consent platforms, which data-consent=auto asks for, cached for ever."),
      asset_route(more_path, more, kForEver,
                  "What data- attributes turn on in few sites, cached for ever."),
      asset_route(debug_path, debug, kForEver,
                  "What data-debug alone loads: its sentences and panel, cached for ever."),
      asset_route(javascript_core_path, javascript_core, kForEver,
                  "The core for pages that block WebAssembly, cached for ever."),
      asset_route("/throughline.compat.js", compat, kAMinute,
                  "The old global names and calls, for sites that move over."),
      about};
}

}  // namespace tl::server::http
