// SPDX-License-Identifier: Apache-2.0
#include "box_search.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <utility>
#include <vector>

#include "any_rule.hpp"
#include "excerpt.hpp"
#include "narrowing.hpp"
#include "replayed.hpp"
#include "sought.hpp"
#include "stopped.hpp"
#include "text.hpp"

namespace truestep::identify {
namespace {

using Wide = Interval::Wide;

/// Looks through the box of the numbers that are sought. Where it says that they are excluded, some
/// of the steps contradict each part of the box.
class BoxSearch {
 public:
  using Result = Searched;

  /// @param budget    steps of a coordinate over a part of the box that it may take
  /// @param is_quick  intervals have ends in double even where the run has: several times as fast,
  ///                  and less is excluded
  BoxSearch(const Description& h, const std::vector<NamedNumber>& sought, const Record& run,
            const Forming& forming, std::size_t budget, bool is_quick = false)
      : h_(h),
        defaults_(h),
        sought_(sought),
        run_(run),
        excerpt_(run),
        forming_(forming),
        budget_(budget),
        is_quick_(is_quick) {
    for (const auto& each : sought_) h_.number(each.member) = stand_in();
    best_.h = defaults_;
  }

  Result result() {
    std::vector<Box> parts{whole()};
    bool all_excluded = true, is_whole = true;
    while (!parts.empty() && told_.spent < budget_) {
      require_not_stopped();
      Box part = parts.back();
      parts.pop_back();
      if (!contracted(part)) continue;
      const bool told_more = tried(part);
      if (best_.end == End::fits) {
        if (!is_quick_) polish(part);
        if (is_whole)
          for (std::size_t i = 0; i < part.count; ++i)
            best_.ranges.push_back({sought_[i].name, part.side[i]});
        return best_;
      }
      if (told_more) {
        parts.push_back(part);
        continue;
      }
      const auto i = widest(part);
      if (!i) {
        all_excluded = false;
        break;
      }
      split(part, *i, parts);
      is_whole = false;
    }
    const bool done = parts.empty() && all_excluded && told_.spent < budget_;
    best_.end = done ? End::excluded : End::open;
    return best_;
  }

 private:
  /// A double that no known number equals.
  double stand_in() const {
    double value = 0;  // small, so that a rate and a weight decay have a product below 1
    bool taken = true;
    while (taken) {
      value += 0x1.3c6ef372fe95p-70;
      taken = false;
      for (const auto& number : h_.rule().numbers) taken |= h_.number(number.member) == value;
    }
    return value;
  }

  Box whole() const {
    Box box;
    box.count = sought_.size();
    box.forming = forming_;
    for (std::size_t i = 0; i < box.count; ++i) {
      const auto domain = sought_[i].domain;
      box.stands_in[i] = h_.number(sought_[i].member);
      box.side[i] = {0, domain == fast::Domain::scale    ? largest_scale
                        : domain == fast::Domain::weight ? largest_weight
                                                         : 1};
    }
    center(box);
    return box;
  }

  /// Rules are linear in their rate, or nearly: seen from 0, its own share of the step is all that
  /// bounds it, however wide the other sides are.
  void center(Box& box) const {
    for (std::size_t i = 0; i < box.count; ++i) {
      const Interval& side = box.side[i];
      const bool wide = sought_[i].domain == fast::Domain::scale && !(side.high < 1.5L * side.low);
      box.center[i] = !wide ? side.middle() : sought_[i].name == "learning_rate" ? 0 : side.low;
    }
  }

  bool contracted(Box& box) {
    constexpr int most = 60;
    for (int i = 0; i < most && told_.spent < budget_; ++i) {
      const Box before = box;
      if (!narrowed(box)) return false;
      center(box);
      bool much = false;
      for (std::size_t k = 0; k < box.count; ++k)
        much |= box.side[k].width() < 0.7L * before.side[k].width();
      if (!much) break;
    }
    return true;
  }

  bool narrowed(Box& box) {
    return h_.rule().narrowed(h_, excerpt_, is_quick_ ? Ends::in_double : Ends::as_the_run_asks,
                              is_rate_wide(box), box, told_);
  }

  bool is_rate_wide(const Box& box) const {
    for (std::size_t i = 0; i < box.count; ++i)
      if (sought_[i].name == "learning_rate") return !(box.side[i].high < 1.1L * box.side[i].low);
    return false;
  }

  /// What people would take in this part of the box; true where a step was found that decides
  /// more than those of the excerpt.
  bool tried(const Box& part) {
    Description likely = defaults_, middle = defaults_;
    for (std::size_t i = 0; i < part.count; ++i) {
      likely.number(sought_[i].member) = likely_value(i, part.side[i]);
      middle.number(sought_[i].member) = static_cast<double>(part.side[i].middle());
    }
    return tried(likely) || (likely != middle && best_.end != End::fits && tried(middle));
  }

  double likely_value(std::size_t i, const Interval& side) const {
    const double own = defaults_.number(sought_[i].member);
    if (side.contains(own)) return own;
    for (const double value : customary(sought_[i].name, sought_[i].domain))
      if (side.contains(value)) return value;
    return shortest_in(side);
  }

  static double shortest_in(const Interval& side) {
    const auto low = static_cast<double>(side.low), high = static_cast<double>(side.high);
    return low < high ? shortest_between(low, high) : low;
  }

