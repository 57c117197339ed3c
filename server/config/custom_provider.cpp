// SPDX-License-Identifier: Apache-2.0
#include "server/config/custom_provider.hpp"

#include "server/config/keys.hpp"

#include <set>

namespace tl::server {
namespace {

// What Standard Webhooks fix, unless the file says otherwise.
void fill_standard(const SectionReader<PaymentDescription>& reader, SignatureRule& rule) {
  const auto fill = [&reader](const char* key, auto& member, auto value) {
    if (!reader.has(std::string("signature.") + key)) member = std::move(value);
  };
  fill("header", rule.header, std::string("webhook-signature"));
  fill("id_header", rule.id_header, std::string("webhook-id"));
  fill("timestamp_header", rule.timestamp_header, std::string("webhook-timestamp"));
  fill("signed", rule.signed_text, std::string("{id}.{timestamp}.{body}"));
  fill("encoding", rule.scheme.encoding, MacEncoding::base64);
  fill("key", rule.scheme.key, KeyForm::base64_after_prefix);
  fill("tolerance_s", rule.tolerance_s, std::int64_t{300});
  fill("allows_future", rule.allows_future, false);
}

void check_description(const PaymentDescription& description, int line, const std::string& label,
                       ConfigProblems& problems) {
  const auto needs = [&](const std::string& what) {
    problems.error(line, label + " needs " + what);
  };
  if (description.signatures.empty()) {
    needs("a table signature: without one anybody could report payments");
  } else if (const auto& rule = description.signatures.front();
             rule.kind == SignatureRule::Kind::hmac && rule.header.empty()) {
    needs("header in its signature");
  }
  if (description.event_type.empty()) needs("event_type, for example [\"/type\"]");
  if (description.fields.order_id.empty()) needs("order_id, for example [\"/data/id\"]");
  if (description.fields.currency.empty() && description.default_currency.empty())
    needs("currency or default_currency");
  bool tells_payments = false;
  for (const auto& rule : description.events) {
    if (rule.types.empty()) problems.error(line, "an event of " + label + " needs types");
    if (rule.role != EventRole::paid) continue;
    tells_payments = true;
    if (description.fields.amount.empty() && rule.fields.amount.empty())
      needs("amount, for example [\"/data/amount\"]");
  }
  if (!tells_payments) needs("an [[…event]] with role = \"paid\"");
}

}  // namespace

bool is_custom_provider(std::string_view name) {
  return name == "custom" || (name.starts_with("custom_") && name.size() > 7);
}

std::vector<std::string> description_names() {
  std::set<std::string> names = {"event"};
  for (const auto& key : description_keys()) names.insert(key.table.empty() ? key.name : key.table);
  return {names.begin(), names.end()};
}

PaymentDescription read_custom_provider(const TomlNode& table, const std::string& name,
                                        const std::string& label, const std::string& path,
                                        const ValueSource& source, ConfigProblems& problems) {
  PaymentDescription description;
  description.name = name;
  // Whoever reads the keys of every provider has judged the other names.
  const auto own = description_names();
  std::vector<std::string> others = {"event"};
  for (const auto& [key, node] : table.children)
    if (std::find(own.begin(), own.end(), key) == own.end()) others.push_back(key);
  SectionReader<PaymentDescription> reader(description_keys(), source, problems, label, path);
  reader.read(&table, others, description);
  if (!description.signatures.empty() &&
      description.signatures.front().form == SignatureRule::Form::standard)
    fill_standard(reader, description.signatures.front());
  if (const auto* events = table.child("event"); events != nullptr) {
    if (events->kind != TomlNode::Kind::list)
      problems.error(events->line, "write [[site.payment." + name + ".event]] with two brackets");
    int number = 0;
    for (const auto& node : events->items) {
      ++number;
      const auto place = "event " + std::to_string(number) + " of " + label;
      if (node.kind != TomlNode::Kind::table) {
        problems.error(node.line, place + " must be a table");
        continue;
      }
      EventRule rule;
      SectionReader<EventRule>(event_rule_keys(), source, problems, place,
                               path + ".event." + std::to_string(number))
          .read(&node, {}, rule);
      description.events.push_back(std::move(rule));
    }
  }
  if (problems.errors.empty()) check_description(description, table.line, label, problems);
  return description;
}

Outcome<PaymentDescription> parse_custom_provider(std::string_view toml,
                                                  const ValueSource& source) {
  TL_TRY(table, parse_toml(toml, "toml"));
  ConfigProblems problems;
  problems.name = "toml";
  PaymentConfig payment;
  SectionReader<PaymentConfig>(payment_keys(), source, problems, "custom", "custom")
      .read(&table, description_names(), payment);
  auto description = read_custom_provider(table, "custom", "custom", "custom", source, problems);
  if (problems.errors.empty()) return description;
  std::string all;
  for (const auto& error : problems.errors) all += (all.empty() ? "" : "\n") + error;
  return invalid("bad_config", all);
}

}  // namespace tl::server
