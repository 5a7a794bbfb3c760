// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cfenv>
#include <cmath>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <truestep/proofs/bounds.hpp>
#include <truestep/proofs/recorded_lanes.hpp>
#include <truestep/proofs/statements.hpp>

#include "property.hpp"

namespace truestep::test {

/// The lanes of a rule.
template <class R>
struct LanesOf {
  static constexpr const char* name = R::name;
  using type = typename fast::lane::LanesOfRules<std::tuple<typename R::Fast>>::every;
};
struct WeightDecays {
  static constexpr const char* name = "weight_decay";
  using type = proofs::WeightDecays;
};

/// Which rule a constant compares with: the one at the hyperparameters, or the one at the lane's
/// own, rounded coefficients.
enum class Against { hyperparameters, rounded_coefficients };

/// What is proved about one step of a lane, whatever its form, over T.
template <class Lane, class T>
class ProvedStep {
 public:
  explicit ProvedStep(Against against) : against_(against) {
    for (const auto& quantity : proofs::record<Lane>(inputs_).quantities) {
      const auto& bound = proofs::bound_of(inputs_.lane, quantity.name,
                                           sizeof(T) == sizeof(float) ? "binary32" : "binary64");
      proved_.push_back({&bound, Real(std::string(bound.proved() ? constant(bound) : "0")) *
                                     Real(unit_roundoff<T>)});
      for (std::size_t i = 0; i < inputs_.coefficients.size(); ++i)
        if (is_weight(inputs_.coefficients[i], quantity.value)) weights_.insert(i);
    }
  }

  /// Whether the theorems' hypotheses hold for coefficients: none was lost to subnormals, weights
  /// are at most 1/2 or exactly 1, and in double a hyperparameter or 1 - beta is that number.
  bool hypotheses(const Coefficients<T>& rounded, const Coefficients<Real>& exact) const {
    for (std::size_t i = 0; i < inputs_.coefficients.size(); ++i) {
      if (!std::isnormal(rounded[i]) && exact[i] != 0) return false;
      if (against_ == Against::rounded_coefficients) continue;
      if (weights_.contains(i) && 2 * exact[i] > 1 && exact[i] != 1) return false;
      if (sizeof(T) == sizeof(double) && Real(rounded[i]) != exact[i] &&
          !proofs::is_composed(inputs_.coefficients[i].name()))
        return false;
    }
    return true;
  }

  /// "" if every quantity about which something is proved is within its constant of what the lane
  /// gives exactly; else what is not. A step that underflows or overflows has no teeth.
  std::string excess(const Coefficients<T>& rounded, const Coefficients<Real>& exact,
                     const Point<T>& before, T gradient, Outcome& tally) const {
    ++tally.checked;
    // A call that the compiler knows nothing of, so that it stays between two looks at the flags.
    auto* volatile step = run<T>;
    std::feclearexcept(FE_ALL_EXCEPT);
    const Seen<T> computed = step(rounded, before.theta, before.state, gradient);
    if (std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT)) return "";
    ++tally.teeth;
    const auto exactly =
        run<Real>(exact, Real(before.theta), convert<Real>(before.state), Real(gradient));
    const auto sizes =
        run<Magnitude>(magnitudes(exact), Magnitude(Real(before.theta)),
                       convert<Magnitude>(convert<Real>(before.state)), Magnitude(Real(gradient)));
    for (std::size_t q = 0; q < proved_.size(); ++q) {
      const auto& [bound, allowed] = proved_[q];
      const Real error = abs(Real(computed[q]) - exactly[q]);
      if (bound->proved() && !(error <= allowed * sizes[q].size))
        return text(inputs_.lane, " ", bound->quantity, " in ", bound->format, ": computed ",
                    computed[q], "\n    exact    ", exactly[q].str(25), "\n    error    ",
                    Real(error / (Real(unit_roundoff<T>) * sizes[q].size)).str(6),
                    " u times what it would be if no sum cancelled\n    proved   ",
                    constant(*bound), " by theorem ", theorem(*bound), inputs_read(rounded, before),
                    " gradient = ", show(gradient), "\n");
    }
    return "";
  }

  const proofs::Inputs& inputs() const { return inputs_; }

 private:
  struct Proved {
    const proofs::Bound* bound;
    Real allowed;
  };

  std::string_view constant(const proofs::Bound& bound) const {
    return against_ == Against::hyperparameters ? bound.constant : bound.rounding_constant;
  }
  std::string_view theorem(const proofs::Bound& bound) const {
    return against_ == Against::hyperparameters ? bound.theorem : bound.rounding_theorem;
  }

  static bool is_weight(const Expression& coefficient, const Expression& e) {
    return (e.operation() == proofs::Operation::decay && e.operands()[0] == coefficient) ||
           std::any_of(e.operands().begin(), e.operands().end(),
                       [&](const auto& operand) { return is_weight(coefficient, operand); });
  }

  static Coefficients<Magnitude> magnitudes(const Coefficients<Real>& exact) {
    Coefficients<Magnitude> sizes;
    std::copy(exact.begin(), exact.end(), sizes.begin());
    return sizes;
  }

  template <class Number>
  static Seen<Number> run(const Coefficients<Number>& coefficients, const Number& theta,
                          const States<Number>& states, const Number& gradient) {
    Point<Number> point{theta, states};
    Seen<Number> seen{};
    step_lane<Lane, Number>(coefficients, point, gradient, seen);
    return seen;
  }

  std::string inputs_read(const Coefficients<T>& coefficients, const Point<T>& before) const {
    std::string all = "\n   ";
    for (std::size_t i = 0; i < inputs_.coefficients.size(); ++i)
      all += " " + inputs_.coefficients[i].name() + " = " + show(coefficients[i]);
    for (std::size_t i = 0; i < inputs_.states.size(); ++i)
      all += " " + inputs_.states[i].name() + " = " + show(before.state[i]);
    return all + " theta = " + show(before.theta);
  }

  Against against_;
  proofs::Inputs inputs_ = proofs::inputs<Lane>();
  std::vector<Proved> proved_;
  std::set<std::size_t> weights_;
};

}  // namespace truestep::test
