// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <truestep/proofs/numbers/ball.hpp>
#include <truestep/proofs/numbers/expression.hpp>
#include <truestep/proofs/numbers/magnitude.hpp>
#include <truestep/reference/real.hpp>

#include "rational.hpp"

namespace truestep::test {

using Real = reference::Real;
using proofs::Ball;
using proofs::Expression;
using Magnitude = proofs::Magnitude<Real>;

inline constexpr std::size_t max_hyperparameters = 10, max_coefficients = 9, max_states = 3,
                             max_quantities = 8;

/// In the order of Rule::hyperparameters.
using Hyperparameters = std::array<double, max_hyperparameters>;

template <class Number>
using Coefficients = std::array<Number, max_coefficients>;

template <class Number>
using States = std::array<Number, max_states>;

/// One coordinate before or after a step.
template <class Number>
struct Point {
  Number theta{};
  States<Number> state{};
};

/// The states in another number type.
template <class To, class From>
States<To> convert(const States<From>& states) {
  States<To> converted;
  std::transform(states.begin(), states.end(), converted.begin(),
                 [](const From& x) { return To(x); });
  return converted;
}

/// The first `count` elements of each span.
template <class T>
States<std::span<T>> first(States<std::span<T>> spans, std::size_t count) {
  for (auto& span : spans) span = span.first(count);
  return spans;
}

template <class Number>
States<Number> zeros(const Hyperparameters&) {
  return {};
}

/// What a step showed, in the order of Rule::quantities: states, intermediates, theta.
template <class Number>
using Seen = std::array<Number, max_quantities>;

/// The powers of two that a quantity takes when theta is scaled by 2^a and the gradient by 2^b.
struct Unit {
  int a = 0, b = 0;
};

struct StateKind {
  std::string name;
  bool second_moment;  ///< non-negative, and kept where theta, g and the velocities are negated
  Unit unit;
  std::string accumulates = {};  ///< the quantity that it sums, if not the gradient
};

enum class Role { learning_rate, decay, epsilon };

struct HyperparameterKind {
  std::string name;
  Role role;
  Unit unit = {};
};

/// What all statements of a rule have in common.
struct Rule {
  std::string name;
  std::vector<HyperparameterKind> hyperparameters;
  std::vector<StateKind> states;
  std::vector<std::string> quantities;  ///< what the lane shows its observer, in order
  Unit theta_unit{1, 0};
  bool bias_corrected = false;
  /// By quantity: the lane that shows it, where that is not the rule's own.
  std::map<std::string, std::string> other_lanes = {};
};

/// A rule at one step number, over one coordinate.
template <class Number>
using StepAt = std::function<void(Point<Number>&, const Number& gradient, Seen<Number>& seen)>;

/// A lane over one number type.
template <class Number>
using LaneOver = std::function<void(const Coefficients<Number>&, Point<Number>&,
                                    const Number& gradient, Seen<Number>&)>;

/// The same of a lane that is known when this is compiled.
template <class Number>
using LaneStep = void (*)(const Coefficients<Number>&, Point<Number>&, const Number& gradient,
                          Seen<Number>&);

/// What a section of the suite found.
struct Outcome {
  bool held = true;
  std::size_t checked = 0;  ///< coordinates
  std::size_t teeth = 0;    ///< of these, where the section claims something worth having
  std::string report = {};  ///< the failure, to be read
};

/// A rule stated twice, as its tests see it: what the suite is a template over. The shipped subject
/// has the lane, coefficients, kernel and reference of the project; a planted fault replaces one.
template <class T>
struct Subject {
  Rule rule;

