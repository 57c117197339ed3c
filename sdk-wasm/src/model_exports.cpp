// SPDX-License-Identifier: Apache-2.0
// The C ABI of models.wasm: the attribution models for the dashboard's what-if panel. Adapts only;
// the reader is loader/models.ts.
//
// Memory is one row of cells of 8 bytes behind the program's own: integers of 64 bits, or doubles
// where said. `reserve` makes room for the input and gives its address; a call finds its input
// there and leaves its output behind it, from the cell whose number it returns. A negative number
// is an error: 1 unknown model or parameter, 2 refused by the models, 3 no memory.
//   credits  t, previous t (smallest integer: none), value_minor, click lookback, view lookback,
//            lookback mode, direct, collapse and repeat rule, number of touches, t of the lead and
//            of the opportunity where only the time is known (smallest integer: none), then of each
//            touch rank of its id, t, seq, channel, is a view, milestones; then the model's name as
//            bytes
//         -> rows, flags (1 truncated, 2 suppressed); of each row touch (-1: unattributed),
//            value_minor, conversions_micro; of each touch the reason why it is not on the path
//   effects  of each path conversions, nulls, value (double), steps, then its channels
//         -> doubles: P(conversion), value of a walk, states; the effect of each channel on
//            conversions, then on value
#include "models/model.hpp"
#include "models/removal_effect.hpp"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <span>
#include <string_view>

#define TL_EXPORT(name) extern "C" __attribute__((export_name(name), used))

extern "C" void abort() {
  __builtin_trap();
}
extern "C" unsigned char __heap_base;

namespace {

using namespace tl::models;  // NOLINT(google-build-using-namespace)
using Cells = std::span<std::int64_t>;

constexpr std::int32_t kUnknownModel = -1, kRefused = -2, kNoMemory = -3;
constexpr std::size_t kCellBytes = 8, kPageBytes = 65536;
constexpr std::size_t kHeadCells = 12, kTouchCells = 6, kRowCells = 3;

// Everything from the start to `end` is taken. Nothing is given back but all at once.
class Memory {
 public:
  static std::uintptr_t start() { return aligned(reinterpret_cast<std::uintptr_t>(&__heap_base)); }
  void reset() { end_ = start(); }
  // The number of the cell where the next take() will begin.
  [[nodiscard]] std::int32_t cell() const {
    return static_cast<std::int32_t>((aligned(end_) - start()) / kCellBytes);
  }

  // Value-initialised; empty when the memory cannot grow that far.
  template <class T>
  std::span<T> take(std::size_t count) {
    const std::uintptr_t from = aligned(end_);
    if (count > (std::numeric_limits<std::size_t>::max() - from) / sizeof(T)) return {};
    const std::uintptr_t end = from + count * sizeof(T);
    const std::size_t held = __builtin_wasm_memory_size(0) * kPageBytes;
    if (end > held && __builtin_wasm_memory_grow(0, (end - held + kPageBytes - 1) / kPageBytes) ==
                          std::numeric_limits<std::size_t>::max())
      return {};
    end_ = end;
    T* const first = reinterpret_cast<T*>(from);
    for (std::size_t i = 0; i < count; ++i) new (first + i) T();
    return {first, count};
  }

 private:
  static std::uintptr_t aligned(std::uintptr_t address) { return (address + 15) / 16 * 16; }

  std::uintptr_t end_ = 0;
};

Memory memory;

const std::int64_t* input() {
  return reinterpret_cast<const std::int64_t*>(Memory::start());
}

AttributionRules rules_of(const std::int64_t* cells) {
  AttributionRules rules;
  rules.click_lookback_ms = cells[3];
  rules.view_lookback_ms = cells[4];
  rules.lookback_mode = static_cast<LookbackMode>(cells[5]);
  rules.direct_rule = static_cast<DirectRule>(cells[6]);
  rules.collapse_rule = static_cast<CollapseRule>(cells[7]);
  rules.repeat_rule = static_cast<RepeatRule>(cells[8]);
  return rules;
}

PathTouch touch_of(const std::int64_t* cells) {
  PathTouch touch;
  for (std::size_t byte = 0; byte < 8; ++byte)
    touch.id.bytes[15 - byte] = static_cast<std::uint8_t>(cells[0] >> (8 * byte));
  touch.t_ms = cells[1];
  touch.seq = cells[2];
  // Codes of the product's channels are their own; the dashboard numbers any others from 256 up.
  touch.channel = cells[3] < 256 ? ChannelKey(static_cast<tl::Channel>(cells[3]))
                                 : ChannelKey::other(static_cast<std::uint32_t>(cells[3] - 256));
  touch.is_view = cells[4] != 0;
  touch.milestones = static_cast<std::uint8_t>(cells[5]);
  return touch;
}

}  // namespace

