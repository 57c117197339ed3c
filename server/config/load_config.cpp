// SPDX-License-Identifier: Apache-2.0
// The shape of the file: which tables exist and how they nest. What a single key may hold is in the
// key lists.

#include "server/config/load_config.hpp"

#include "server/config/custom_provider.hpp"
#include "server/config/keys.hpp"
#include "server/config/sent_events.hpp"
#include "server/config/site_checks.hpp"

#include <fstream>
#include <set>
#include <sstream>

namespace tl::server {
namespace {

class Loader {
 public:
  Loader(const ValueSource& source, ConfigProblems& problems)
      : source_(source), problems_(problems) {}

  void read_root(const TomlNode& root, Config& config) {
    const std::vector<std::string> sections = {"server", "store", "cache", "geo", "site"};
    for (const auto& [name, node] : root.children)
      if (std::find(sections.begin(), sections.end(), name) == sections.end())
        report_section(name, node, sections);
    read_section(server_keys(), root, "server", config);
    read_section(store_keys(), root, "store", config);
    read_section(cache_keys(), root, "cache", config);
    read_section(geo_keys(), root, "geo", config);
    const auto* server = root.child("server");
    if (!is_secret_given_)
      problems_.error(server != nullptr ? server->line : 0,
                      "[server] needs secret: at least 32 bytes, for example from \"env:"
                      "THROUGHLINE_SECRET\"; make one with: openssl rand -hex 32");
    if (config.tls_certificate.empty() != config.tls_key.empty())
      problems_.error(
          problems_.places[config.tls_key.empty() ? "server.tls_certificate" : "server.tls_key"],
          "[server] tls_certificate and tls_key belong together");

    const auto* sites = root.child("site");
    if (sites == nullptr) return problems_.error(0, "there is no [[site]]; add one");
    if (sites->kind != TomlNode::Kind::list)
      return problems_.error(sites->line, "write [[site]] with two brackets: there may be several");
    for (const auto& node : sites->items) read_site(node, config);
  }

 private:
  // A table of a site that stands at the top, or a name that is no section's.
  void report_section(const std::string& name, const TomlNode& node,
                      const std::vector<std::string>& sections) {
    std::set<std::string> of_sites = {"payment", "destination", "checkout"};
    for (const auto& key : site_keys()) of_sites.insert(key.table);
    if (of_sites.count(name) == 0)
      return report_unknown(problems_, node.line, name, "the file", sections);
    const bool is_named = name == "payment" || name == "destination";
    const auto inner = is_named && !node.children.empty() ? "." + node.children.front().name : "";
    const std::string table = "[site." + name + inner + "]";
    problems_.error(node.line, "write " + (name == "checkout" ? "[" + table + "]" : table) +
                                   " below its [[site]]");
  }

  void read_section(const std::vector<Key<Config>>& keys, const TomlNode& root,
                    const std::string& name, Config& config) {
    const auto* table = root.child(name);
    if (!is_table(table, "[" + name + "]")) table = nullptr;
    SectionReader<Config> reader(keys, source_, problems_, "[" + name + "]", name);
    reader.read(table, {}, config);
    is_secret_given_ = is_secret_given_ || reader.has("secret");
  }

  bool is_table(const TomlNode* node, const std::string& label) {
    if (node == nullptr) return false;
    if (node->kind == TomlNode::Kind::table) return true;
    problems_.error(node->line,
                    label + " must be a table, not " + std::string(kind_name(node->kind)));
    return false;
  }

  void read_site(const TomlNode& node, Config& config) {
    if (!is_table(&node, "[[site]]")) return;
    SiteConfig site;
    const auto* id = node.child("id");
    const std::string name = id != nullptr ? id->text : "";
    const auto label = "[[site]]" + (name.empty() ? "" : " " + name);
    const auto path = "site." + name;
    problems_.places[path] = problems_.at(node.line);
    SectionReader<SiteConfig> reader(site_keys(), source_, problems_, label, path);
    reader.read(&node, {"payment", "checkout", "destination"}, site);
    for (const auto* needed : {"id", "write_key", "origins"})
      if (!reader.has(needed)) problems_.error(node.line, label + " needs " + needed);
    if (site.name.empty()) site.name = site.id;

    if (const auto* payments = node.child("payment"); is_table(payments, "site.payment"))
      for (const auto& [provider, table] : payments->children)
        read_payment(provider, table, label, path, site);
    if (const auto* checkouts = node.child("checkout"))
      read_checkouts(*checkouts, label, path, site);
    if (const auto* targets = node.child("destination"); is_table(targets, "site.destination"))
      for (const auto& [kind, entry] : targets->children)
        read_destinations(kind, entry, label, path, site);
    check_site(site, node.line, label, config, problems_);
    config.sites.push_back(std::move(site));
  }

