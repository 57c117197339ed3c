// SPDX-License-Identifier: Apache-2.0
// A contact as hashes. Destinations hash different texts of one e-mail address or phone number, so
// every variant is computed while the plain value is in memory; afterwards it can be forgotten.
//   digits   Meta, Snap, Pinterest, Microsoft, TikTok's e-mail: e-mail trimmed and lower-cased;
//            phone as digits with country code, without "+"
//   e164     Google, GA4, TikTok, Reddit: phone as "+" and digits
//   gmail    Google: as digits, no inner blanks; at gmail.com and googlemail.com no dots, no +tag
//   reddit   Reddit: no dots and no +tag in the local part, at every domain
// Every hash is lower-case hex of SHA-256 over UTF-8. Source: the vendors' formatting pages,
// 2026-11 (docs/destinations.md). Pure and thread-safe.
#pragma once

#include "server/core/records.hpp"
#include "throughline/hash.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// JSON object variant -> 64 hex digits; "{}" when nothing can be said. `plain` may already be 64
// hex digits (any case): then the only variant is the one that the hash stands for, digits of an
// e-mail or e164 of a phone. `default_country`: ISO alpha-2 for national phone numbers, may be
// empty.
std::string contact_variants(ContactKind kind, std::string_view plain,
                             std::string_view default_country);

// The variants of an e-mail address that name its mailbox, `gmail` and `reddit`; empty for what is
// none.
std::vector<Digest> mailbox_hashes(std::string_view plain);

// The normal form of a contact: the trimmed, lower-cased e-mail, the E.164 phone number, the user
// id as it is. None for what is no e-mail address or phone number.
std::optional<std::string> contact_text(ContactKind kind, std::string_view plain,
                                        std::string_view default_country);

// The hash by which contacts are matched: SHA-256 of the normal form. 64 hex digits are taken as
// such a hash already (not for user ids).
std::optional<Digest> contact_hash(ContactKind kind, std::string_view plain,
                                   std::string_view default_country);

// Whether an id that a site made up holds an e-mail address or is an international phone number.
bool reads_as_contact(std::string_view id);

}  // namespace tl::server