  bool tried(const Description& h) {
    if (!h.rule().is_in_domain(h)) return false;
    if (const auto here = fitted(h, excerpt_.record()); here.outcome.first)
      return excerpt_.add_here(*here.outcome.first);
    const auto [outcome, habit] = fitted(h, run_);
    if (!outcome.first) {
      best_ = {End::fits, h, outcome, habit};
      return false;
    }
    if (!best_.outcome.first || later(*outcome.first, *best_.outcome.first)) {
      best_.h = h;
      best_.outcome = outcome;
    }
    return excerpt_.add(*outcome.first);
  }

  static bool later(const Place& a, const Place& b) {
    return std::pair(a.step, -a.excess) > std::pair(b.step, -b.excess);
  }

  Fit fitted(const Description& h, const Record& run) const {
    if (forming_.any) return replayed_by_any(h, run);
    return {replayed(h, run, Extent::until_it_fails, forming_.how)};
  }

  /// The side by which the steps vary most, in units of their bounds; none where nothing in the
  /// box changes what they say.
  std::optional<std::size_t> widest(const Box& box) const {
    std::array<Wide, Box::most> variation = {};
    Wide spread = 0;
    for (const auto& row : told_.rows) {
      spread = std::max(spread, row.spread);
      for (std::size_t i = 0; i < box.count; ++i)
        variation[i] =
            std::max(variation[i], row.slope[i].size() * box.side[i].width() / row.radius);
    }
    if (told_.unclaimed == 0 && spread < 0x1p-5L) return {};
    const auto most = std::max_element(variation.begin(), variation.begin() + box.count);
    std::size_t chosen = static_cast<std::size_t>(most - variation.begin());
    if (!(*most > 0.5L) || !(*most < 1e30L)) {
      Wide longest = 0;
      for (std::size_t i = 0; i < box.count; ++i)
        if (const Wide length = relative_length(i, box.side[i]); length > longest)
          longest = length, chosen = i;
    }
    const Interval& side = box.side[chosen];
    const Wide at = cut(chosen, side);
    return side.low < at && at < side.high && relative_length(chosen, side) > 1e-14L
               ? std::optional(chosen)
               : std::nullopt;
  }

  /// On the scale on which a side is split.
  Wide relative_length(std::size_t i, const Interval& side) const {
    if (sought_[i].domain == fast::Domain::scale)
      return std::log(side.high + least_scale) - std::log(side.low + least_scale);
    return std::log1p(-side.low + 0x1p-60L) - std::log1p(-side.high + 0x1p-60L);
  }

  static constexpr Wide least_scale = 0x1p-120L;
  static constexpr Wide largest_scale = 0x1p10L;
  /// Nearer to 1, a bound of 1 - beta^t in double soon has nothing to say.
  static constexpr Wide largest_weight = 1 - 0x1p-30L;

  Wide cut(std::size_t i, const Interval& side) const {
    if (sought_[i].domain == fast::Domain::scale && side.high > 2 * side.low) {
      const Wide low = std::max(side.low, least_scale);
      return side.high > 2 * low ? std::sqrt(low) * std::sqrt(side.high) : side.middle();
    }
    if (sought_[i].domain == fast::Domain::weight && 1 - side.low > 2 * (1 - side.high))
      return 1 - std::sqrt(1 - side.low) * std::sqrt(1 - side.high);
    return side.middle();
  }

  /// The half that holds the likeliest value comes first.
  void split(const Box& part, std::size_t i, std::vector<Box>& parts) const {
    const Wide at = cut(i, part.side[i]);
    Box lower = part, upper = part;
    lower.side[i].high = at;
    upper.side[i].low = at;
    center(lower);
    center(upper);
    const bool lower_first = likely_value(i, part.side[i]) <= at;
    parts.push_back(lower_first ? upper : lower);
    parts.push_back(lower_first ? lower : upper);
  }

  /// Takes the simplest value of each number with which the others can be made to fit.
  void polish(const Box& found) {
    Box box = found;
    for (std::size_t i = 0; i < box.count; ++i) {
      const double value = best_.h.number(sought_[i].member);
      const auto own = defaults_.number(sought_[i].member);
      if (value == own) continue;
      std::vector<double> simpler;
      for (const double each : customary(sought_[i].name, sought_[i].domain))
        if (found.side[i].contains(each)) simpler.push_back(each);
      for (int digits = 1; digits <= 8; ++digits) simpler.push_back(rounded(value, digits));
      for (const double each : simpler) {
        if (!found.side[i].contains(each)) continue;
        if (shortest(each).size() >= shortest(best_.h.number(sought_[i].member)).size()) continue;
        Box with_it = box;
        with_it.side[i] = Interval::point(each);
        center(with_it);
        const Result before = best_;
        best_.end = End::open;
        if (contracted(with_it)) tried(with_it);
        if (best_.end == End::fits) {
          box = with_it;
          break;
        }
        best_ = before;
      }
    }
  }

  Description h_, defaults_;
  std::vector<NamedNumber> sought_;
  const Record& run_;
  Excerpt excerpt_;
  Forming forming_;
  std::size_t budget_;
  bool is_quick_;
  Told told_;
  Result best_{End::open, {}, {}, {}};
};

}  // namespace

Searched searched(const Description& h, const std::vector<std::string>& names, const Record& run,
                  const Forming& forming, std::size_t budget) {
  const auto sought = sought_numbers(h, names);
  if (run.in_double)
    if (const auto quick = BoxSearch(h, sought, run, forming, budget, true).result();
        quick.end == End::excluded)
      return quick;
  return BoxSearch(h, sought, run, forming, budget).result();
}

}  // namespace truestep::identify
