// SPDX-License-Identifier: Apache-2.0
// Brotli at quality 11, gzip at 9: slow, but for some ten kilobytes and once, so that no start
// waits for it.

#include "server/http/compressed_asset.hpp"

#include "server/core/access/secret_box.hpp"
#include "throughline/hash.hpp"
#include "throughline/text.hpp"

#include <algorithm>
#include <brotli/encode.h>
#include <zlib.h>

namespace tl::server::http {
namespace {

std::string brotli(std::string_view content) {
  std::string out(BrotliEncoderMaxCompressedSize(content.size()), '\0');
  std::size_t size = out.size();
  const auto done =
      BrotliEncoderCompress(BROTLI_MAX_QUALITY, BROTLI_MAX_WINDOW_BITS, BROTLI_MODE_GENERIC,
                            content.size(), reinterpret_cast<const std::uint8_t*>(content.data()),
                            &size, reinterpret_cast<std::uint8_t*>(out.data()));
  out.resize(done == BROTLI_TRUE ? size : 0);
  return out;
}

std::string gzip(std::string_view content) {
  z_stream stream{};
  constexpr int kGzipWindow = 15 + 16;  // 16: gzip instead of zlib framing
  if (deflateInit2(&stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, 9, Z_DEFAULT_STRATEGY) !=
      Z_OK)
    return "";
  std::string out(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(done == Z_STREAM_END ? stream.total_out : 0);
  deflateEnd(&stream);
  return out;
}

// "0", "0.", "0.000": a weight of nothing.
bool is_zero_weight(std::string_view weight) {
  return !weight.empty() &&
         std::all_of(weight.begin(), weight.end(), [](char c) { return c == '0' || c == '.'; });
}

}  // namespace

bool accepts_encoding(std::string_view header, std::string_view coding) {
  while (!header.empty()) {
    const auto comma = header.find(',');
    const auto entry = header.substr(0, comma);
    header = comma == std::string_view::npos ? std::string_view{} : header.substr(comma + 1);
    const auto semicolon = entry.find(';');
    const auto name = trim(entry.substr(0, semicolon));
    if (!equals_ignoring_case(name, coding)) continue;
    if (semicolon == std::string_view::npos) return true;
    const auto parameter = trim(entry.substr(semicolon + 1));
    const bool has_weight = parameter.size() > 2 && ascii_lower(parameter[0]) == 'q';
    return !has_weight || !is_zero_weight(trim(parameter.substr(2)));
  }
  return false;
}

const std::string& CompressedAsset::Coding::bytes(std::string_view content) const {
  std::call_once(is_made_, [&] { bytes_ = compress_(content); });
  return bytes_;
}

CompressedAsset::CompressedAsset(std::string_view content, std::string content_type)
    : content_(content), content_type_(std::move(content_type)), brotli_(brotli), gzip_(gzip) {
  const auto digest = sha256(content);
  hash_ = to_hex({reinterpret_cast<const char*>(digest.data()), 8});
}

Reply CompressedAsset::answer(const Request& request, std::string_view cache_control) const {
  const auto accepted = request.header("accept-encoding");
  std::string_view body, coding;
  if (accepts_encoding(accepted, "br")) {
    body = brotli_.bytes(content_);
    coding = "br";
  }
  if (body.empty() && accepts_encoding(accepted, "gzip")) {
    body = gzip_.bytes(content_);
    coding = "gzip";
  }
  if (body.empty()) {
    body = content_;
    coding = {};
  }
  const auto etag = "\"" + hash_ + (coding.empty() ? "" : "-") + std::string(coding) + "\"";
  Reply reply = Reply::text(200, "", content_type_);
  reply.header("ETag", etag);
  reply.header("Vary", "Accept-Encoding");
  reply.header("Cache-Control", std::string(cache_control));
  const auto known = request.header("if-none-match");
  if (known == "*" || known.find(etag) != std::string_view::npos) {
    reply.status = 304;
    return reply;
  }
  if (!coding.empty()) reply.header("Content-Encoding", std::string(coding));
  reply.body = body;
  return reply;
}

}  // namespace tl::server::http
