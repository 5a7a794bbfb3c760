// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>
#include <truestep/proofs/numbers/ball.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <type_traits>
#include <utility>
#include <vector>

#include "identify.hpp"
#include "numbers.hpp"
#include "outcome.hpp"
#include "runs/parallel.hpp"
#include "stopped.hpp"

/// A run beside what a description of a rule makes of it, step by step.
namespace truestep::identify {

using proofs::AnyOrder;
using Wide = long double;

/// The states before the first step, as the rule has them.
template <class Rule, class Number>
auto start_of(const Numbers<Rule>& h) {
  typename Rule::template Formula<Number>::State start = Rule::template Formula<Number>::start(h);
  for (const auto& [name, member] : rules::states_of<Rule, Number>(h))
    start.*member = (start.*member).stored();
  return start;
}

/// The same of some coordinates of a run, which may tell them.
template <class Rule, class Number>
auto starts_of(const Numbers<Rule>& h, const Record& run, std::size_t first, std::size_t count) {
  std::vector all(count, start_of<Rule, Number>(h));
  if (run.start.empty()) return all;
  for (const auto& [name, member] : rules::states_of<Rule, Number>(h))
    if (const auto told = run.start.find(name); told != run.start.end())
      for (std::size_t i = 0; i < count; ++i)
        all[i].*member =
            Number::data(static_cast<typename Number::Format>(told->second[first + i]));
  return all;
}

/// Half a unit in the last place of a float as a bfloat16, which bounds the error of rounding to
/// it.
inline double half_ulp_of_bfloat16(float z) { return proofs::half_ulp(z) * 0x1p16; }

/// What a record says of a parameter before a step: it, or what a master may be whose copy it is.
template <class Number>
Number recorded(const Record& run, double theta) {
  const auto held = static_cast<typename Number::Format>(theta);
  auto number = Number::data(held);
  if (run.storage == Storage::bfloat16_copy)
    number.widen(half_ulp_of_bfloat16(static_cast<float>(held)));
  return number;
}

/// The mean of the parameters that a record has instead of them, after a step.
template <class Number>
Number mean_with(const Record& run, double mean, const Number& theta) {
  const Number kept(run.mean_decay);
  return kept * recorded<Number>(run, mean) + (1 - kept) * theta;
}

/// How far a recorded parameter may be from what a formula makes, which is known to a radius. A
/// recorded number is known to half an ulp, however exact the step.
template <class T>
T bound_of_recorded(const Record& run, T radius, double after) {
  if (run.storage != Storage::as_computed)
    return radius + static_cast<T>(half_ulp_of_bfloat16(static_cast<float>(after)));
  constexpr double unit = 0x1p-24;  // half an ulp of a float or double is no more of its size
  if (radius >= T(std::fabs(after) * unit) && radius >= T(std::numeric_limits<float>::min()))
    return radius;
  return std::max(radius, run.in_double
                              ? static_cast<T>(proofs::half_ulp(after))
                              : static_cast<T>(proofs::half_ulp(static_cast<float>(after))));
}

/// A gradient, times its step's factor.
template <class Number>
Number gradient(const Record& run, std::size_t t, double g) {
  auto number = Number::data(static_cast<typename Number::Format>(g));
  if (!run.gradient_factor.empty()) number.scale(run.gradient_factor[t - 1], run.gradient_error);
  return number;
}

/// One convention's steps over some coordinates: each from the parameters recorded, its states from
/// the gradients so far.
template <class Rule, class Number>
class Replay {
 public:
  Replay(const Numbers<Rule>& h, const Record& run, std::size_t first, std::size_t count)
      : h_(h), run_(run), first_(first) {
    begin(count);
    if (run.carries()) carried_.assign(count, Number::unknown());
  }
  Replay(const Numbers<Rule>& h, const Record& run) : Replay(h, run, 0, run.coordinates) {}

  /// Calls visit(coordinate, theta before, theta after the step, as it was recorded), of what was.
  template <class Visit>
  void step(std::size_t t, const Visit& visit) {
    const std::size_t count = states_.size();
    if (t == run_.states_lost) begin(count);
    const Formula formula = Rule::template formula<Number>(run_.at(t, h_), run_.count(t));
    const double* const before = run_.parameters_from(t - 1, first_, count, before_);
    const double* const g = run_.gradients_from(t - 1, first_, count, gradients_);
    const double* const after = run_.parameters_from(t, first_, count, after_);
    for (std::size_t i = 0; i < count; ++i) {
      if (t > run_.end(first_ + i)) continue;
      const Number theta = run_.is_carried(t - 1) ? carried_[i] : recorded<Number>(run_, before[i]);
      if (run_.skips_zero_gradients && g[i] == 0) {
        visit(first_ + i, before[i], theta, after[i]);
        continue;
      }
      const auto now = formula.step(theta, states_[i], gradient<Number>(run_, t, g[i]));
      states_[i] = proofs::stored<Formula>(now);
      if (!carried_.empty()) carried_[i] = now.theta.stored();
      if (run_.is_recorded(t))
        visit(first_ + i, before[i],
              run_.mean_decay == 0 ? now.theta : mean_with(run_, before[i], now.theta), after[i]);
    }
  }

 private:
  using Formula = typename Rule::template Formula<Number>;

  void begin(std::size_t count) { states_ = starts_of<Rule, Number>(h_, run_, first_, count); }

