// SPDX-License-Identifier: Apache-2.0
// Both texts walk the key lists, so a new key appears in them by itself.

#include "server/config/describe_config.hpp"

#include "server/config/keys.hpp"

namespace tl::server {
namespace {

std::string hidden(const std::string& secret) {
  return secret.empty() ? "\"\"" : "\"(hidden, " + std::to_string(secret.size()) + " bytes)\"";
}

std::string shown(const Value& value, bool is_secret) {
  if (!is_secret) return write_toml(value);
  if (const auto* text = std::get_if<std::string>(&value)) return hidden(*text);
  std::string list;
  for (const auto& secret : std::get<std::vector<std::string>>(value))
    list += (list.empty() ? "" : ", ") + hidden(secret);
  return "[" + list + "]";
}

template <class Target>
void print(const std::vector<Key<Target>>& keys, const Target& target, const std::string& indent,
           std::string& out) {
  for (const auto& key : keys)
    out += indent + key.path() + " = " + shown(key.get(target), key.is_secret) + "\n";
}

// Only what the file sets: descriptions have many keys, most of them empty.
template <class Target>
void print_set(const std::vector<Key<Target>>& keys, const Target& target,
               const std::string& indent, std::string& out) {
  for (const auto& key : keys)
    if (const auto value = key.get(target); value != key.get(Target{}))
      out += indent + key.path() + " = " + write_toml(value) + "\n";
}

template <class Target>
void describe(const std::string& title, const std::vector<Key<Target>>& keys, std::string& out) {
  out += "\n## " + title + "\n\n| key | type | default | meaning |\n|---|---|---|---|\n";
  for (const auto& key : keys) {
    const auto value = key.get(Target{});
    out += "| `" + key.path() + "` | " + value_kind(value) + " | " +
           (key.is_secret ? "" : "`" + write_toml(value) + "`") + " | " + key.help + " |\n";
  }
}

}  // namespace

std::string redacted_config(const Config& config) {
  std::string out = "[server]\n";
  print(server_keys(), config, "", out);
  out += "[store]\n";
  print(store_keys(), config, "", out);
  out += "[cache]\n";
  print(cache_keys(), config, "", out);
  out += "[geo]\n";
  print(geo_keys(), config, "", out);
  for (const auto& site : config.sites) {
    out += "\n[[site]]\n";
    print(site_keys(), site, "", out);
    for (const auto& payment : site.payments) {
      out += "  [site.payment." + payment.provider + "]\n";
      print(payment_keys(), payment, "  ", out);
      if (payment.custom == nullptr) continue;
      print_set(description_keys(), *payment.custom, "  ", out);
      for (const auto& rule : payment.custom->events) {
        out += "    [[site.payment." + payment.provider + ".event]]\n";
        print_set(event_rule_keys(), rule, "    ", out);
      }
    }
    for (const auto& item : site.checkouts) {
      out += "  [[site.checkout]]\n";
      print(checkout_keys(), item, "  ", out);
    }
    for (const auto& destination : site.destinations) {
      out += "  [[site.destination." + destination.kind + "]]\n";
      print(destination_keys(), destination, "  ", out);
      for (const auto& [name, value] : destination.settings)
        out += "  " + name + " = " + shown(Value(value), is_secret_setting(name)) + "\n";
    }
  }
  return out;
}

std::string config_reference() {
  std::string out =
      "# Configuration\n\n"
      "Generated from the code by `throughline config-reference`; do not edit.\n\n"
      "One TOML file: `--config FILE`, else `throughline.toml`, else "
      "`/etc/throughline/throughline.toml`. Any value may be `\"env:NAME\"` (an environment "
      "variable) or `\"file:PATH\"` (a file's content, relative to this file). The environment "
      "overrides the file: `THROUGHLINE_SERVER_LISTEN` stands for `listen` in `[server]`, "
      "`THROUGHLINE_SITE_DEMO_WRITE_KEY` for `write_key` of the site `demo`, "
      "`THROUGHLINE_SITE_DEMO_PAYMENT_STRIPE_API_KEY` for `api_key` in its "
      "`[site.payment.stripe]`; "
      "lists are separated by commas. A wrong or unknown key stops the start with file and line, "
      "or the variable, and the nearest valid name. `throughline check-config` checks a file and "
      "prints what was "
      "understood, without secrets.\n\n"
      "Outgoing requests trust the system's certificate authorities. Where a company's proxy shows "
      "certificates of its own, set `SSL_CERT_FILE` in the server's environment to a PEM file with "
      "every authority that is to count; OpenSSL reads it in place of the system's file.\n";
  describe("[server]", server_keys(), out);
  describe("[store]", store_keys(), out);
  describe("[cache]", cache_keys(), out);
  describe("[geo]", geo_keys(), out);
  describe("[[site]]", site_keys(), out);
  describe("[site.payment.NAME]", payment_keys(), out);
  out += "\nThe pages of `docs/providers/` say for each provider what to fill in.\n";
  describe("[site.payment.custom], [site.payment.custom_NAME] (beside those)", description_keys(),
           out);
  out +=
      "\nA source is a JSON pointer into the event (`/data/id`), `root:/…` into the whole body, "
      "`header:NAME`, `=TEXT`, or a text with such in braces (`{/first} {/last}`); of a list the "
      "first that gives a text counts. A condition is a source, `SOURCE=a|b` or `SOURCE!=a|b`; "
      "`a*` stands for all that begin so. `docs/providers/custom.md` has an example.\n";
  describe(
      "[[site.payment.custom.event]] (fields beside those of the description stand in for "
      "them)",
      event_rule_keys(), out);
  describe("[[site.checkout]]", checkout_keys(), out);
  describe("[site.destination.KIND] (common to all; may repeat as [[site.destination.KIND]])",
           destination_keys(), out);
  return out;
}

}  // namespace tl::server
