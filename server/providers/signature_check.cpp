// SPDX-License-Identifier: Apache-2.0
#include "server/providers/signature_check.hpp"

#include "server/core/access/secret_box.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <optional>

namespace tl::server {
namespace {

// What the headers say, before anything is believed.
struct SignedParts {
  std::vector<std::string_view> signatures;
  std::string id;
  std::optional<std::int64_t> signed_at_s;
  bool has_other_version = false;  // a signature, though of a version that never verifies
};

ServerError refuse(std::string code, std::string detail) {
  return fail(ErrorKind::unauthenticated, std::move(code), std::move(detail));
}

std::string_view given_header(const WebhookRequest& request, std::string_view name) {
  const std::string* value = name.empty() ? nullptr : request.header(name);
  return value == nullptr ? std::string_view{} : trim(*value);
}

ServerError missing(std::string_view provider, const std::string& header) {
  return refuse("missing_header", "the request has no " + header + " header; webhooks must come " +
                                      "from " + std::string(provider) +
                                      ", and a proxy in between must pass the header on");
}

std::optional<std::int64_t> seconds_of(std::string_view text) {
  std::int64_t seconds = 0;
  return parse_decimal(text, seconds) ? std::optional(seconds) : std::nullopt;
}

// Blank-separated entries "v1,<base64>"; others are versions that this server does not know.
void read_standard(std::string_view header, SignedParts& parts) {
  while (!header.empty()) {
    const auto blank = header.find(' ');
    const std::string_view entry = header.substr(0, blank);
    if (entry.starts_with("v1,"))
      parts.signatures.push_back(entry.substr(3));
    else if (entry.starts_with('v') && entry.find(',') != std::string_view::npos)
      parts.has_other_version = true;
    header = blank == std::string_view::npos ? std::string_view{} : header.substr(blank + 1);
  }
}

// The last time counts; "v0" and the like are versions that never verify.
void read_pairs(const SignatureRule& rule, std::string_view header, SignedParts& parts) {
  const char separator = rule.separator.empty() ? ',' : rule.separator.front();
  for (const auto& [key, value] : split_signature_header(header, separator)) {
    if (key == rule.timestamp_name)
      parts.signed_at_s = seconds_of(value);
    else if (key == rule.signature_name)
      parts.signatures.push_back(value);
    else if (!key.empty() && key[0] == rule.signature_name[0])
      parts.has_other_version = true;
  }
}

SignedParts read_header(const SignatureRule& rule, const WebhookRequest& request,
                        std::string_view header) {
  SignedParts parts;
  switch (rule.form) {
    case SignatureRule::Form::plain:
      if (!rule.prefix.empty() && header.starts_with(rule.prefix))
        header.remove_prefix(rule.prefix.size());
      parts.signatures.push_back(header);
      break;
    case SignatureRule::Form::pairs:
      read_pairs(rule, header, parts);
      break;
    case SignatureRule::Form::time_and_mac: {
      const auto comma = header.find(',');
      if (comma == std::string_view::npos) break;
      parts.signed_at_s = seconds_of(header.substr(0, comma));
      parts.signatures.push_back(trim(header.substr(comma + 1)));
      break;
    }
    case SignatureRule::Form::standard:
      parts.id = given_header(request, rule.id_header);
      parts.signed_at_s = seconds_of(given_header(request, rule.timestamp_header));
      read_standard(header, parts);
      break;
  }
  return parts;
}

std::string signed_bytes(const SignatureRule& rule, const SignedParts& parts,
                         const WebhookRequest& request, const PaymentConfig& config) {
  std::string bytes;
  std::string_view pattern = rule.signed_text;
  while (!pattern.empty()) {
    const auto open = pattern.find('{');
    bytes += pattern.substr(0, open);
    if (open == std::string_view::npos) break;
    const auto close = std::min(pattern.find('}', open), pattern.size() - 1);
    const std::string_view name = pattern.substr(open + 1, close - open - 1);
    if (name == "body") bytes += request.body;
    if (name == "timestamp") bytes += std::to_string(parts.signed_at_s.value_or(0));
    if (name == "id") bytes += parts.id;
    if (name == "url") bytes += config.notification_url;
    pattern.remove_prefix(close + 1);
  }
  return bytes;
}

Outcome<void> check_mac(std::string_view provider, const SignatureRule& rule,
                        const WebhookRequest& request, const PaymentConfig& config) {
  if (rule.form == SignatureRule::Form::standard)
    for (const auto* name : {&rule.id_header, &rule.timestamp_header})
      if (given_header(request, *name).empty()) return missing(provider, *name);
  const SignedParts parts = read_header(rule, request, given_header(request, rule.header));
  const bool is_timed = rule.signed_text.find("{timestamp}") != std::string::npos;
  if ((is_timed && !parts.signed_at_s) || (parts.signatures.empty() && !parts.has_other_version))
    return refuse("malformed_header", "the " + rule.header +
                                          " header does not have the form that " +
                                          std::string(provider) + " documents");
  if (!any_mac_matches(rule.scheme, signed_bytes(rule, parts, request, config),
                       config.webhook_secrets, parts.signatures))
    return refuse("bad_signature", "no signature in " + rule.header +
                                       " matches a configured webhook secret; compare "
                                       "webhook_secrets with the secret that " +
                                       std::string(provider) +
                                       " shows, and see that nothing changes the body on its way");
  if (!is_timed) return {};
  return check_timestamp(
      *parts.signed_at_s, request.now_ms,
      {config.tolerance_s < 0 ? rule.tolerance_s : config.tolerance_s, rule.allows_future});
}

// Compares digests, so that nothing tells how long the secret is. Of a replay a digest is all that
// is left of what was given.
bool is_secret(const WebhookRequest& request, std::string_view given,
               const std::vector<std::string>& secrets) {
  const Digest given_digest = sha256(given);
  bool matches = false;
  for (const auto& configured : secrets) {
    const std::string_view secret = trim(configured);
    if (secret.empty()) continue;
    if (request.was_given) {
      matches = request.was_given(secret) || matches;
      continue;
    }
    const Digest digest = sha256(secret);
    const auto bytes = [](const Digest& d) {
      return std::string_view(reinterpret_cast<const char*>(d.data()), d.size());
    };
    matches = equal_in_constant_time(bytes(given_digest), bytes(digest)) || matches;
  }
  return matches;
}

std::string_view given_token(const SignatureRule& rule, const WebhookRequest& request) {
  if (!rule.header.empty()) return given_header(request, rule.header);
  for (const auto& [name, value] : request.query)
    if (name == "token" && !value.empty()) return value;
  return {};
}

// "user:password".
std::optional<std::string> given_login(const WebhookRequest& request) {
  constexpr std::string_view kBasic = "Basic ";
  const std::string_view header = given_header(request, "Authorization");
  if (!equals_ignoring_case(header.substr(0, kBasic.size()), kBasic)) return std::nullopt;
  return from_base64(trim(header.substr(kBasic.size())));
}

Outcome<void> check_basic_auth(std::string_view provider, const WebhookRequest& request,
                               const PaymentConfig& config) {
  const auto given = given_login(request);
  if (!given && !request.was_given)
    return given_header(request, "Authorization").empty()
               ? missing(provider, "Authorization")
               : refuse("malformed_header", "the Authorization header is no Basic one");
  if (!is_secret(request, given.value_or(""), config.webhook_secrets))
    return refuse("bad_signature",
                  "user and password match no configured webhook secret; write "
                  "webhook_secrets as \"user:password\", as they stand at " +
                      std::string(provider));
  return {};
}

Outcome<void> check_token(std::string_view provider, const SignatureRule& rule,
                          const WebhookRequest& request, const PaymentConfig& config) {
  const std::string_view given = given_token(rule, request);
  if (given.empty() && !request.was_given)
    return rule.header.empty()
               ? refuse("missing_header", "the address has no token; register it at " +
                                              std::string(provider) +
                                              " with ?token= and one of webhook_secrets")
               : missing(provider, rule.header);
  if (!is_secret(request, given, config.webhook_secrets))
    return refuse("bad_signature", "the token matches no configured webhook secret");
  return {};
}

// What a secret must be and is not; "" where it can prove something.
std::string_view missing_form(const SignatureRule& rule, std::string_view secret) {
  if (rule.kind == SignatureRule::Kind::basic_auth)
    return secret.find(':') == std::string_view::npos ? "user:password" : "";
  if (rule.kind == SignatureRule::Kind::token || is_key(rule.scheme.key, secret)) return "";
  return rule.scheme.key == KeyForm::hex ? "hex digits, two for each byte"
                                         : "base64, after whsec_ or another prefix that ends in _";
}

// Whoever guesses what travels as it is can report payments.
bool can_be_guessed(const SignatureRule& rule, std::string_view secret) {
  constexpr std::size_t kLeastBytes = 16;
  return rule.kind == SignatureRule::Kind::token && secret.size() < kLeastBytes;
}

// The first rule whose header is there; nullptr: none.
const SignatureRule* rule_in_force(const PaymentDescription& description,
                                   const WebhookRequest& request) {
  const auto is_given = [&](const SignatureRule& rule) {
    if (rule.kind == SignatureRule::Kind::hmac) return !given_header(request, rule.header).empty();
    return rule.kind == SignatureRule::Kind::token || request.was_given ||
           !given_header(request, "Authorization").empty();
  };
  const auto found =
      std::find_if(description.signatures.begin(), description.signatures.end(), is_given);
  return found == description.signatures.end() ? nullptr : &*found;
}

}  // namespace

SignatureRule standard_webhooks(KeyForm key, std::string_view prefix) {
  SignatureRule rule;
  rule.form = SignatureRule::Form::standard;
  rule.scheme = {MacHash::sha256, MacEncoding::base64, key};
  rule.header = std::string(prefix) + "signature";
  rule.id_header = std::string(prefix) + "id";
  rule.timestamp_header = std::string(prefix) + "timestamp";
  rule.signed_text = "{id}.{timestamp}.{body}";
  constexpr std::int64_t kAllowedSkewSeconds = 300;
  rule.tolerance_s = kAllowedSkewSeconds;
  rule.allows_future = false;
  return rule;
}

ConfigComplaint secrets_complaint(const std::vector<SignatureRule>& rules,
                                  const std::vector<std::string>& secrets) {
  std::string_view wanted;
  std::size_t useless = 0;
  ConfigComplaint complaint;
  for (const auto& configured : secrets) {
    const std::string_view secret = trim(configured);
    std::size_t fitting = 0;
    for (const auto& rule : rules) {
      const auto form = missing_form(rule, secret);
      if (!form.empty()) wanted = form;
      if (form.empty()) ++fitting;
      if (can_be_guessed(rule, secret))
        complaint.doubt =
            "webhook_secrets holds a secret of fewer than 16 characters, which travels as it is "
            "and can be guessed; make one with: openssl rand -hex 32";
    }
    if (fitting == 0 && !rules.empty()) ++useless;
  }
  if (useless == 0) return complaint;
  const bool is_hopeless = useless == secrets.size();
  (is_hopeless ? complaint.error : complaint.doubt) =
      std::string("webhook_secrets holds ") +
      (is_hopeless ? "nothing that a webhook could prove itself by"
                   : "a secret that no webhook can prove itself by") +
      ": it must be " + std::string(wanted);
  return complaint;
}

Outcome<void> check_signature(const PaymentDescription& description, const WebhookRequest& request,
                              const PaymentConfig& config) {
  if (request.is_proven) return {};
  if (const auto* rule = rule_in_force(description, request)) switch (rule->kind) {
      case SignatureRule::Kind::hmac:
        return check_mac(description.name, *rule, request, config);
      case SignatureRule::Kind::basic_auth:
        return check_basic_auth(description.name, request, config);
      case SignatureRule::Kind::token:
        return check_token(description.name, *rule, request, config);
    }
  const bool is_basic = !description.signatures.empty() &&
                        description.signatures.front().kind == SignatureRule::Kind::basic_auth;
  return missing(description.name, is_basic || description.signatures.empty()
                                       ? "Authorization"
                                       : description.signatures.front().header);
}

std::string secret_given(const PaymentDescription& description, const WebhookRequest& request) {
  const auto* rule = rule_in_force(description, request);
  if (rule == nullptr || rule->kind == SignatureRule::Kind::hmac) return {};
  if (rule->kind == SignatureRule::Kind::basic_auth) return given_login(request).value_or("");
  return std::string(given_token(*rule, request));
}

}  // namespace tl::server
