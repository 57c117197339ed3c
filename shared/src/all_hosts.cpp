// SPDX-License-Identifier: Apache-2.0
// The whole host list, for the server. Its own file and library (tl_hosts), so that the browser's
// core cannot pull it in.
#include "hosts_all.inc"
#include "throughline/channel.hpp"

namespace tl {

const HostTable& all_hosts() {
  static constexpr HostTable kTable{{kAllHostText, sizeof kAllHostText - 1}};
  return kTable;
}

}  // namespace tl
