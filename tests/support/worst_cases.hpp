// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <vector>

#include <truestep/proofs/bounds.hpp>
#include <truestep/proofs/recorded_lanes.hpp>

#include "subject.hpp"

namespace truestep::test {

/// What a lane takes, in binary32: its coefficients as they are, whatever they were rounded from.
struct LaneInput {
  Coefficients<float> coefficients{};
  Point<float> point{};
  float gradient = 0;

  /// The numbers that the lane has names for, in the order of `variables`.
  std::vector<float*> numbers(const proofs::Inputs& inputs);
};

/// A lane's inputs, coefficients first.
std::vector<proofs::Expression> variables(const proofs::Inputs& inputs);

/// A lane as it is shipped, as it is in Exact, and by the magnitudes of what it adds up.
template <class Exact>
struct Stepped {
  LaneStep<float> computed;
  LaneStep<Exact> exact;
  LaneStep<proofs::Magnitude<Exact>> size;
};

/// The recorded lane of that name.
template <class Exact>
Stepped<Exact> stepped(const std::string& name) {
  Stepped<Exact> steps{};
  proofs::for_each_recorded_lane([&]<class Lane>() {
    if (proofs::inputs<Lane>().lane == name)
      steps = {step_lane<Lane, float>, step_lane<Lane, Exact>,
               step_lane<Lane, proofs::Magnitude<Exact>>};
  });
  return steps;
}

/// What a step shows of an input.
template <class Number, class Exact = Number>
Seen<Number> shown(LaneStep<Number> step, const LaneInput& input) {
  Coefficients<Number> coefficients{};
  std::transform(input.coefficients.begin(), input.coefficients.end(), coefficients.begin(),
                 [](float x) { return Number(Exact(x)); });
  Point<Number> point{Number(Exact(input.point.theta)),
                      convert<Number>(convert<Exact>(input.point.state))};
  Seen<Number> seen{};
  step(coefficients, point, Number(Exact(input.gradient)), seen);
  return seen;
}

/// By how much a lane misses each quantity that the rule gives at the same coefficients, in u times
/// what it would be if no sum cancelled.
/// @param Exact  what the rule is evaluated in
template <class Exact>
std::array<Exact, max_quantities> errors(const Stepped<Exact>& lane, const LaneInput& input) {
  const auto rounded = shown<float>(lane.computed, input);
  const auto exact = shown<Exact>(lane.exact, input);
  const auto size = shown<proofs::Magnitude<Exact>, Exact>(lane.size, input);
  std::array<Exact, max_quantities> errors{};
  for (std::size_t q = 0; q < max_quantities; ++q) {
    const Exact difference = Exact(rounded[q]) - exact[q];
    if (size[q].size > 0)
      errors[q] = (difference < 0 ? Exact(-difference) : difference) / size[q].size * 0x1p24;
  }
  return errors;
}

/// All lanes that are recorded by themselves, in the order of proofs::recorded_lanes().
const std::vector<proofs::Recording>& recordings();

/// By lane; throws if there is none.
const proofs::Recording& recording_of(const std::string& lane);

/// A quantity of a lane that has a constant for its rounding errors in binary32.
struct ProvedQuantity {
  std::string lane, name;
  std::size_t index;  ///< among what the lane shows
  proofs::Bound bound;
};

/// All of them, in the order of proofs::recorded_lanes().
std::vector<ProvedQuantity> proved_quantities();

/// The first of the quantities that share an expression, and so theorem and worst case.
std::vector<ProvedQuantity> distinct(const std::vector<ProvedQuantity>& quantities);

/// An input on which the error of a quantity comes near its proved constant, in binary32.
struct WorstCase {
  std::string lane, quantity;
  std::string attained;  ///< in u times the magnitude, three decimals, rounded down
  LaneInput input;
};

/// tests/known_answers/worst_cases.txt, which `truestep_climb` writes: a line for each of the
/// distinct quantities, the input by the lane's names for it.
std::vector<WorstCase> committed_worst_cases();
std::string line(const WorstCase& worst_case);

/// The one of the quantity's expression, or null.
const WorstCase* find(const std::vector<WorstCase>& worst_cases, const ProvedQuantity& quantity);

/// What the input attains, in high precision; throws if the theorems do not speak of it: if a
/// number is out of its range, or the lane underflows or overflows.
std::string attained(const WorstCase& worst_case);

}  // namespace truestep::test
