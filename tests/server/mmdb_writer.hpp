// SPDX-License-Identifier: Apache-2.0
// A tiny MMDB file for tests (MaxMind DB format 2.0): an IPv6 tree of 24-bit records in which IPv4
// stands below ::/96, and records of texts, maps and lists.
#pragma once

#include <nlohmann/json.hpp>

#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace tl::server::test {

class MmdbWriter {
 public:
  // `bits`: the network's address as a text of 0 and 1.
  void add(const std::string& bits, const nlohmann::json& record) {
    const auto offset = data_.size();
    write(record, data_);
    std::size_t node = 0;
    for (std::size_t i = 0; i + 1 < bits.size(); ++i) {
      auto& next = nodes_[node][bits[i] == '1' ? 1 : 0];
      if (next == kNothing) {
        next = static_cast<std::int64_t>(nodes_.size());
        nodes_.push_back({kNothing, kNothing});
      }
      node = static_cast<std::size_t>(nodes_[node][bits[i] == '1' ? 1 : 0]);
    }
    nodes_[node][bits.back() == '1' ? 1 : 0] = -2 - static_cast<std::int64_t>(offset);
  }
  void add_v4(std::uint32_t address, int prefix, const nlohmann::json& record) {
    std::string bits(96, '0');
    for (int i = 0; i < prefix; ++i) bits += (address >> (31 - i) & 1U) != 0 ? '1' : '0';
    add(bits, record);
  }
  void save(const std::string& path) const {
    const auto count = nodes_.size();
    std::string out;
    for (const auto& node : nodes_)
      for (const auto child : node) {
        std::size_t record = count;
        if (child >= 0) record = static_cast<std::size_t>(child);
        if (child < kNothing) record = count + 16 + static_cast<std::size_t>(-2 - child);
        for (int shift = 16; shift >= 0; shift -= 8)
          out += static_cast<char>(record >> static_cast<unsigned>(shift) & 0xFFU);
      }
    out += std::string(16, '\0') + data_ + "\xAB\xCD\xEFMaxMind.com";
    const auto member = [&out](const char* name, int type, int bytes, std::size_t number) {
      write(name, out);
      write_number(type, bytes, number, out);
    };
    write_head(kMap, 9, out);
    member("node_count", kUint32, 4, count);
    member("record_size", kUint16, 2, 24);
    member("ip_version", kUint16, 2, 6);
    member("binary_format_major_version", kUint16, 2, 2);
    member("binary_format_minor_version", kUint16, 2, 0);
    member("build_epoch", kUint64, 8, 1);  // none is refused
    write("database_type", out);
    write("test", out);
    write("languages", out);
    write(nlohmann::json::array(), out);
    write("description", out);
    write(nlohmann::json::object(), out);
    std::ofstream(path, std::ios::binary) << out;
  }

 private:
  static constexpr std::int64_t kNothing = -1;

  // Types of the format's section "Output Data Section".
  static constexpr int kText = 2, kUint16 = 5, kUint32 = 6, kMap = 7, kUint64 = 9, kList = 11;

  static void write_head(int type, std::size_t size, std::string& out) {
    const int shown = type > 7 ? 0 : type;
    out += static_cast<char>(shown << 5 | static_cast<int>(size));  // all are shorter than 29
    if (type > 7) out += static_cast<char>(type - 7);
  }
  static void write_number(int type, int bytes, std::size_t number, std::string& out) {
    write_head(type, static_cast<std::size_t>(bytes), out);
    for (int shift = 8 * bytes - 8; shift >= 0; shift -= 8)
      out += static_cast<char>(number >> static_cast<unsigned>(shift) & 0xFFU);
  }
  static void write(const nlohmann::json& value, std::string& out) {
    if (value.is_string()) {
      const auto text = value.get<std::string>();
      write_head(kText, text.size(), out);
      out += text;
    } else if (value.is_number()) {
      write_number(kUint32, 4, value.get<std::uint32_t>(), out);
    } else if (value.is_object()) {
      write_head(kMap, value.size(), out);
      for (const auto& [name, entry] : value.items()) {
        write(name, out);
        write(entry, out);
      }
    } else {
      write_head(kList, value.size(), out);
      for (const auto& entry : value) write(entry, out);
    }
  }

  std::vector<std::array<std::int64_t, 2>> nodes_{{kNothing, kNothing}};
  std::string data_;
};

}  // namespace tl::server::test
