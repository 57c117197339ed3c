// SPDX-License-Identifier: Apache-2.0
// The path of a conversion: which touches of a person may get credit, in which order, and for every
// other touch the reason why not. The rules, in the order in which they apply:
//   1. repeat rule    touches up to the previous conversion of the same goal, if the site says so
//   2. lookback       0 <= T - t <= lookback of the touch's kind, both ends closed
//   3. order          (t_ms, seq, id) ascending; arrival never matters
//   4. direct rule    direct touches leave when any other touch is there
//   5. collapse rule  runs of one channel become one touch: the first one's id, the last one's time
//   6. cap            the 500 most recent stay
// Then milestones find the step that holds them: the touch at which one was reached, or when that
// touch is not on the path the last step before it.
// Pure; nothing allocates: all memory is the caller's.
#pragma once

#include "throughline/channel.hpp"
#include "throughline/hash.hpp"
#include "throughline/result.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

namespace tl::models {

inline constexpr std::size_t kMaxPath = 500;

// A channel as the models see it: a channel of the product, or any other name that the caller has
// numbered. Only equality matters, and which one is direct.
class ChannelKey {
 public:
  constexpr ChannelKey(Channel channel)  // NOLINT(google-explicit-constructor)
      : code_(static_cast<std::uint32_t>(channel)) {}
  static constexpr ChannelKey other(std::uint32_t number) {
    ChannelKey key(Channel::unknown);
    key.code_ = kFirstOther + number;
    return key;
  }
  [[nodiscard]] constexpr std::uint32_t code() const { return code_; }
  friend constexpr bool operator==(ChannelKey a, ChannelKey b) { return a.code_ == b.code_; }

 private:
  static constexpr std::uint32_t kFirstOther = 256;  // behind every Channel
  std::uint32_t code_;
};

// What a buyer reached on the way, for the models that reward the touch before it. Bits.
enum Milestone : std::uint8_t {
  kLead = 1,         // contact created
  kOpportunity = 2,  // deal created
};
inline constexpr Milestone kMilestones[] = {kLead, kOpportunity};

// Ids are distinct within one path.
struct PathTouch {
  Id128 id;
  std::int64_t t_ms = 0;
  std::int64_t seq = 0;  // the client's sequence within its page
  ChannelKey channel = Channel::unknown;
  bool is_view = false;         // seen, not clicked: has its own lookback
  std::uint8_t milestones = 0;  // reached at this touch
};

// Stored in configurations: never renumber.
enum class LookbackMode : std::uint8_t {
  fixed = 1,    // back from the conversion
  rolling = 2,  // from touch to touch: a touch counts when the next newer one that counts (or the
                // conversion) is within the lookback
};
enum class DirectRule : std::uint8_t { drop_if_any_other = 1, keep = 2 };
enum class CollapseRule : std::uint8_t { none = 1, consecutive = 2, unique_first = 3 };
enum class RepeatRule : std::uint8_t {
  every = 1,           // every conversion sees all touches in its window
  since_previous = 2,  // only touches strictly later than the previous conversion
  first_only = 3,      // later conversions get no path and no credit
};

struct AttributionRules {
  std::int64_t click_lookback_ms = 30LL * 24 * 3600 * 1000;
  std::int64_t view_lookback_ms = 24LL * 3600 * 1000;
  LookbackMode lookback_mode = LookbackMode::fixed;
  DirectRule direct_rule = DirectRule::drop_if_any_other;
  CollapseRule collapse_rule = CollapseRule::none;
  RepeatRule repeat_rule = RepeatRule::every;
};

inline constexpr std::int64_t kNoPreviousConversion = std::numeric_limits<std::int64_t>::min();

struct ConversionTime {
  std::int64_t t_ms = 0;
  // Of the same person's previous conversion of the same goal.
  std::int64_t previous_ms = kNoPreviousConversion;
};

// Why a touch is not on the path. Stored in snapshots: never renumber.
enum class Exclusion : std::uint8_t {
  none = 0,  // it is
  after_conversion = 1,
  outside_lookback = 2,
  before_previous_conversion = 3,
  direct_removed = 4,
  collapsed = 5,
  over_cap = 6,
  later_conversion = 7,  // repeat rule first_only
};
std::string_view exclusion_name(Exclusion exclusion);  // "none", "after_conversion" …

// One touch of the path, in path order.
struct Step {
  std::uint32_t index = 0;  // into the caller's touches
  ChannelKey channel = Channel::unknown;
  std::int64_t t_ms = 0;        // of a collapsed run: its last touch's
  std::uint8_t milestones = 0;  // held by this step
};

// Gives a milestone reached at `t_ms` to the step that holds it: the last one with t <= t_ms.
// Without such a step nobody holds it, as if it never happened.
void hold_milestone(Milestone milestone, std::int64_t t_ms, std::span<Step> steps);

struct EligiblePath {
  std::size_t count = 0;       // steps written, <= kMaxPath
  bool is_truncated = false;   // more touches were eligible than kMaxPath
  bool is_suppressed = false;  // first_only and not the first: no credit row at all
};

// Writes the eligible path into `steps` (room for touches.size()) and, when `why` is not empty, the
// reason of every touch into it (same size as touches). `touches` in any order.
// `applies_direct_rule` is false for models that look before the removal. Errors: invalid
// (path_scratch_too_small, bad_lookback).
Result<EligiblePath> eligible_path(const AttributionRules& rules, const ConversionTime& conversion,
                                   bool applies_direct_rule, std::span<const PathTouch> touches,
                                   std::span<Step> steps, std::span<Exclusion> why);

}  // namespace tl::models
