// SPDX-License-Identifier: Apache-2.0
#include "server/core/orders/custom_names.hpp"

namespace tl::server {
namespace {

constexpr const char* kFormerName = "custom";

// The site's only described provider, unless it is configured by the former name; else "".
std::string only_described(const SiteConfig& site) {
  std::string only;
  for (const auto& payment : site.payments) {
    if (payment.custom == nullptr) continue;
    if (!only.empty()) return {};
    only = payment.provider;
  }
  return only == kFormerName ? std::string() : only;
}

// Whose the rows of the former name are; "": nobody's but of who is configured so.
Outcome<std::string> owner_of(Store& store, const SiteConfig& site) {
  std::optional<std::string> known;
  TL_CHECK(store.read([&](Tables& tables) -> Outcome<void> {
    TL_TRY(found, tables.orders().custom_owner(site.id));
    known = std::move(found);
    return {};
  }));
  if (!known) return std::string();
  if (!known->empty()) return std::move(*known);
  std::string owner = only_described(site);
  TL_CHECK(store.write(
      [&](Tables& tables) { return tables.orders().set_custom_owner(site.id, owner); }));
  return owner;
}

Outcome<void> keep_name(SiteConfig& site, const std::string& owner) {
  for (auto& payment : site.payments) {
    if (payment.provider != owner) continue;
    if (site.payment(kFormerName) != nullptr)
      return invalid("bad_config",
                     "site \"" + site.id + "\": the sales of payment." + owner +
                         " are stored as custom since before described providers had names of "
                         "their own; name the other one custom_NAME instead of custom");
    payment.stored_as = kFormerName;
  }
  for (auto& destination : site.destinations)
    if (const auto named = destination.settings.find("tag_provider");
        named != destination.settings.end() && named->second == owner)
      named->second = kFormerName;
  return {};
}

}  // namespace

Outcome<void> keep_custom_names(Store& store, std::vector<SiteConfig>& sites) {
  for (auto& site : sites) {
    TL_TRY(owner, owner_of(store, site));
    if (!owner.empty()) TL_CHECK(keep_name(site, owner));
  }
  return {};
}

}  // namespace tl::server
