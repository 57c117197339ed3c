// SPDX-License-Identifier: Apache-2.0
#include "server/http/signed_contact.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/contact_variants.hpp"

namespace tl::server::http {
namespace {

bool is_mac_of(const std::string& mac, std::string_view secret, std::string_view text) {
  const Digest wanted = hmac_sha256(secret, text);
  return equal_in_constant_time(mac, {reinterpret_cast<const char*>(wanted.data()), wanted.size()});
}

}  // namespace

bool is_signed_by_site(const SiteConfig& site, ContactKind kind, std::string_view text,
                       std::string_view country, std::string_view signature) {
  if (site.identity_secret.empty() || text.empty()) return false;
  const auto mac = from_hex(signature);
  if (!mac) return false;
  // Digits alone may be anybody's user id.
  const bool is_plain = kind != ContactKind::phone || text.starts_with('+');
  if (is_plain && is_mac_of(*mac, site.identity_secret, text)) return true;
  const auto normal = contact_text(kind, text, country);
  return normal && is_mac_of(*mac, site.identity_secret, *normal);
}

ServerError bad_identity_signature() {
  return fail(ErrorKind::unauthenticated, "bad_identity_signature",
              "identity_signature is not the hex HMAC-SHA-256 of the user_id, e-mail or phone in "
              "this request under the site's identity_secret");
}

}  // namespace tl::server::http
