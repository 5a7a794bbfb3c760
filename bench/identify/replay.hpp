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

/// The states before the first step.
template <class Rule, class Number>
auto start_of(const Numbers<Rule>& h) {
  typename Rule::template Formula<Number>::State start = Rule::template Formula<Number>::start(h);
  for (const auto& [name, member] : rules::states_of<Rule, Number>(h))
    start.*member = (start.*member).stored();
  return start;
}

/// One convention's steps, each from the parameters given, its states from the gradients so far.
template <class Rule, class Number>
class Replay {
 public:
  Replay(const Numbers<Rule>& h, std::size_t coordinates)
      : h_(h), states_(coordinates, start_of<Rule, Number>(h)) {}

  /// Calls visit(coordinate, theta after the step).
  template <class Visit>
  void step(const Record& run, std::size_t t, const Visit& visit) {
    const Formula formula = Rule::template formula<Number>(run.at(t, h_), run.count(t));
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

/// A replay with coefficients formed in one way.
template <class Rule, std::size_t i = 0>
Outcome replayed_by(const Coefficients& how, const Numbers<Rule>& h, const Record& run) {
  if constexpr (i == habits.size()) {
    return replayed<Rule>(h, run);
  } else {
    const bool is_it =
        how.one_minus_rounded == habits[i].one_minus_rounded && how.powers == habits[i].powers;
    return is_it && !run.in_double
               ? replayed<Rule, float, habits[i]>(h, run, Extent::until_it_fails)
               : replayed_by<Rule, i + 1>(how, h, run);
  }
}

struct Fit {
  Outcome outcome;
  std::optional<Coefficients> habit = {};
};

/// A replay with coefficients formed in the first way of any with which the run is consistent; in
/// double there is none to be seen but the usual one.
template <class Rule>
Fit replayed_by_any(const Numbers<Rule>& h, const Record& run) {
  const Fit usual{replayed<Rule>(h, run)};
  if (!usual.outcome.first || run.in_double) return usual;
  for (const auto& habit : habits)
    if (const auto outcome = replayed_by<Rule>(habit, h, run); !outcome.first)
      return {outcome, habit};
  return usual;
}

}  // namespace truestep::identify