  std::function<Coefficients<T>(const Hyperparameters&, std::uint64_t t)> coefficients;
  LaneOver<T> lane;
  LaneOver<Ball<T>> ball;
  LaneOver<Magnitude> magnitude;
  LaneOver<Expression> expression;
  /// The names that the lane gives to what it shows, in order.
  std::vector<std::string> shown;
  /// The compiled kernel over spans, on the SIMD target in use.
  std::function<void(const Hyperparameters&, std::uint64_t t, std::span<T> theta,
                     const States<std::span<T>>&, std::span<const T> gradient)>
      kernel;
  /// What the states hold before the first step, as far as it is not 0: given to the kernel
  /// rounded, to the reference as it is.
  std::function<States<double>(const Hyperparameters&)> start = zeros<double>;

  std::function<StepAt<Real>(const Hyperparameters&, std::uint64_t t)> reference;
  std::function<States<Real>(const Hyperparameters&)> exact_start = zeros<Real>;
  /// The part of the reference that takes no root, over the rationals. accumulated[s] is what state
  /// s accumulates in this step.
  std::function<States<Rational>(const Hyperparameters&, std::uint64_t t, const States<Rational>&,
                                 const States<Rational>& accumulated)>
      exact_states;

  // Facts about the rule, written down apart from both statements.

  /// The coefficients' exact expressions.
  std::function<std::vector<Real>(const Hyperparameters&, std::uint64_t t)> exact_coefficients;
  /// The states after n steps from zero as weighted sums over what they accumulated at each step,
  /// accumulated[s][i] at step i + 1; in the rationals, and where a high precision has to do.
  std::function<States<Rational>(const Hyperparameters&, const std::vector<States<Rational>>&)>
      closed_form_exact;
  std::function<States<Real>(const Hyperparameters&, const std::vector<States<Real>>&)> closed_form;
  /// What step t shows when the gradient was constant since zero states: pairs of a position in
  /// Rule::quantities and a value; empty where no closed form exists.
  std::function<std::vector<std::pair<std::size_t, Real>>(const Hyperparameters&, std::uint64_t t,
                                                          const Real& gradient)>
      constant_gradient;
  /// Answers from outside.
  std::function<Outcome(const Subject&)> known_answers;
};

/// One step of a lane over a subject's points; what the lane shows is taken by its order.
template <class Lane, class Number>
void step_lane(const Coefficients<Number>& coefficients, Point<Number>& point,
               const Number& gradient, Seen<Number>& seen) {
  std::array<Number, Lane::coefficients> k;
  std::array<Number, Lane::states> state;
  std::copy_n(coefficients.begin(), Lane::coefficients, k.begin());
  std::copy_n(point.state.begin(), Lane::states, state.begin());
  std::size_t at = 0;
  Lane::step(k, point.theta, state, gradient,
             [&](std::string_view, const Number& value) { seen[at++] = value; });
  std::copy_n(state.begin(), Lane::states, point.state.begin());
}

/// The names of what a lane shows, in order.
template <class Lane, class Number>
std::vector<std::string> names_shown() {
  std::array<Number, Lane::coefficients> k{};
  std::array<Number, Lane::states> state{};
  Number theta = 0;
  std::vector<std::string> names;
  Lane::step(k, theta, state, Number(0),
             [&](std::string_view name, const Number&) { names.emplace_back(name); });
  if (names.size() > max_quantities)
    throw std::length_error("a subject has no room for all that the lane shows: max_quantities");
  return names;
}

/// A lane in the forms in which a subject holds it.
template <class Lane, class T>
void use_lane(Subject<T>& subject) {
  static_assert(Lane::coefficients <= max_coefficients && Lane::states <= max_states,
                "a subject has room for the lane's coefficients and states");
  subject.lane = step_lane<Lane, T>;
  subject.ball = step_lane<Lane, Ball<T>>;
  subject.magnitude = step_lane<Lane, Magnitude>;
  subject.expression = step_lane<Lane, Expression>;
  subject.shown = names_shown<Lane, T>();
}

/// The position of a quantity in Rule::quantities.
inline std::size_t position(const Rule& rule, std::string_view quantity) {
  std::size_t at = 0;
  while (rule.quantities[at] != quantity) ++at;
  return at;
}

}  // namespace truestep::test
