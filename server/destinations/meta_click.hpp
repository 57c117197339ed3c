// SPDX-License-Identifier: Apache-2.0
// Meta's two browser identifiers, fb.<subdomain index>.<creation ms>.<value>: fbc carries the
// fbclid of the last ad click, fbp a browser number. A value that the page's cookie held is passed
// on unchanged, appendix included; fbc is built where a click is known and no cookie says the same.
// fbp is never made up: it would be a tracking cookie of ours.
// Source: Meta developer documentation "ClickID and the fbp and fbc Parameters", 2026-11.
#pragma once

#include "server/core/ports/destination.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace tl::server::destinations {

bool is_meta_cookie(std::string_view text);

// `cookie`: as received, may be empty; `fbclid`: of the newest click, case kept, may be empty;
// `seen_ms`: when that click was first seen. Empty when neither is usable.
std::string meta_fbc(std::string_view cookie, std::string_view fbclid, std::int64_t seen_ms);
std::string meta_fbc_of(const Dispatch& dispatch);
std::string meta_fbp_of(const Dispatch& dispatch);

}  // namespace tl::server::destinations
