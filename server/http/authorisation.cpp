// SPDX-License-Identifier: Apache-2.0
// The id finds the row, the hash of the whole key is compared in constant time. Rows are remembered
// for a second; unknown ids never, or a new key would not work at once.

#include "server/http/authorisation.hpp"

#include "server/core/secret_box.hpp"
#include "server/core/secret_key.hpp"
#include "throughline/text.hpp"

namespace tl::server::http {
namespace {

constexpr std::int64_t kRememberMs = 1000;
constexpr std::size_t kMaxRemembered = 1024;

std::string_view as_text(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

bool has_scope(std::string_view scopes, std::string_view wanted) {
  while (!scopes.empty()) {
    const auto comma = scopes.find(',');
    const auto scope = trim(scopes.substr(0, comma));
    if (scope == wanted || scope == "admin") return true;
    scopes = comma == std::string_view::npos ? std::string_view{} : scopes.substr(comma + 1);
  }
  return false;
}

}  // namespace

Outcome<ApiKeyRow> Authorisation::find(const std::string& id) {
  const auto now = clock_.now_ms();
  {
    const std::lock_guard lock(mutex_);
    const auto entry = known_.find(id);
    if (entry != known_.end() && now < entry->second.until_ms &&
        now + kRememberMs >= entry->second.until_ms)
      return entry->second.row;
  }
  std::optional<ApiKeyRow> row;
  TL_CHECK(store_.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.operations().find_key(id));
    row = std::move(found);
    return {};
  }));
  if (!row)
    return fail(ErrorKind::unauthenticated, "bad_key",
                "This secret key is not known; make one with: throughline key add.");
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMaxRemembered) known_.clear();
  known_[id] = {*row, now + kRememberMs};
  return *row;
}

Outcome<std::string> Authorisation::authorise(const Request& request, std::string_view scope) {
  const auto header = request.header("authorization");
  constexpr std::string_view kBearer = "bearer ";
  if (header.size() <= kBearer.size() ||
      !equals_ignoring_case(header.substr(0, kBearer.size()), kBearer))
    return fail(ErrorKind::unauthenticated, "missing_key",
                "Send a secret key as \"Authorization: Bearer tlsk_…\"; make one with: throughline "
                "key add.");
  const auto key = parse_secret_key(trim(header.substr(kBearer.size())));
  const auto unknown = fail(ErrorKind::unauthenticated, "bad_key",
                            "This secret key is not known, mistyped or revoked; make one with: "
                            "throughline key add.");
  if (!key) return unknown;
  TL_TRY(row, find(key->id));
  if (!equal_in_constant_time(as_text(row.hash), as_text(key->hash)) || row.revoked_ms)
    return unknown;
  if (!has_scope(row.scopes, scope))
    return fail(ErrorKind::forbidden, "missing_scope",
                "This key has no " + std::string(scope) +
                    " scope; make one with: throughline key "
                    "add --scopes " +
                    std::string(scope) + ".");
  const auto site = request.query_value("site");
  if (!site.empty() && site != row.site_id)
    return fail(ErrorKind::forbidden, "wrong_site",
                "This key belongs to another site than the one asked for.");
  return row.site_id;
}

}  // namespace tl::server::http