  Numbers<Rule> h_;
  const Record& run_;
  std::size_t first_;
  std::vector<typename Formula::State> states_;
  std::vector<Number> carried_;
  std::vector<double> before_, gradients_, after_;
};

/// In what a step in T is judged: wide enough by far, and no wider, for it takes most of the time.
template <class T>
using Judging = AnyOrder<T, std::conditional_t<std::is_same_v<T, float>, double, long double>>;

/// What comes of some coordinates, which others need not wait for.
struct PartOutcome {
  Outcome outcome = {};
  std::vector<std::size_t> teeth = {};  ///< of each step

  void add(const Place& place) {
    auto& [worst, first, failures, all_teeth, unclaimed] = outcome;
    const auto before = [](const Place& a, const Place& b) {
      return std::pair(a.step, a.coordinate) < std::pair(b.step, b.coordinate);
    };
    if (worst.step == 0 || place.excess > worst.excess ||
        (place.excess == worst.excess && before(place, worst)))
      worst = place;
    if (place.excess > 1 && (!first || before(place, *first))) first = place;
  }
  void add(const PartOutcome& other) {
    if (other.outcome.worst.step != 0) add(other.outcome.worst);
    if (other.outcome.first) add(*other.outcome.first);
    outcome.failures += other.outcome.failures;
    outcome.unclaimed += other.outcome.unclaimed;
    teeth.resize(std::max(teeth.size(), other.teeth.size()));
    for (std::size_t t = 0; t < other.teeth.size(); ++t) teeth[t] += other.teeth[t];
  }
};

/// @param how     forms the coefficients
/// @param failed  the first step at which any coordinate is known to fail
template <class Rule, class T>
PartOutcome part_replayed(const Coefficients& how, const Numbers<Rule>& h, const Record& run,
                          Extent extent, std::size_t first, std::size_t count,
                          std::atomic<std::size_t>& failed) {
  const proofs::Forming formed(how);
  using Number = Judging<T>;
  using Measured = typename Number::Wide;
  constexpr Measured u = std::numeric_limits<T>::epsilon() / 2;
  PartOutcome part;
  auto& outcome = part.outcome;
  Replay<Rule, Number> replay(h, run, first, count);
  const auto last = [&] {
    const std::size_t first_failed = failed;
    if (extent == Extent::whether_it_fails && first_failed < run.steps) return std::size_t{0};
    return extent == Extent::whole_run ? run.steps : first_failed;
  };
  for (std::size_t t = 1; t <= std::min(run.steps, last()); ++t) {
    require_not_stopped();
    std::size_t teeth = 0;
    replay.step(t, [&](std::size_t i, double before, const Number& theta, double after) {
      if (!theta.bounded()) {
        ++outcome.unclaimed;
        return;
      }
      const Measured bound = bound_of_recorded(run, theta.radius, after);
      if (bound < std::fabs(theta.value - Measured(before))) ++teeth;
      const auto excess = static_cast<double>(std::fabs(Measured(after) - theta.value) / bound);
      if (excess > 1) ++outcome.failures;
      if (excess > outcome.worst.excess || excess > 1 || outcome.worst.step == 0)
        part.add(Place{t, i, excess, static_cast<double>(bound),
                       static_cast<double>(bound / (u * theta.magnitude))});
    });
    part.teeth.push_back(teeth);
    if (outcome.first && outcome.first->step < failed) failed = outcome.first->step;
  }
  return part;
}

/// Coordinates that are replayed together: as many as a cache holds.
inline constexpr std::size_t together = 1024;

template <class Rule, class T>
Outcome replayed(const Coefficients& how, const Numbers<Rule>& h, const Record& run,
                 Extent extent) {
  std::atomic<std::size_t> failed = run.steps;
  std::vector<std::size_t> begins;
  for (std::size_t begin = 0; begin < run.coordinates; begin += together) begins.push_back(begin);
  PartOutcome all;
  std::mutex one;
  const auto replay_from = [&](std::size_t begin) {
    const auto part = part_replayed<Rule, T>(how, h, run, extent, begin,
                                             std::min(together, run.coordinates - begin), failed);
    const std::lock_guard guard(one);
    all.add(part);
  };
  constexpr std::size_t worth_a_thread = 8;
  if (begins.size() >= worth_a_thread)
    drift::for_each_in_parallel(begins, replay_from);
  else
    for (const std::size_t begin : begins) replay_from(begin);
  auto outcome = all.outcome;
  const std::size_t counted =
      outcome.first && extent == Extent::until_it_fails ? outcome.first->step : all.teeth.size();
  for (std::size_t t = 0; t < std::min(counted, all.teeth.size()); ++t)
    outcome.teeth += all.teeth[t];
  return outcome;
}

template <class Rule>
Outcome replayed(const Numbers<Rule>& h, const Record& run,
                 Extent extent = Extent::until_it_fails) {
  return run.in_double ? replayed<Rule, double>({}, h, run, extent)
                       : replayed<Rule, float>({}, h, run, extent);
}

/// A replay with coefficients formed in one way; in double there is none to be seen but the usual.
template <class Rule>
Outcome replayed_by(const Coefficients& how, const Numbers<Rule>& h, const Record& run,
                    Extent extent = Extent::until_it_fails) {
  return run.in_double ? replayed<Rule>(h, run, extent)
                       : replayed<Rule, float>(how, h, run, extent);
}

}  // namespace truestep::identify
