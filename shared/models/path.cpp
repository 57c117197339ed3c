// SPDX-License-Identifier: Apache-2.0
// Eligibility, rule by rule, in place over the caller's steps. Each rule keeps a prefix of `steps`
// and notes why the others left.
#include "models/path.hpp"

#include <algorithm>

namespace tl::models {
namespace {

// Later minus earlier as an unsigned number: no overflow at the ends of int64.
std::uint64_t gap_ms(std::int64_t earlier, std::int64_t later) {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

bool is_before(const PathTouch& left, const PathTouch& right) {
  if (left.t_ms != right.t_ms) return left.t_ms < right.t_ms;
  if (left.seq != right.seq) return left.seq < right.seq;
  return left.id < right.id;
}

struct Selection {
  const AttributionRules& rules;
  const ConversionTime& conversion;
  std::span<const PathTouch> touches;
  std::span<Step> steps;
  std::span<Exclusion> why;
  std::size_t count = 0;

  void exclude(std::uint32_t index, Exclusion reason) {
    if (!why.empty()) why[index] = reason;
  }

  [[nodiscard]] bool reaches(const PathTouch& touch, std::int64_t later_ms) const {
    const std::int64_t lookback = touch.is_view ? rules.view_lookback_ms : rules.click_lookback_ms;
    return gap_ms(touch.t_ms, later_ms) <= static_cast<std::uint64_t>(lookback);
  }

  [[nodiscard]] Exclusion judge(const PathTouch& touch) const {
    const bool has_previous = conversion.previous_ms != kNoPreviousConversion;
    if (touch.t_ms > conversion.t_ms) return Exclusion::after_conversion;
    if (rules.repeat_rule == RepeatRule::since_previous && has_previous &&
        touch.t_ms <= conversion.previous_ms)
      return Exclusion::before_previous_conversion;
    // Rolling windows are judged once the touches are in order.
    if (rules.lookback_mode == LookbackMode::fixed && !reaches(touch, conversion.t_ms))
      return Exclusion::outside_lookback;
    return Exclusion::none;
  }

  void select() {
    for (std::uint32_t i = 0; i < touches.size(); ++i) {
      const Exclusion reason = judge(touches[i]);
      exclude(i, reason);
      if (reason == Exclusion::none) steps[count++] = {i, touches[i].channel, touches[i].t_ms, 0};
    }
  }

  void sort() {
    std::sort(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(count),
              [this](const Step& a, const Step& b) {
                return is_before(touches[a.index], touches[b.index]);
              });
  }

  // From the newest touch back. A refused touch does not move the point from which is measured, so
  // a view out of its shorter lookback leaves the clicks before it alone.
  void roll_back() {
    std::int64_t anchor_ms = conversion.t_ms;
    std::size_t kept = count;
    for (std::size_t i = count; i-- > 0;) {
      if (reaches(touches[steps[i].index], anchor_ms)) {
        anchor_ms = steps[i].t_ms;
        steps[--kept] = steps[i];
      } else {
        exclude(steps[i].index, Exclusion::outside_lookback);
      }
    }
    drop_front(kept);
  }

  void remove_direct() {
    const auto end = steps.begin() + static_cast<std::ptrdiff_t>(count);
    const bool has_other = std::any_of(
        steps.begin(), end, [](const Step& step) { return step.channel != Channel::direct; });
    if (!has_other) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (steps[i].channel == Channel::direct)
        exclude(steps[i].index, Exclusion::direct_removed);
      else
        steps[kept++] = steps[i];
    }
    count = kept;
  }

  // a,a,b,a -> a,b,a (consecutive) or a,b (unique_first: every earlier step of the channel counts).
  void collapse() {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t oldest =
          rules.collapse_rule == CollapseRule::unique_first || kept == 0 ? 0 : kept - 1;
      std::size_t match = oldest;
      while (match < kept && steps[match].channel != steps[i].channel) ++match;
      if (match < kept) {
        steps[match].t_ms = steps[i].t_ms;
        exclude(steps[i].index, Exclusion::collapsed);
      } else {
        steps[kept++] = steps[i];
      }
    }
    count = kept;
  }

