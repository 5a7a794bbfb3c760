#pragma once

#include <array>
#include <string>
#include <vector>

#include <truestep/fast/lanes.hpp>
#include <truestep/proofs/bounds.hpp>
#include <truestep/proofs/recorded_lanes.hpp>

#include "subject.hpp"

namespace truestep::test {

/// What a lane takes, in binary32: its coefficients as they are, whatever they were rounded from.
struct LaneInput {
  Coefficients<float> coefficients{};
  Point<float> point{};
  float gradient = 0;

  /// The numbers that the lane has names for, in the order of proofs::Inputs.
  std::vector<float*> numbers(const proofs::Inputs& inputs);
};

/// The lane as it is shipped; not inlined, so that it alone raises the floating-point exceptions
/// between two looks at them.
template <class Lane>
[[gnu::noinline]] Seen<float> computed(const LaneInput& input) {
  Point<float> point = input.point;
  Seen<float> seen{};
  step_lane<Lane, float>(input.coefficients, point, input.gradient, seen);
  return seen;
}

/// By how much the lane misses each quantity that the rule gives at the same coefficients, in u
/// times what it would be if no sum cancelled.
/// @param Exact  what the rule is evaluated in
template <class Lane, class Exact>
std::array<Exact, max_quantities> errors(const LaneInput& input) {
  const auto run = [&]<class Number>(Number) {
    Coefficients<Number> coefficients{};
    std::transform(input.coefficients.begin(), input.coefficients.end(), coefficients.begin(),
                   [](float x) { return Number(Exact(x)); });
    Point<Number> point{Number(Exact(input.point.theta)),
                        {Number(Exact(input.point.state[0])), Number(Exact(input.point.state[1]))}};
    Seen<Number> seen{};
    step_lane<Lane, Number>(coefficients, point, Number(Exact(input.gradient)), seen);
    return seen;
  };
  const auto rounded = computed<Lane>(input);
  const auto exact = run(Exact());
  const auto size = run(proofs::Magnitude<Exact>());
  std::array<Exact, max_quantities> errors{};
  for (std::size_t q = 0; q < max_quantities; ++q) {
    const Exact difference = Exact(rounded[q]) - exact[q];
    if (size[q].size > 0)
      errors[q] = (difference < 0 ? Exact(-difference) : difference) / size[q].size * 0x1p24;
  }
  return errors;
}

/// Calls action.template operator()<Lane>() for every lane of the seed's convention.
template <class Action>
void for_each_lane(Action action) {
  [&]<class... Lane>(std::tuple<Lane...>) {
    (action.template operator()<Lane>(), ...);
  }(fast::lane::Seed{});
}

/// An input on which the error of a quantity comes near its proved constant, in binary32.
struct WorstCase {
  std::string lane, quantity;
  std::string attained;  ///< in u times the magnitude, three decimals, rounded down
  LaneInput input;
};

/// tests/known_answers/worst_cases.txt, which `truestep_climb` writes: a line for each, the input
/// by the lane's names for it.
std::vector<WorstCase> committed_worst_cases();
std::string line(const WorstCase& worst_case);

/// What the input attains, in high precision; throws if the lane underflows or overflows on it.
std::string attained(const WorstCase& worst_case);

}  // namespace truestep::test
