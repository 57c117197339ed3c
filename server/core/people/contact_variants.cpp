// SPDX-License-Identifier: Apache-2.0
// The variants of contact_variants.hpp. An address that Meta's own validator would refuse still has
// its match hash and the other vendors' variants: only `digits` is left out.
#include "server/core/people/contact_variants.hpp"

#include "server/core/access/secret_box.hpp"
#include "server/core/people/meta_reference.hpp"
#include "server/core/people/phone_number.hpp"
#include "throughline/contact.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <array>
#include <cstring>

namespace tl::server {
namespace {

std::string hex_of(const Digest& digest) {
  return to_hex(digest);
}

std::optional<Digest> digest_of_hex(std::string_view text) {
  if (text.size() != 64) return {};
  std::string lowered(text);
  for (char& c : lowered) c = ascii_lower(c);
  const auto bytes = from_hex(lowered);
  if (!bytes || bytes->size() != 32) return {};
  Digest digest{};
  std::memcpy(digest.data(), bytes->data(), digest.size());
  return digest;
}

std::optional<std::string> canonical_email(std::string_view plain) {
  std::array<char, 1024> buffer;
  Out out(buffer.data(), buffer.size());
  const auto text = normalise_email(plain, out);
  if (!text.ok() || out.overflowed()) return {};
  return std::string(text.value());
}

// The local part without dots (and, where asked, without +tag); none when nothing is left of it.
std::optional<std::string> without_dots(std::string_view email) {
  const auto at = email.rfind('@');
  std::string local(email.substr(0, std::min(email.find('+'), at)));
  std::erase(local, '.');
  if (local.empty()) return {};
  return local + std::string(email.substr(at));
}

std::optional<std::string> google_email(std::string email) {
  std::erase_if(email, [](char c) { return c == ' ' || c == '\t'; });
  const std::string_view domain = std::string_view(email).substr(email.rfind('@') + 1);
  if (domain == "gmail.com" || domain == "googlemail.com") return without_dots(email);
  return email;
}

class VariantList {
 public:
  void add(std::string_view name, const std::optional<std::string>& text) {
    if (text) add_hash(name, sha256(*text));
  }
  void add_hash(std::string_view name, const Digest& hash) {
    json_ += json_.size() > 1 ? ",\"" : "\"";
    json_.append(name).append("\":\"").append(hex_of(hash)).append("\"");
  }
  [[nodiscard]] std::string finish() && { return std::move(json_) + "}"; }

 private:
  std::string json_ = "{";
};

}  // namespace

std::string contact_variants(ContactKind kind, std::string_view plain,
                             std::string_view default_country) {
  VariantList list;
  if (kind == ContactKind::user_id) return std::move(list).finish();
  if (const auto hash = digest_of_hex(trim(plain))) {
    list.add_hash(kind == ContactKind::email ? "digits" : "e164", *hash);
  } else if (kind == ContactKind::email) {
    if (const auto email = canonical_email(plain)) {
      const auto meta = meta_reference(MetaKey::em, *email);
      if (meta.ok()) list.add("digits", meta.value().text);
      list.add("gmail", google_email(*email));
      list.add("reddit", without_dots(*email));
    }
  } else if (const auto e164 = phone_to_e164(plain, default_country)) {
    list.add("digits", e164->substr(1));
    list.add("e164", e164);
  }
  return std::move(list).finish();
}

std::vector<Digest> mailbox_hashes(std::string_view plain) {
  const auto email = canonical_email(plain);
  if (!email) return {};
  std::vector<Digest> hashes;
  for (const auto& text : {google_email(*email), without_dots(*email)})
    if (text) hashes.push_back(sha256(*text));
  return hashes;
}

std::optional<std::string> contact_text(ContactKind kind, std::string_view plain,
                                        std::string_view default_country) {
  if (kind == ContactKind::email) return canonical_email(plain);
  if (kind == ContactKind::phone) return phone_to_e164(plain, default_country);
  if (plain.empty()) return {};
  return std::string(plain);
}

std::optional<Digest> contact_hash(ContactKind kind, std::string_view plain,
                                   std::string_view default_country) {
  if (kind != ContactKind::user_id)
    if (const auto hash = digest_of_hex(trim(plain))) return hash;
  const auto text = contact_text(kind, plain, default_country);
  if (!text) return {};
  return sha256(*text);
}

bool reads_as_contact(std::string_view id) {
  for (const std::string_view at : {"@", "%40"})
    if (const auto found = id.find(at); found != id.npos && found > 0)
      return id.substr(found + at.size()).find('.', 1) != id.npos;
  // Digits alone are an id, also with zeros before them.
  const std::string_view number = trim(id);
  if (!number.starts_with('+') && !(number.starts_with("00") && number.substr(2, 1) > "0"))
    return false;
  std::array<char, 64> buffer;
  Out out(buffer.data(), buffer.size());
  return normalise_phone_e164(number, out).ok() && !out.overflowed();
}

}  // namespace tl::server