// The input's address, or 0. Output of earlier calls is gone.
TL_EXPORT("reserve") std::uint32_t tl_reserve(std::uint32_t cells) {
  memory.reset();
  const bool is_there = !memory.take<std::int64_t>(cells).empty() || cells == 0;
  return is_there ? static_cast<std::uint32_t>(Memory::start()) : 0;
}

TL_EXPORT("credits") std::int32_t tl_credits(std::uint32_t name_bytes) {
  const std::int64_t* const cells = input();
  const auto count = static_cast<std::size_t>(cells[9]);
  const char* const name = reinterpret_cast<const char*>(cells + kHeadCells + count * kTouchCells);
  const auto config = parse_model(std::string_view(name, name_bytes));
  if (!config.ok()) return kUnknownModel;

  const std::int32_t result = memory.cell();
  const Cells out = memory.take<std::int64_t>(2 + (count + 1) * kRowCells + count);
  const auto touches = memory.take<PathTouch>(count);
  const auto scratch = memory.take<Step>(count);
  const auto why = memory.take<Exclusion>(count);
  const auto credits = memory.take<Credit>(count + 1);
  if (credits.empty()) return kNoMemory;
  for (std::size_t i = 0; i < count; ++i)
    touches[i] = touch_of(cells + kHeadCells + i * kTouchCells);

  const AttributionRules rules = rules_of(cells);
  const ConversionTime time{cells[0], cells[1]};
  const auto path = eligible_path(rules, time, model_info(config.value().model).applies_direct_rule,
                                  touches, scratch, why);
  if (!path.ok()) return kRefused;
  for (std::size_t i = 0; i < std::size(kMilestones); ++i)
    if (cells[10 + i] != std::numeric_limits<std::int64_t>::min())
      hold_milestone(kMilestones[i], cells[10 + i], scratch.first(path.value().count));
  std::size_t rows = 0;
  if (!path.value().is_suppressed) {
    const auto credited =
        credit_path(config.value(), scratch.first(path.value().count), cells[2], credits);
    if (!credited.ok()) return kRefused;
    rows = credited.value();
  }
  std::size_t at = 0;
  out[at++] = static_cast<std::int64_t>(rows);
  out[at++] = (path.value().is_truncated ? 1 : 0) | (path.value().is_suppressed ? 2 : 0);
  for (const Credit& credit : credits.first(rows)) {
    out[at++] = credit.touch == kUnattributed ? -1 : std::int64_t{credit.touch};
    out[at++] = credit.value_minor;
    out[at++] = credit.conversions_micro;
  }
  for (const Exclusion reason : why) out[at++] = static_cast<std::int64_t>(reason);
  return result;
}

TL_EXPORT("effects")
std::int32_t tl_effects(std::uint32_t paths, std::uint32_t channels, std::uint32_t order) {
  if (order < 1 || order > kMaxChainOrder || channels == 0 || channels > kMaxChainStates)
    return kRefused;
  const std::int32_t result = memory.cell();
  const auto out = memory.take<double>(3 + 2 * std::size_t{channels});
  const auto rows = memory.take<Chain::Row>(Chain::row_limit(channels, order));
  const auto cells = memory.take<Chain::Cell>(rows.size() * channels);
  if (cells.empty()) return kNoMemory;
  Chain chain(channels, order, rows, cells);
  const std::int64_t* in = input();
  for (std::uint32_t i = 0; i < paths; ++i) {
    double value = 0;
    std::memcpy(&value, in + 2, sizeof value);
    const auto steps = static_cast<std::size_t>(in[3]);
    const std::span<const std::int64_t> path(in + 4, steps);
    for (const std::int64_t channel : path)
      if (channel < 0 || channel >= std::int64_t{channels}) return kRefused;
    if (!chain
             .add(path, static_cast<std::uint64_t>(in[0]), value, static_cast<std::uint64_t>(in[1]))
             .ok())
      return kRefused;
    in += 4 + steps;
  }
  const std::size_t needed = removal_scratch(chain);  // none where every path is short
  const auto scratch = memory.take<double>(needed);
  if (scratch.size() < needed) return kNoMemory;
  const auto totals = removal_effects(
      chain, {out.subspan(3, channels), out.subspan(3 + channels, channels)}, scratch);
  if (!totals.ok()) return kRefused;
  out[0] = totals.value().p_conversion;
  out[1] = totals.value().expected_value;
  out[2] = static_cast<double>(totals.value().states);
  return result;
}
