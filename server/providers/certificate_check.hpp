// SPDX-License-Identifier: Apache-2.0
// RSA signatures of webhooks, and the checksum that stands in for the body in what PayPal signs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace tl::server {

// CRC-32/ISO-HDLC: of "123456789" 3421780262.
std::uint32_t crc32_of(std::string_view bytes);

// Whether the key of the first certificate in `pem` (PEM text) made this RSA signature (PKCS#1
// v1.5, SHA-256) over `message`. False also when the text is no certificate, the certificate is not
// valid at `now_ms`, or its key is no RSA key of at least 2,048 bits.
bool certificate_signed(const std::string& pem, std::string_view message,
                        std::string_view signature, std::int64_t now_ms);

// From when to when a certificate of `pem` proves anything (the one that lasts longest); none where
// no certificate with an RSA key of that size is in it.
struct CertificateLife {
  std::int64_t from_ms = 0, to_ms = 0;
};
std::optional<CertificateLife> certificate_life(const std::string& pem);

}  // namespace tl::server
