// SPDX-License-Identifier: Apache-2.0
// The destinations that are one file each: <name>.cpp defines the function of its name. Each lives
// as long as the program.
#pragma once

#include "server/core/ports/destination.hpp"

namespace tl::server::destinations {

const Destination& ga4();
const Destination& webhook();
const Destination& crm();
const Destination& tiktok();
const Destination& google_ads();
const Destination& linkedin();
const Destination& pinterest();
const Destination& snap();
const Destination& reddit();
const Destination& microsoft();
const Destination& x();

}  // namespace tl::server::destinations
