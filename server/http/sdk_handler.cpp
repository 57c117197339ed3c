// SPDX-License-Identifier: Apache-2.0
// A script that pages load from another origin: any page may read it, none may frame or sniff it.

#include "server/http/sdk_handler.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/http/compressed_asset.hpp"
#include "throughline/hash.hpp"

#include <nlohmann/json.hpp>
#include <openssl/evp.h>

#include <algorithm>
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

std::vector<Route> sdk_routes(const Sdk& sdk, const std::string& own_name) {
  const auto compressed = [](std::string_view content) {
    return std::make_shared<const CompressedAsset>(content, "text/javascript; charset=utf-8");
  };
  const auto script = compressed(sdk.script), compat = compressed(sdk.compat);
  struct Beside {
    const char* ending;
    const char* member;  // of /sdk.json
    const char* summary;
    std::shared_ptr<const CompressedAsset> file;
  };
  const std::vector<Beside> files = {
      {".x.js", "extras", "What the script asks for when a page needs it, cached for ever.",
       compressed(sdk.extras)},
      {".c.js", "platforms",
       "The consent platforms, which data-consent=auto asks for, cached for ever.",
       compressed(sdk.platforms)},
      {".m.js", "more", "What data- attributes turn on in few sites, cached for ever.",
       compressed(sdk.more)},
      {".d.js", "debug", "What data-debug alone loads: its sentences and panel, cached for ever.",
       compressed(sdk.debug)},
      {".j.js", "javascript_core", "The core for pages that block WebAssembly, cached for ever.",
       compressed(sdk.javascript_core)}};
  // The script knows one hash for what stands beside it (sdk-wasm/build.mjs).
  std::string all;
  for (const auto& beside : files) all += beside.file->content();
  const auto digest = sha256(all);
  const auto beside_hash =
      "." + to_hex({reinterpret_cast<const char*>(digest.data()), kNamedBytes});

  std::vector<Route> routes;
  std::vector<std::string> names = {"throughline", "t"};
  if (!own_name.empty() && std::find(names.begin(), names.end(), own_name) == names.end())
    names.push_back(own_name);
  for (const auto& name : names) {
    routes.push_back(asset_route(
        "/" + name + ".js", script, kAMinute,
        name == "t" ? "The browser script under its short name." : "The browser script."));
    routes.push_back(asset_route("/" + name + "." + script->hash() + ".js", script, kForEver,
                                 "The browser script under its hash, cached for ever."));
    for (const auto& beside : files)
      routes.push_back(asset_route("/" + name + beside_hash + beside.ending, beside.file, kForEver,
                                   beside.summary));
  }
  routes.push_back(asset_route("/throughline.compat.js", compat, kAMinute,
                               "The old global names and calls, for sites that move over."));
  const auto told = "/" + (own_name.empty() ? names.front() : own_name);
  auto info = facts_of(told + "." + script->hash() + ".js", *script);
  for (const auto& beside : files)
    info[beside.member] = facts_of(told + beside_hash + beside.ending, *beside.file);
  info["compat"] = facts_of("/throughline.compat.js", *compat);
  Route about;
  about.method = "GET";
  about.pattern = "/sdk.json";
  about.handler = [text = info.dump()](const Request&) {
    return Reply::json(200, text).header("Cache-Control", std::string(kAMinute));
  };
  about.cors = Cors::open;
  about.summary = "Names, hashes and integrity values of the script and of the files beside it";
  routes.push_back(std::move(about));
  return routes;
}

}  // namespace tl::server::http
