// SPDX-License-Identifier: Apache-2.0
// The two addresses of an arrival (preset fuzz): landing URL and referrer, a line each; a third
// line is the page's stored state, a token, or what somebody typed as a contact, in the country of
// the fourth. Reducing a URL again changes nothing, or the server's replay would differ; nor does
// making a contact canonical again.
#include "server/core/classify/registrable_domain.hpp"
#include "server/core/people/contact_variants.hpp"
#include "server/core/people/meta_cleaning.hpp"
#include "server/core/people/phone_number.hpp"
#include "server/core/text/ecma_text.hpp"
#include "tests/fuzz/fuzz_input.hpp"
#include "throughline/channel.hpp"
#include "throughline/checkout.hpp"
#include "throughline/coarse_handover.hpp"
#include "throughline/contact.hpp"
#include "throughline/session.hpp"
#include "throughline/url.hpp"

#include <array>
#include <string>

namespace {

std::string reduced(std::string_view url, bool permits_marketing) {
  std::array<char, tl::kMaxReducedUrlBytes + 64> buffer;
  tl::Out out(buffer.data(), buffer.size());
  tl::reduce_url(url, "ref,plan", permits_marketing, out);
  return std::string(out.view());
}

void read_contact(std::string_view typed, std::string_view country) {
  using namespace tl::server;
  using tl::fuzz::demand;
  std::array<char, 8192> once_bytes, again_bytes;
  tl::Out once(once_bytes.data(), once_bytes.size()), again(again_bytes.data(), again_bytes.size());
  if (const auto email = tl::normalise_email(typed, once); email.ok()) {
    const auto same = tl::normalise_email(email.value(), again);
    demand(same.ok() && same.value() == email.value());
    demand(contact_hash(ContactKind::email, typed, country) ==
           contact_hash(ContactKind::email, email.value(), country));
  }
  if (const auto phone = phone_to_e164(typed, country)) {
    const auto same = phone_to_e164(*phone, {});
    demand(same && *same == *phone);
  }
  for (const auto kind : {ContactKind::email, ContactKind::phone, ContactKind::user_id})
    static_cast<void>(contact_variants(kind, typed, country));
  static_cast<void>(mailbox_hashes(typed));
  static_cast<void>(reads_as_contact(typed));
  static_cast<void>(explain_meta_normalisation(typed, country));
  static_cast<void>(registrable_domain(typed));
  static_cast<void>(ecma_lower(ecma_trim(typed)));
  demand(utf16_length(utf16_prefix(typed, 7)) <= 7);
}

void read_coarse(std::string_view typed) {
  using tl::fuzz::demand;
  std::array<char, 1024> arena_bytes;
  tl::Out arena(arena_bytes.data(), arena_bytes.size());
  if (const auto coarse = tl::parse_coarse_token(typed, arena); coarse.ok()) {
    std::array<char, 1024> written_bytes;
    tl::Out written(written_bytes.data(), written_bytes.size());
    tl::write_coarse_token(coarse.value(), written);
    tl::Out more(arena_bytes.data() + 512, 512);
    demand(tl::parse_coarse_token(written.view(), more).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using tl::fuzz::demand;
  std::string_view rest = tl::fuzz::text_of(data, size);
  const std::string_view url = tl::fuzz::next_line(rest), referrer = tl::fuzz::next_line(rest),
                         stored = tl::fuzz::next_line(rest);
  for (const bool permits : {false, true}) {
    const std::string once = reduced(url, permits);
    demand(once.size() <= tl::kMaxReducedUrlBytes);
    // A host that no browser has may grow too long by escaping.
    const std::string again = reduced(once, permits);
    demand(again == once || (again.empty() && !tl::parse_url(once).ok()));
  }
  std::array<char, tl::kTouchArenaBytes> buffer;
  tl::Out arena(buffer.data(), buffer.size());
  const tl::Touch touch = tl::extract_touch(url, referrer, arena);
  demand(touch.click_id_count <= touch.click_ids.size());
  std::array<char, tl::kTouchArenaBytes> scratch;
  tl::Out more(scratch.data(), scratch.size());
  static_cast<void>(tl::classify(touch, tl::all_hosts(), more));

  if (const auto state = tl::parse_state(stored); state.ok()) {
    std::array<char, 256> text;
    tl::Out written(text.data(), text.size());
    tl::write_state(state.value(), written);
    const auto again = tl::parse_state(written.view());
    demand(again.ok() && again.value() == state.value());
  }
  if (const auto token = tl::parse_packed_token(stored); token.ok()) {
    std::array<char, 256> text;
    tl::Out written(text.data(), text.size());
    tl::write_packed_token(token.value(), written);
    demand(tl::parse_packed_token(written.view()).ok());
  }
  const std::string_view country = tl::fuzz::next_line(rest);
  read_contact(stored.substr(0, 4096), country);
  read_coarse(stored);
  return 0;
}
