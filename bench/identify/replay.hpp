// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>
#include <truestep/proofs/numbers/ball.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "identify.hpp"
#include "numbers.hpp"

/// A run beside what a description of a rule makes of it, step by step.
namespace truestep::identify {

using proofs::AnyOrder;
using proofs::Coefficients;
using Wide = long double;

/// One convention's steps, each from the parameters given, its states from the gradients so far.
template <class Rule, class Number>
class Replay {
 public:
  Replay(const Numbers<Rule>& h, std::size_t coordinates)
      : h_(h), states_(coordinates, Formula::start(h)) {}

  /// Calls visit(coordinate, theta after the step).
  template <class Visit>
  void step(const Record& run, std::size_t t, const Visit& visit) {
    const Formula formula = Rule::template formula<Number>(h_, t);
    const auto at = (t - 1) * run.coordinates;
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const auto theta = static_cast<T>(run.parameters[at + i]);
      const auto g = static_cast<T>(run.gradients[at + i]);
      const auto now = formula.step(Number::data(theta), states_[i], Number::data(g));
      states_[i] = now;
      visit(i, now.theta);
    }
  }

 private:
  using T = typename Number::Format;
  using Formula = typename Rule::template Formula<Number>;
  Numbers<Rule> h_;
  std::vector<typename Formula::State> states_;
};

struct Outcome {
  Place worst;                 ///< the largest excess
  std::optional<Place> first;  ///< the first excess above 1
  std::size_t failures = 0;    ///< excesses above 1
  std::size_t teeth = 0;       ///< bounds smaller than the move, so that they could be exceeded
  std::size_t unclaimed = 0;   ///< bounds that are infinite

  bool consistent() const { return !first && teeth > 0; }
};

enum class Extent { until_it_fails, whole_run };

template <class Rule, class T, Coefficients how>
Outcome replayed(const Numbers<Rule>& h, const Record& run, Extent extent) {
  constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  Outcome outcome;
  Replay<Rule, AnyOrder<T, how>> replay(h, run.coordinates);
  for (std::size_t t = 1; t <= run.steps; ++t) {
    replay.step(run, t, [&](std::size_t i, const auto& theta) {
      if (!theta.bounded()) {
        ++outcome.unclaimed;
        return;
      }
      const Wide before = run.parameters[(t - 1) * run.coordinates + i];
      const Wide after = run.parameters[t * run.coordinates + i];
      // A recorded number is known to half an ulp, however exact the step.
      const Wide bound = std::max(theta.radius, Wide(proofs::half_ulp(static_cast<T>(after))));
      if (bound < std::fabs(theta.value - before)) ++outcome.teeth;
      const auto excess = static_cast<double>(std::fabs(after - theta.value) / bound);
      const Place place{t, i, excess, static_cast<double>(bound),
                        static_cast<double>(bound / (u * theta.magnitude))};
      if (excess > outcome.worst.excess || outcome.worst.step == 0) outcome.worst = place;
      if (excess > 1) {
        if (!outcome.first) outcome.first = place;
        ++outcome.failures;
      }
    });
    if (outcome.first && extent == Extent::until_it_fails) break;
  }
  return outcome;
}

template <class Rule, Coefficients how = Coefficients{}>
Outcome replayed(const Numbers<Rule>& h, const Record& run,
                 Extent extent = Extent::until_it_fails) {
  return run.in_double ? replayed<Rule, double, how>(h, run, extent)
                       : replayed<Rule, float, how>(h, run, extent);
}

/// What a program may do to coefficients, the likelier first. A power function's ulp covers some of
/// the other powers, so it comes last.
inline constexpr std::array habits = [] {
  using enum Coefficients::Powers;
  return std::array<Coefficients, 7>{{{true, in_double},
                                      {false, running_product},
                                      {false, of_rounded},
                                      {true, running_product},
                                      {true, of_rounded},
                                      {false, power_function},
                                      {true, power_function}}};
}();

/// The first habit, if any, with which the run is consistent. In double there is none to be seen.
template <class Rule, std::size_t i = 0>
std::optional<std::pair<Coefficients, Outcome>> habit_of(const Numbers<Rule>& h,
                                                         const Record& run) {
  if constexpr (i == habits.size()) {
    return {};
  } else {
    if (run.in_double) return {};
    const auto outcome = replayed<Rule, float, habits[i]>(h, run, Extent::until_it_fails);
    if (outcome.consistent()) return std::pair(habits[i], outcome);
    return habit_of<Rule, i + 1>(h, run);
  }
}

}  // namespace truestep::identify
