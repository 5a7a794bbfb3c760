// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "boxed.hpp"
#include "excerpt.hpp"
#include "narrowing.hpp"
#include "replay.hpp"
#include "sought.hpp"
#include "text.hpp"

/// All numbers that a run may have been made with, as far as they are not known: branch and bound
/// over the box of them.
namespace truestep::identify {

/// How a search ended.
enum class End {
  fits,      ///< some numbers do
  excluded,  ///< at every number of the box, by this proof
  open       ///< the search was given up
};

/// Numbers by their names, and where they lie: of the values that are looked through, with
/// coefficients formed as they were in the search.
using Ranges = std::vector<std::pair<std::string, Interval>>;

template <class Rule>
struct Searched {
  End end;
  Numbers<Rule> h;
  Outcome outcome;                         ///< of h, or of the best that was tried
  std::optional<Coefficients> habit = {};  ///< with which h fits
  Ranges ranges = {};                      ///< outside which nothing fits, as far as that is known
};

/// Looks through the box of the numbers that are sought. Where it says that they are excluded, some
/// of the steps contradict each part of the box.
template <class Rule>
class BoxSearch {
 public:
  using Result = Searched<Rule>;

  /// @param budget    steps of a coordinate over a part of the box that it may take
  /// @param is_quick  intervals have ends in double even where the run has: several times as fast,
  ///                  and less is excluded
  BoxSearch(const Numbers<Rule>& h, const std::vector<Sought<Rule>>& sought, const Record& run,
            const Forming& forming, std::size_t budget, bool is_quick = false)
      : h_(h),
        defaults_(h),
        sought_(sought),
        run_(run),
        excerpt_(run),
        forming_(forming),
        budget_(budget),
        is_quick_(is_quick) {
    for (const auto& [name, member, domain] : sought_) h_.*member = stand_in();
    best_.h = defaults_;
  }

  Result result() {
    std::vector<Box> parts{whole()};
    bool all_excluded = true, is_whole = true;
    while (!parts.empty() && spent_ < budget_) {
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
    const bool done = parts.empty() && all_excluded && spent_ < budget_;
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
      for_each_number<Rule>([&](const char*, auto member) { taken |= h_.*member == value; });
    }
    return value;
  }