  void read_payment(const std::string& provider, const TomlNode& table,
                    const std::string& site_label, const std::string& site_path, SiteConfig& site) {
    const auto label = "payment." + provider + " of " + site_label;
    if (!is_table(&table, label)) return;
    const auto path = site_path + ".payment." + provider;
    problems_.places[path] = problems_.at(table.line);
    PaymentConfig payment;
    payment.provider = provider;
    const auto before = problems_.errors.size();
    const bool is_custom = is_custom_provider(provider);
    SectionReader<PaymentConfig>(payment_keys(), source_, problems_, label, path)
        .read(&table, is_custom ? description_names() : std::vector<std::string>{}, payment);
    if (is_custom)
      payment.custom = std::make_shared<const PaymentDescription>(
          read_custom_provider(table, provider, label, path, source_, problems_));
    // PayPal signs with a certificate; Square signs the webhook's address too.
    const bool is_certified = provider == "paypal";
    const auto needs = [&](const std::string& what) {
      if (problems_.errors.size() == before) problems_.error(table.line, label + " needs " + what);
    };
    // Mollie's classic webhooks are unsigned: what they name is fetched.
    if (payment.webhook_secrets.empty() && !is_certified && provider != "mollie")
      needs("webhook_secrets: without one no webhook can be trusted");
    if (is_certified && (payment.webhook_id.empty() || payment.certificate_pem.empty()))
      needs("webhook_id and certificate_pem: without them no webhook can be trusted");
    if (provider == "square" && payment.notification_url.empty())
      needs("notification_url: the webhook's address as registered at Square, which it signs");
    for (const auto& secret : payment.webhook_secrets)
      if (secret.empty())
        problems_.error(problems_.places[path + ".webhook_secrets"],
                        "webhook_secrets in " + label +
                            " has an empty secret: anybody could sign with it; fill in or "
                            "remove the entry");
    site.payments.push_back(std::move(payment));
  }

  void read_checkouts(const TomlNode& list, const std::string& site_label,
                      const std::string& site_path, SiteConfig& site) {
    if (list.kind != TomlNode::Kind::list)
      return problems_.error(list.line, "write [[site.checkout]] with two brackets");
    for (const auto& node : list.items) {
      const auto* id = node.child("id");
      const std::string name = id != nullptr ? id->text : "";
      const auto label = "checkout " + name + " of " + site_label;
      if (!is_table(&node, label)) continue;
      CheckoutItem item;
      SectionReader<CheckoutItem> reader(checkout_keys(), source_, problems_, label,
                                         site_path + ".checkout." + name);
      reader.read(&node, {}, item);
      for (const auto* needed : {"id", "success_url"})
        if (!reader.has(needed)) problems_.error(node.line, label + " needs " + needed);
      check_checkout(item, node.line, label, problems_);
      if (item.name.empty()) item.name = site.name;
      site.checkouts.push_back(std::move(item));
    }
  }

  void read_destinations(const std::string& kind, const TomlNode& entry,
                         const std::string& site_label, const std::string& site_path,
                         SiteConfig& site) {
    if (entry.kind != TomlNode::Kind::list) {
      const std::string own = own_name(entry);
      return read_destination(kind, own.empty() ? kind : kind + ":" + own, entry, site_label,
                              site_path, site);
    }
    int unnamed = 0;
    std::set<std::string> names;
    for (const auto& table : entry.items) {
      std::string own = own_name(table);
      const bool is_counted = own.empty() && ++unnamed > 1;
      if (is_counted) own = std::to_string(unnamed);
      const std::string name = own.empty() ? kind : kind + ":" + own;
      const std::string label = "destination." + name + " of " + site_label;
      if (!names.insert(name).second) {
        problems_.error(table.line, "there is another " + label + "; give each a name of its own");
        continue;
      }
      if (is_counted)
        problems_.warn(
            table.line,
            label +
                " is known by its place among those without a name, which changes "
                "when one is added above or taken out, and what waits for it then waits on; "
                "give each a name (name = \"" +
                own + "\" is what it is called now)");
      read_destination(kind, name, table, site_label, site_path, site);
    }
  }

  // "" where it has none, or none that can be read, which its own reader says.
  std::string own_name(const TomlNode& table) {
    const auto* node = table.child("name");
    if (node == nullptr) return {};
    const auto read = source_.read(*node, Value(std::string()));
    return read.ok() ? std::get<std::string>(read.value()) : std::string();
  }

