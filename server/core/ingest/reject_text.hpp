// SPDX-License-Identifier: Apache-2.0
// Whether refused input may be kept word for word. What its sender did not consent to keep accepted
// is not kept refused either: then the reject has its code, route and size alone.
#pragma once

#include "throughline/consent.hpp"

#include <string_view>

namespace tl::server {

// `text`: one event or a whole body, in any of the shapes that the intakes read. Every event in it
// must permit ids, by its own word or by the site's default; text that cannot be read permits
// nothing unless the default does.
bool may_keep_text(std::string_view text, Choice site_default);

}  // namespace tl::server
