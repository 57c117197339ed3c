// SPDX-License-Identifier: Apache-2.0
// token, parse_token, coarse_token, parse_coarse_token, contact and order_event_id.
#include "throughline/checkout.hpp"
#include "throughline/coarse_handover.hpp"
#include "throughline/contact.hpp"
#include "vectors/vector_text.hpp"

#include <vector>

namespace tl::vectors {
namespace {

constexpr std::size_t kHandoverRoom = 256 * 1024;

template <class Write>
std::string written(Write write) {
  std::vector<char> room(kHandoverRoom);
  Out out(room.data(), kHandoverRoom);
  write(out);
  return std::string(out.view());
}

Id128 id_of(const Json& in, const char* name) {
  const auto id = parse_uuid(text_of(in, name));
  return id.ok() ? id.value() : Id128{};
}

Handover handover_of(const Json& in) {
  return {id_of(in, "aid"), id_of(in, "sid"), number_of(in, "t")};
}

std::string uuid(const Id128& id) {
  return written([&](Out& out) { write_uuid(id, out); });
}

}  // namespace

Json run_token(const Json& in) {
  return json_of(written([&](Out& out) { write_packed_token(handover_of(in), out); }));
}

Json run_parse_token(const Json& in) {
  const auto handover = parse_packed_token(text_of(in, "text"));
  if (!handover.ok()) return {{"error", handover.error().code}};
  return {{"aid", uuid(handover.value().anonymous_id)},
          {"sid", uuid(handover.value().session_id)},
          {"t", std::to_string(handover.value().checkout_started_ms)}};
}

Json run_coarse_token(const Json& in) {
  const std::string channel = text_of(in, "channel"), source = text_of(in, "source"),
                    campaign = text_of(in, "campaign");
  CoarseHandover handover{Channel::unknown, source, campaign};
  if (!parse_channel(channel, handover.channel) || !is_coarse_handover(handover))
    return {{"error", "bad_token"}};
  return json_of(written([&](Out& out) { write_coarse_token(handover, out); }));
}

Json run_parse_coarse_token(const Json& in) {
  std::vector<char> room(kMaxCoarseToken);
  Out arena(room.data(), room.size());
  const auto handover = parse_coarse_token(text_of(in, "text"), arena);
  if (!handover.ok()) return {{"error", handover.error().code}};
  return {{"channel", std::string(channel_name(handover.value().channel))},
          {"source", json_of(handover.value().source)},
          {"campaign", json_of(handover.value().campaign)}};
}

Json run_contact(const Json& in) {
  const std::string raw = text_of(in, "raw");
  std::vector<char> room(kHandoverRoom);
  Out out(room.data(), kHandoverRoom);
  const auto normal =
      text_of(in, "kind") == "phone" ? normalise_phone_e164(raw, out) : normalise_email(raw, out);
  if (!normal.ok()) return {{"error", normal.error().code}};
  return {{"text", json_of(normal.value())},
          {"sha256", written([&](Out& hex) { write_sha256_hex(normal.value(), hex); })}};
}

Json run_order_event_id(const Json& in) {
  return uuid(derive_order_event_id(text_of(in, "site"), text_of(in, "provider"),
                                    text_of(in, "order"), text_of(in, "kind")));
}

}  // namespace tl::vectors
