// SPDX-License-Identifier: Apache-2.0
// Models by the names people use in reports: the stored name without its parameters. All
// configurations of a name count together: a conversion has one of each, so its credits count once;
// which ones there are is part of the answer.
#pragma once

#include "server/core/config.hpp"
#include "server/core/ports/report_store.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

std::string report_name(std::string_view stored_model);

struct ModelChoice {
  std::string name;
  std::vector<std::int64_t> configs;  // empty: configured, but nothing was credited by it yet
  std::vector<ModelConfigRow> rows;   // of these
};

// `wanted`: a report name or a stored one, with `_` or `-`, that the site is configured for or that
// gave credit once; empty: the site's default. Errors: invalid (unknown_model), unavailable.
Outcome<ModelChoice> choose_model(ReportStore& store, const SiteConfig& site,
                                  std::string_view wanted);
// All that ever gave credit, in the registry's order, others after them.
Outcome<std::vector<ModelChoice>> all_model_choices(ReportStore& store, const SiteConfig& site);

// Estimates from the paths of all buyers together; their figures carry kDescribesPaths.
bool is_data_driven(std::string_view model);
inline constexpr const char* kDescribesPaths = "observed paths; does not measure incrementality";

}  // namespace tl::server
