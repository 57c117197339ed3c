// SPDX-License-Identifier: Apache-2.0
#include "server/core/privacy/erased_references.hpp"

namespace tl::server {
namespace {

constexpr std::string_view kErasedPrefix = "erased-";
constexpr std::size_t kErasedHexDigits = 32;

std::string erased_form(const Digest& key, std::string_view reference) {
  return std::string(kErasedPrefix) +
         to_hex(hmac_sha256(view_of(key), reference)).substr(0, kErasedHexDigits);
}

}  // namespace

ErasedReferences::ErasedReferences(const SecretBox* box, std::string_view site_id) {
  for (; box != nullptr; box = box->previous())
    keys_.push_back(box->derive("erased-reference", site_id));
}

std::string ErasedReferences::of(std::string_view reference) const {
  return erased_form(keys_.front(), reference);
}

std::vector<std::string> ErasedReferences::forms_of(std::string_view reference) const {
  std::vector<std::string> forms{std::string(reference)};
  for (const auto& key : keys_) forms.push_back(erased_form(key, reference));
  return forms;
}

bool is_erased_reference(std::string_view text) {
  return text.starts_with(kErasedPrefix);
}

}  // namespace tl::server
