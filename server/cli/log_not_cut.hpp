// SPDX-License-Identifier: Apache-2.0
// What a command says whose work is done while the database's log still has pages as they were.
#pragma once

namespace tl::server::cli {

inline constexpr const char* kLogNotCut =
    "It is done. The database's log is in use and could not be cut yet: until it is, its file "
    "keeps what was removed. Run throughline retention in a quieter moment.\n";

}  // namespace tl::server::cli
