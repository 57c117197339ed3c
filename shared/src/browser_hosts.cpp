// SPDX-License-Identifier: Apache-2.0
// The hint table: the rows of shared/data/hosts.tsv marked "browser".
#include "hosts_browser.inc"
#include "throughline/channel.hpp"

namespace tl {

const HostTable& browser_hosts() {
  static constexpr HostTable kTable{{kBrowserHostText, sizeof kBrowserHostText - 1}};
  return kTable;
}

}  // namespace tl