  Box whole() const {
    Box box;
    box.count = sought_.size();
    box.forming = forming_;
    for (std::size_t i = 0; i < box.count; ++i) {
      const auto domain = sought_[i].domain;
      box.stands_in[i] = h_.*sought_[i].member;
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
    for (int i = 0; i < most && spent_ < budget_; ++i) {
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
    if (!run_.in_double) return narrowed<Boxed<float, double>>(box);
    return is_quick_ ? narrowed<Boxed<double, double>>(box)
                     : narrowed<Boxed<double, long double>>(box);
  }

  /// Narrowed by all steps of the excerpt; false if no point of the box explains them. Returns
  /// early where the box has become much smaller.
  template <class Number>
  bool narrowed(Box& box) {
    using Formula = typename Rule::template Formula<Number>;
    const Box from = box;
    const Sides<typename Number::Wide> sides(from);
    Number::box = &sides;
    const Record& run = excerpt_.record();
    auto states = starts_of<Rule, Number>(h_, run, 0, run.coordinates);
    auto unit_states = states;
    std::vector<Number> carried(run.carries() ? run.coordinates : 0, Number::unknown());
    const bool rate_is_wide = !run.carries() && is_rate_wide(from);
    Reference<Number> reference;
    rows_.clear();
    unclaimed_ = 0;
    Narrowing narrowing(from);
    for (std::size_t t = 1; t <= run.steps; ++t) {
      const Formula formula = Rule::template formula<Number>(run.at(t, h_), run.count(t));
      const Formula unit_formula =
          Rule::template formula<Number>(rate_is_wide ? at_rate_one(t) : h_, run.count(t));
      for (std::size_t k = 0; k < run.coordinates; ++k) {
        if (!excerpt_.has(k, t) || t > run.end(k)) continue;
        const std::size_t at = (t - 1) * run.coordinates + k;
        const auto theta =
            run.is_carried(t - 1) ? carried[k] : recorded<Number>(run, run.parameters[at]);
        const auto g = gradient<Number>(run, t, run.gradients[at]);
        const auto now = formula.step(theta, states[k], g);
        states[k] = proofs::stored<Formula>(now);
        if (run.carries()) carried[k] = now.theta.stored();
        ++spent_;
        Number unit_move;
        if (rate_is_wide) {
          const auto at_one = unit_formula.step(theta, unit_states[k], g);
          unit_states[k] = proofs::stored<Formula>(at_one);
          unit_move = at_one.theta - theta;
          ++spent_;
        }
        if (!now.theta.bounded()) {
          ++unclaimed_;
          continue;
        }
        if (!run.is_recorded(t)) continue;
        const Wide after = run.parameters[at + run.coordinates];
        const Wide radius =
            bound_of_recorded(run, now.theta.radius, run.parameters[at + run.coordinates]);
        const Interval seen = Interval::outward(after - radius, after + radius);
        if (both(Interval(now.theta.range), seen).is_empty()) return false;
        rows_.push_back({Interval(now.theta.base) - seen, now.theta.slope.all(), radius,
                         now.theta.range.width() / radius});
        if (!narrowing.by(rows_.back())) return false;
        if (!rate_is_wide || !unit_move.bounded()) continue;
        const Interval move = seen - Interval::point(run.parameters[at]);
        if (const auto row = reference.compared(unit_move, move)) {
          if (!row->offset.is_finite()) continue;
          if (!narrowing.by(*row)) return false;
        }
        reference.consider(unit_move, move);
      }
      if (narrowing.is_much()) break;
    }
    return narrowing.by_combinations(rows_) && narrowing.apply_to(box);
  }

  /// The step that tells most of the rate. A rule that is linear in its rate moves theta by rate
  /// times unit move, so that the quotient of two moves is that of their unit moves, whatever the
  /// rate: what is left is a row of the other numbers alone.
  template <class Number>
  class Reference {
   public:
    std::optional<Row> compared(const Number& unit_move, const Interval& move) const {
      if (!known_ || unit_move_.range.contains(0) || unit_move_.base.contains(0)) return {};
      const Number quotient = Number::quotient_of_values(unit_move, unit_move_);
      Row row{Interval(quotient.base) * move_ - move, {}, move.width(), 0};
      for (std::size_t i = 0; i < Box::most; ++i)
        row.slope[i] = Interval(quotient.slope[i]) * move_;
      if (both(Interval(quotient.range) * move_, move).is_empty())
        row.offset = Interval::point(1), row.slope = {};
      return row;
    }

    void consider(const Number& unit_move, const Interval& move) {
      const Wide tells = move.contains(0) ? 0 : move.size() / move.width();
      if (tells <= tells_) return;
      known_ = true;
      tells_ = tells;
      unit_move_ = unit_move;
      move_ = move;
    }

   private:
    bool known_ = false;
    Wide tells_ = 0;
    Number unit_move_;
    Interval move_;
  };

  Numbers<Rule> at_rate_one(std::size_t t) const {
    auto h = excerpt_.record().at(t, h_);
    h.learning_rate = 1;
    return h;
  }

  bool is_rate_wide(const Box& box) const {
    if (!is_linear_in_rate(h_) || !is_in_domain(at_rate_one(1))) return false;
    for (std::size_t i = 0; i < box.count; ++i)
      if (sought_[i].name == "learning_rate") return !(box.side[i].high < 1.1L * box.side[i].low);
    return false;
  }

  /// What people would take in this part of the box; true where a step was found that decides
  /// more than those of the excerpt.
  bool tried(const Box& part) {
    Numbers<Rule> likely = defaults_, middle = defaults_;
    for (std::size_t i = 0; i < part.count; ++i) {
      likely.*sought_[i].member = likely_value(i, part.side[i]);
      middle.*sought_[i].member = static_cast<double>(part.side[i].middle());
    }
    return tried(likely) || (likely != middle && best_.end != End::fits && tried(middle));
  }

  double likely_value(std::size_t i, const Interval& side) const {
    const double own = defaults_.*sought_[i].member;
    if (side.contains(own)) return own;
    for (const double value : customary(sought_[i].name, sought_[i].domain))
      if (side.contains(value)) return value;
    return shortest_in(side);
  }

  static double shortest_in(const Interval& side) {
    const auto low = static_cast<double>(side.low), high = static_cast<double>(side.high);
    return low < high ? shortest_between(low, high) : low;
  }

  bool tried(const Numbers<Rule>& h) {
    if (!is_in_domain(h)) return false;
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

  bool is_in_domain(const Numbers<Rule>& h) const {
    try {
      Rule::template formula<double>(h, 1);
      return true;
    } catch (const std::invalid_argument&) {
      return false;
    }
  }

  Fit fitted(const Numbers<Rule>& h, const Record& run) const {
    if (forming_.any) return replayed_by_any<Rule>(h, run);
    return {replayed_by<Rule>(forming_.how, h, run)};
  }

  /// The side by which the steps vary most, in units of their bounds; none where nothing in the
  /// box changes what they say.
  std::optional<std::size_t> widest(const Box& box) const {
    std::array<Wide, Box::most> variation = {};
    Wide spread = 0;
    for (const auto& row : rows_) {
      spread = std::max(spread, row.spread);
      for (std::size_t i = 0; i < box.count; ++i)
        variation[i] =
            std::max(variation[i], row.slope[i].size() * box.side[i].width() / row.radius);
    }
    if (unclaimed_ == 0 && spread < 0x1p-5L) return {};
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
      const double value = best_.h.*sought_[i].member;
      const auto own = defaults_.*sought_[i].member;
      if (value == own) continue;
      std::vector<double> simpler;
      for (const double each : customary(sought_[i].name, sought_[i].domain))
        if (found.side[i].contains(each)) simpler.push_back(each);
      for (int digits = 1; digits <= 8; ++digits) simpler.push_back(rounded(value, digits));
      for (const double each : simpler) {
        if (!found.side[i].contains(each)) continue;
        if (shortest(each).size() >= shortest(best_.h.*sought_[i].member).size()) continue;
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

  Numbers<Rule> h_, defaults_;
  std::vector<Sought<Rule>> sought_;
  const Record& run_;
  Excerpt excerpt_;
  Forming forming_;
  std::size_t budget_, spent_ = 0;
  bool is_quick_;
  std::vector<Row> rows_;
  std::size_t unclaimed_ = 0;  ///< steps of the excerpt that no bound is known of
  Result best_{End::open, {}, {}, {}};
};

/// Looks through the box of the numbers of these names, quickly first where that may do.
template <class Rule>
Searched<Rule> searched(const Numbers<Rule>& h, const std::vector<std::string>& names,
                        const Record& run, const Forming& forming, std::size_t budget) {
  const auto sought = sought_numbers<Rule>(names);
  if (run.in_double)
    if (const auto quick = BoxSearch<Rule>(h, sought, run, forming, budget, true).result();
        quick.end == End::excluded)
      return quick;
  return BoxSearch<Rule>(h, sought, run, forming, budget).result();
}

}  // namespace truestep::identify
