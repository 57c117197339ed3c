// SPDX-License-Identifier: Apache-2.0
// Credits of a conversion under every model, as integers that sum exactly. value_minor splits the
// amount, net_minor what refunds left of it, by the same weights.
#pragma once

#include "models/model.hpp"
#include "server/core/attribution/conversion_path.hpp"
#include "server/core/config.hpp"
#include "server/core/orders/order_refunds.hpp"
#include "server/core/ports/store.hpp"
#include "server/core/records.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace tl::server {

// What a conversion is split by.
struct CreditModels {
  std::vector<models::ModelConfig> by_rule;
  std::vector<TrainedModel> trained;
};

// The key under which its credits are stored: "time_decay:tau_ms=86400000".
std::string stored_model_name(const models::ModelConfig& config);
// Every rule whose credits sum to the conversion, with the site's parameters.
std::vector<models::ModelConfig> models_of_site(const SiteConfig& site);
// And the newest that were trained on conversions of the kind.
Outcome<CreditModels> present_models(Tables& tables, const SiteConfig& site, std::string_view kind);
// The models by which these credits were once split: a refund is split like its order was, even
// when the site's parameters have changed or the model has learned more since.
Outcome<CreditModels> models_of_credits(Tables& tables, std::string_view site_id,
                                        std::string_view kind,
                                        const std::vector<CreditRow>& credits);

// One row a model and touch; one unattributed row a model when no touch may get credit; none when
// the repeat rule gives the conversion none. In the order of OrderStore::credits_of.
Outcome<std::vector<CreditRow>> credit_rows(const CreditModels& models, const ConversionPath& path,
                                            std::int64_t amount_minor,
                                            const std::vector<RefundStep>& refunds);

// Replaces the conversion's credits, and names their configurations. `rules`: of its path.
Outcome<void> put_credit_rows(Tables& tables, const ConversionRow& conversion,
                              std::string_view rules, const std::vector<CreditRow>& credits);

}  // namespace tl::server
