// SPDX-License-Identifier: Apache-2.0
// touch (extraction, fingerprint), reduce_url and classify (the
// server's whole host table).
#include "throughline/channel.hpp"
#include "throughline/touch.hpp"
#include "vectors/vector_text.hpp"

#include <vector>

namespace tl::vectors {
namespace {

constexpr std::size_t kTouchRoom = 64 * 1024;

struct Room {
  std::vector<char> bytes = std::vector<char>(kTouchRoom);
  Out out{bytes.data(), kTouchRoom};
};

Json classified(const Touch& touch, const HostTable& hosts) {
  Room room;
  const Classification result = classify(touch, hosts, room.out);
  return {{"channel", std::string(channel_name(result.channel))},
          {"source", json_of(result.source)},
          {"medium", json_of(result.medium)}};
}

}  // namespace

Json run_touch(const Json& in) {
  const std::string url = text_of(in, "u"), referrer = text_of(in, "r");
  Room arena, text, print;
  const Touch touch = extract_touch(url, referrer, arena.out);
  write_touch(touch, text.out);
  print.out.put_int(touch_fingerprint(touch));
  return {{"touch", json_of(text.out.view())},
          {"print", std::string(print.out.view())},
          {"internal", touch.is_internal},
          {"landing", json_of(touch.landing_path)}};
}

Json run_reduce(const Json& in) {
  Room room;
  reduce_url(text_of(in, "u"), text_of(in, "keep"), number_of(in, "m") != 0, room.out);
  return json_of(room.out.view());
}

Json run_classify(const Json& in) {
  const std::string url = text_of(in, "u"), referrer = text_of(in, "r");
  Room arena;
  return classified(extract_touch(url, referrer, arena.out), all_hosts());
}

}  // namespace tl::vectors
