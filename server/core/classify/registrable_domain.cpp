// SPDX-License-Identifier: Apache-2.0
// libpsl over its newest data: what it was built with or what the system keeps up to date. libidn2
// brings names to A-labels first, so "bücher.example" and "xn--bcher-kva.example" are one.

#include "server/core/classify/registrable_domain.hpp"

#include "throughline/text.hpp"

#include <libpsl.h>

#include <algorithm>
#include <idn2.h>
#include <memory>

namespace tl::server {
namespace {

const psl_ctx_t* suffix_list() {
  static const psl_ctx_t* list = psl_latest(nullptr);  // for the life of the process
  return list;
}

std::string ascii_host(std::string_view host) {
  while (!host.empty() && host.back() == '.') host.remove_suffix(1);
  std::string text(host);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  const bool is_ascii = std::all_of(text.begin(), text.end(),
                                    [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (is_ascii) return text;
  char* label = nullptr;
  const int flags = IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL;
  if (idn2_to_ascii_8z(text.c_str(), &label, flags) == IDN2_OK) text = label;
  idn2_free(label);
  return text;
}

bool is_address(std::string_view host) {
  const auto last_dot = host.rfind('.');
  const auto last = last_dot == std::string_view::npos ? host : host.substr(last_dot + 1);
  std::int64_t number = 0;
  return host.find_first_of(":[") != std::string_view::npos || parse_decimal(last, number);
}

// "example.com" of "www.example.com"; the whole text when it has fewer labels.
std::string_view last_two_labels(std::string_view host) {
  const auto last = host.rfind('.');
  if (last == std::string_view::npos || last == 0) return host;
  const auto before = host.rfind('.', last - 1);
  return before == std::string_view::npos ? host : host.substr(before + 1);
}

std::string domain_of(std::string host) {
  if (is_address(host) || suffix_list() == nullptr) return host;
  const char* domain = psl_registrable_domain(suffix_list(), host.c_str());
  return domain == nullptr ? host : std::string(domain);
}

}  // namespace

std::string registrable_domain(std::string_view host) {
  return domain_of(ascii_host(host));
}

bool is_one_site(std::string_view host_a, std::string_view host_b) {
  if (equals_ignoring_case(host_a, host_b)) return true;
  std::string a = ascii_host(host_a), b = ascii_host(host_b);
  return a == b || (last_two_labels(a) == last_two_labels(b) &&
                    domain_of(std::move(a)) == domain_of(std::move(b)));
}

}  // namespace tl::server
