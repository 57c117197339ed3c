// SPDX-License-Identifier: Apache-2.0
// The two addresses of an arrival (preset fuzz): landing URL and referrer, a line each; a third
// line is the page's stored state. Reducing a URL again changes nothing, or the server's replay
// would differ.
#include "tests/fuzz/fuzz_input.hpp"
#include "throughline/channel.hpp"
#include "throughline/checkout.hpp"
#include "throughline/contact.hpp"
#include "throughline/session.hpp"

#include <array>
#include <string>

namespace {

std::string reduced(std::string_view url, bool permits_marketing) {
  std::array<char, tl::kMaxReducedUrlBytes + 64> buffer;
  tl::Out out(buffer.data(), buffer.size());
  tl::reduce_url(url, "ref,plan", permits_marketing, out);
  return std::string(out.view());
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
    demand(reduced(once, permits) == once);
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
  std::array<char, 1024> contact;
  tl::Out email(contact.data(), contact.size());
  static_cast<void>(tl::normalise_email(stored, email));
  tl::Out phone(contact.data(), contact.size());
  static_cast<void>(tl::normalise_phone_e164(stored, phone));
  return 0;
}