  // Every setting but the common ones is kept as text; the destination itself judges them.
  void read_destination(const std::string& kind, const std::string& name, const TomlNode& table,
                        const std::string& site_label, const std::string& site_path,
                        SiteConfig& site) {
    const auto label = "destination." + name + " of " + site_label;
    if (!is_table(&table, label)) return;
    const auto path = site_path + ".destination." + name;
    problems_.places[path] = problems_.at(table.line);
    DestinationConfig destination;
    destination.kind = kind;
    destination.name = name;
    std::vector<std::string> settings;
    for (const auto& [setting, node] : table.children) {
      if (setting == "events" || setting == "name") continue;
      settings.push_back(setting);
      if (node.kind != TomlNode::Kind::table) {
        read_setting(setting, node, label, path, destination);
        continue;
      }
      for (const auto& [entry, value] : node.children)
        read_setting(
            setting + "." +
                read_event_name(entry, problems_.at(value.line), setting + " in " + label, site),
            value, label, path, destination);
    }
    SectionReader<DestinationConfig>(destination_keys(), source_, problems_, label, path)
        .read(&table, settings, destination);
    if (source_.override_of(path + ".name"))
      problems_.error(ValueSource::override_place(path + ".name"),
                      "the name of " + label + " is written in the file alone");
    for (auto& event : destination.events)
      event =
          read_event_name(event, problems_.places[path + ".events"], "events in " + label, site);
    site.destinations.push_back(std::move(destination));
  }

  std::string read_event_name(const std::string& written, const std::string& place,
                              const std::string& label, const SiteConfig& site) {
    if (const auto wrong = sent_event_complaint(written, site.conversion_events); !wrong.empty())
      problems_.error(place, label + " " + wrong);
    return sent_event_name(written);
  }

  void read_setting(const std::string& setting, const TomlNode& node, const std::string& label,
                    const std::string& path, DestinationConfig& destination) {
    const std::string own_path = path + "." + setting;
    auto written = source_.override_of(own_path);
    const std::string place =
        written ? ValueSource::override_place(own_path) : problems_.at(node.line);
    problems_.places[own_path] = place;
    const std::string named = setting + " in " + label;
    if (!written && node.kind == TomlNode::Kind::text) written = node.text;
    if (!written && node.kind == TomlNode::Kind::integer) written = std::to_string(node.integer);
    if (!written && node.kind == TomlNode::Kind::boolean) written = node.boolean ? "true" : "false";
    if (!written)
      return problems_.error(place,
                             named + " must be text, not " + std::string(kind_name(node.kind)));
    const auto resolved = source_.resolve(*written);
    if (!resolved.ok()) return problems_.error(place, named + " " + resolved.error().detail);
    Value value(resolved.value());
    if (is_secret_setting(setting) && trim_secret(value))
      problems_.warn(place, "white space around " + named + " was removed");
    destination.settings[setting] = std::get<std::string>(value);
  }

  const ValueSource& source_;
  ConfigProblems& problems_;
  bool is_secret_given_ = false;
};

}  // namespace

std::string LoadedConfig::place(const std::string& path) const {
  const auto found = places.find(path);
  return found == places.end() ? name : found->second;
}

Outcome<std::string> find_config(const std::string& given) {
  std::vector<std::string> candidates = {"throughline.toml", "/etc/throughline/throughline.toml"};
  if (!given.empty()) candidates = {given};
  for (const auto& candidate : candidates)
    if (std::filesystem::is_regular_file(candidate)) return candidate;
  return fail(ErrorKind::not_found, "config_not_found",
              given.empty() ? "There is no throughline.toml here and no "
                              "/etc/throughline/throughline.toml; name one with --config FILE."
                            : "There is no configuration file " + given + ".");
}

Outcome<LoadedConfig> load_config(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (!file) return fail(ErrorKind::not_found, "config_not_found", "Cannot read " + path + ".");
  text << file.rdbuf();
  return parse_config(text.str(), path,
                      ValueSource(process_environment(), std::filesystem::path(path).parent_path(),
                                  process_variables()));
}

Outcome<LoadedConfig> parse_config(std::string_view text, const std::string& name,
                                   const ValueSource& source) {
  TL_TRY(root, parse_toml(text, name));
  LoadedConfig loaded;
  loaded.name = name;
  ConfigProblems problems;
  problems.name = name;
  Loader(source, problems).read_root(root, loaded.config);
  for (const auto& [variable, near] : source.unused_overrides())
    problems.warn(0, variable + " in the environment stands for no setting" +
                         (near.empty() ? "" : "; did you mean " + near + "?"));
  if (problems.errors.empty()) {
    loaded.warnings = std::move(problems.warnings);
    loaded.places = std::move(problems.places);
    return loaded;
  }
  std::string all;
  for (const auto& error : problems.errors) all += (all.empty() ? "" : "\n") + error;
  return invalid("bad_config", all);
}

}  // namespace tl::server
