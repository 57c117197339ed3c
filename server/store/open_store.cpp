// SPDX-License-Identifier: Apache-2.0
// The scheme decides; a URL with a password is never repeated in a message.

#include "server/store/open_store.hpp"

#include "server/store/sqlite/sqlite_store.hpp"

namespace tl::server {
namespace {

constexpr std::string_view kSqlite = "sqlite:";

ServerError not_built_yet(std::string_view what) {
  return invalid("not_built_yet", std::string(what) +
                                      " is not built yet: use sqlite:PATH for the store and "
                                      "memory: for the cache");
}

}  // namespace

Outcome<void> check_store_url(std::string_view url) {
  if (url.starts_with("postgresql:") || url.starts_with("postgres:"))
    return not_built_yet("[store] url postgresql://");
  if (url.starts_with("redis:") || url.starts_with("rediss:"))
    return not_built_yet("[store] url redis://");
  // SQLite's own ":memory:" and "file:" would be files of that name here, and one of them per
  // thread.
  const auto path = url.starts_with(kSqlite) ? url.substr(kSqlite.size()) : std::string_view();
  if (path.empty() || path.starts_with(':') || path.starts_with("//") || path.starts_with("file:"))
    return invalid("bad_store_url",
                   "[store] url must be sqlite:PATH of a file, for example "
                   "sqlite:data/throughline.db or sqlite:/var/lib/throughline/throughline.db");
  return {};
}

Outcome<void> check_cache_url(std::string_view url) {
  if (url.starts_with("redis:") || url.starts_with("rediss:"))
    return not_built_yet("[cache] url redis://");
  if (url != "memory:") return invalid("bad_cache_url", "[cache] url must be memory:");
  return {};
}

Outcome<void> check_alone(std::string_view url) {
  TL_CHECK(check_store_url(url));
  return sqlite::check_alone(std::string(url.substr(kSqlite.size())));
}

Outcome<std::unique_ptr<Store>> open_store(std::string_view url, const SecretBox& box,
                                           std::int64_t now_ms) {
  TL_CHECK(check_store_url(url));
  return sqlite::SqliteStore::open(std::string(url.substr(kSqlite.size())), box, now_ms);
}

}  // namespace tl::server
