// SPDX-License-Identifier: Apache-2.0
// Credits of a conversion under every model, as integers that sum exactly. value_minor splits the
// amount, net_minor what refunds left of it, by the same weights.
#pragma once

#include "models/model.hpp"
#include "server/core/config.hpp"
#include "server/core/conversion_path.hpp"
#include "server/core/order_refunds.hpp"
#include "server/core/records.hpp"

#include <vector>

namespace tl::server {

// Every model whose credits sum to the conversion, with the site's parameters.
std::vector<models::ModelConfig> models_of_site(const SiteConfig& site);
// The models by which these credits were once split: a refund is split like its order was, even
// when the site's parameters have changed since.
std::vector<models::ModelConfig> models_of_credits(const std::vector<CreditRow>& credits);

// One row a model and touch; one unattributed row a model when no touch may get credit.
Outcome<std::vector<CreditRow>> credit_rows(const std::vector<models::ModelConfig>& models,
                                            const ConversionPath& path, std::int64_t amount_minor,
                                            const std::vector<RefundStep>& refunds);

}  // namespace tl::server
