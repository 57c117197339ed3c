// SPDX-License-Identifier: Apache-2.0
// A trained model as the API shows it, without what it learned of each channel.
#pragma once

#include "server/core/attribution/trained_models.hpp"
#include "server/http/analytics_json.hpp"

namespace tl::server::http {

// {"model","kind","order","version","from_day","to_day","trained_at","rules","conversions",
// "failed","p_conversion","states","refused"}
ReportJson training_item(const TrainedModel& model);

}  // namespace tl::server::http
