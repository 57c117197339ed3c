// SPDX-License-Identifier: Apache-2.0
// Classifying a stored touch again from its evidence, for when rules, lists or the site's own
// domains have changed since.
#pragma once

#include "server/core/classify/touch_classifier.hpp"
#include "server/core/config.hpp"
#include "server/core/outcome.hpp"
#include "server/core/records.hpp"
#include "throughline/out.hpp"

#include <string>

namespace tl::server {

// The evidence's own "cv": 8 hex digits of classification_version().
void write_classification_version(Out& out);
// Whether other rules or lists than today's named the touch.
bool is_classified_by_others(const TouchRow& touch);

struct StoredClass : TouchClass {
  std::string campaign;
};
// What the touch is called by today's rules and lists. Errors: invalid (bad_evidence): the row's
// evidence was erased or cannot be read; the row stays what it is.
Outcome<StoredClass> classify_stored(const TouchRow& touch, const SiteConfig& site,
                                     TouchClassifier& classifier);

}  // namespace tl::server