  bool cap() {
    if (count <= kMaxPath) return false;
    const std::size_t surplus = count - kMaxPath;
    for (std::size_t i = 0; i < surplus; ++i) exclude(steps[i].index, Exclusion::over_cap);
    drop_front(surplus);
    return true;
  }

  // Several touches that say the same: the newest one up to the conversion counts.
  void hold(Milestone milestone) {
    const PathTouch* reached = nullptr;
    for (const PathTouch& touch : touches) {
      if ((touch.milestones & milestone) == 0 || touch.t_ms > conversion.t_ms) continue;
      if (reached == nullptr || is_before(*reached, touch)) reached = &touch;
    }
    if (reached == nullptr) return;
    std::size_t holder = count;
    while (holder > 0 && is_before(*reached, touches[steps[holder - 1].index])) --holder;
    if (holder > 0)
      steps[holder - 1].milestones =
          static_cast<std::uint8_t>(steps[holder - 1].milestones | milestone);
  }

  void drop_front(std::size_t surplus) {
    std::copy(steps.begin() + static_cast<std::ptrdiff_t>(surplus),
              steps.begin() + static_cast<std::ptrdiff_t>(count), steps.begin());
    count -= surplus;
  }
};

}  // namespace

std::string_view exclusion_name(Exclusion exclusion) {
  switch (exclusion) {
    case Exclusion::none:
      return "none";
    case Exclusion::after_conversion:
      return "after_conversion";
    case Exclusion::outside_lookback:
      return "outside_lookback";
    case Exclusion::before_previous_conversion:
      return "before_previous_conversion";
    case Exclusion::direct_removed:
      return "direct_removed";
    case Exclusion::collapsed:
      return "collapsed";
    case Exclusion::over_cap:
      return "over_cap";
    case Exclusion::later_conversion:
      return "later_conversion";
  }
  return "";
}

void hold_milestone(Milestone milestone, std::int64_t t_ms, std::span<Step> steps) {
  std::size_t holder = steps.size();
  while (holder > 0 && steps[holder - 1].t_ms > t_ms) --holder;
  if (holder > 0)
    steps[holder - 1].milestones =
        static_cast<std::uint8_t>(steps[holder - 1].milestones | milestone);
}

Result<EligiblePath> eligible_path(const AttributionRules& rules, const ConversionTime& conversion,
                                   bool applies_direct_rule, std::span<const PathTouch> touches,
                                   std::span<Step> steps, std::span<Exclusion> why) {
  if (steps.size() < touches.size() || (!why.empty() && why.size() < touches.size()))
    return Error{ErrorKind::invalid, "path_scratch_too_small"};
  if (rules.click_lookback_ms < 0 || rules.view_lookback_ms < 0)
    return Error{ErrorKind::invalid, "bad_lookback"};

  EligiblePath path;
  if (rules.repeat_rule == RepeatRule::first_only &&
      conversion.previous_ms != kNoPreviousConversion) {
    std::fill(why.begin(), why.end(), Exclusion::later_conversion);
    path.is_suppressed = true;
    return path;
  }

  Selection selection{rules, conversion, touches, steps, why};
  selection.select();
  selection.sort();
  if (rules.lookback_mode == LookbackMode::rolling) selection.roll_back();
  if (applies_direct_rule && rules.direct_rule == DirectRule::drop_if_any_other)
    selection.remove_direct();
  if (rules.collapse_rule != CollapseRule::none) selection.collapse();
  path.is_truncated = selection.cap();
  for (const Milestone milestone : kMilestones) selection.hold(milestone);
  path.count = selection.count;
  return path;
}

}  // namespace tl::models
