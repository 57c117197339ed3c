// SPDX-License-Identifier: Apache-2.0
// Whether a text (a webhook's body, a refused request, a reference) speaks of a person: by an
// anonymous or session id, by an e-mail address or phone number in any way of writing (also without
// dots and +tag, where the variants are known, and with something written to it:
// "ann@shop.example-1", "2026-11-27-420777123456"), by one of their hashes, or by the user id that
// was asked for. A text that is percent-encoded, however often, is read in all ways, and so are
// words in Base64. Errs on the side of yes. Of an address or number that may begin and end in
// several places so many are tried that the time grows with the length of the text alone.
#pragma once

#include "server/core/records.hpp"

#include <set>
#include <string>
#include <string_view>
#include <unordered_set>

namespace tl::server {

class Mentions {
 public:
  // `default_country`: of phone numbers without country code.
  Mentions() = default;
  explicit Mentions(std::string default_country);

  void add(const Id128& id);
  // `is_own`: nobody else's, so that a user id tells whose a request is.
  void add(const ContactRef& contact, bool is_own = true);
  // As it was given by whoever asks; also a variant of a contact's hash (64 hex digits).
  void add_text(std::string_view text);
  // An e-mail address or phone number as it is written, which is no part of a longer one.
  void add_address(std::string_view address);

  [[nodiscard]] bool in(std::string_view text) const;
  // The same for a short value, of which also a word may be a user id that only its hash tells.
  [[nodiscard]] bool in_value(std::string_view value) const;
  // Whether a request has one as a value of its own.
  [[nodiscard]] bool says_user_id(std::string_view request) const;

 private:
  [[nodiscard]] bool in_plain(std::string_view text) const;
  [[nodiscard]] bool has_user_id(std::string_view text) const;
  [[nodiscard]] bool has_hex(std::string_view text) const;
  [[nodiscard]] bool has_address(std::string_view low) const;
  [[nodiscard]] bool has_email(std::string_view text) const;
  [[nodiscard]] bool is_email(std::string_view text) const;
  [[nodiscard]] bool has_phone(std::string_view text) const;
  [[nodiscard]] bool is_phone(std::string_view digits) const;

  std::string country_, calling_code_;
  std::unordered_set<std::string> hex_;  // ids (32 digits) and hashes (64), lower case, no dashes
  std::set<ContactRef> contacts_;
  std::set<Digest> own_user_ids_;
  std::set<std::string> texts_, addresses_;  // lower case
  bool has_emails_ = false, has_phones_ = false;
};

}  // namespace tl::server
