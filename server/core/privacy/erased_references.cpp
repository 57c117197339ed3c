// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/erased_references.hpp"

#include "server/core/text/ascii.hpp"
#include "throughline/text.hpp"

namespace tl::server {
namespace {

constexpr std::size_t kErasedHexDigits = 32;

// A shorter one stands in too many references by chance.
constexpr std::size_t kLeastAccount = 4;

std::string keyed_digest(const Digest& key, std::string_view text) {
  return to_hex(hmac_sha256(view_of(key), text)).substr(0, kErasedHexDigits);
}

std::string erased_form(const Digest& key, std::string_view reference) {
  return std::string(kErasedPrefix) + keyed_digest(key, reference);
}

bool is_of_word(char c) {
  return is_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z');
}

}  // namespace

ErasedReferences::ErasedReferences(const SecretBox* box, std::string_view site_id) {
  for (; box != nullptr; box = box->previous())
    keys_.push_back(box->derive("erased-reference", site_id));
}

std::string ErasedReferences::of(std::string_view reference) const {
  return erased_form(keys_.front(), reference);
}

std::string ErasedReferences::again(std::string_view account) const {
  return "again-" + keyed_digest(keys_.front(), "again:" + std::string(account));
}

std::vector<std::string> ErasedReferences::forms_of(std::string_view reference) const {
  std::vector<std::string> forms{std::string(reference)};
  for (const auto& key : keys_) forms.push_back(erased_form(key, reference));
  return forms;
}

bool is_erased_reference(std::string_view text) {
  return text.starts_with(kErasedPrefix);
}

bool holds_account(std::string_view reference, std::string_view account) {
  if (account.size() < kLeastAccount) return reference == account && !account.empty();
  for (auto at = reference.find(account); at != std::string_view::npos;
       at = reference.find(account, at + 1)) {
    const std::size_t end = at + account.size();
    if ((at == 0 || !is_of_word(reference[at - 1])) &&
        (end == reference.size() || !is_of_word(reference[end])))
      return true;
  }
  return false;
}

}  // namespace tl::server
