// SPDX-License-Identifier: Apache-2.0
#include "proved_lane.hpp"

#include <algorithm>
#include <cfenv>
#include <cmath>

namespace truestep::test {
namespace {

bool is_weight(const Expression& coefficient, const Expression& e) {
  return (e.operation() == proofs::Operation::decay && e.operands()[0] == coefficient) ||
         std::any_of(e.operands().begin(), e.operands().end(),
                     [&](const auto& operand) { return is_weight(coefficient, operand); });
}

Coefficients<Magnitude> magnitudes(const Coefficients<Real>& exact) {
  Coefficients<Magnitude> sizes;
  std::copy(exact.begin(), exact.end(), sizes.begin());
  return sizes;
}

template <class Number>
Seen<Number> shown(LaneStep<Number> step, const Coefficients<Number>& coefficients,
                   const Number& theta, const States<Number>& states, const Number& gradient) {
  Point<Number> point{theta, states};
  Seen<Number> seen{};
  step(coefficients, point, gradient, seen);
  return seen;
}

}  // namespace

template <class T>
ProvedStep<T>::ProvedStep(const proofs::Recording& recording, Against against, LaneStep<T> step,
                          LaneStep<Real> exact_step, LaneStep<Magnitude> size_step)
    : against_(against),
      inputs_(recording.inputs),
      step_(step),
      exact_step_(exact_step),
      size_step_(size_step) {
  for (const auto& quantity : recording.quantities) {
    const auto& bound = proofs::bound_of(inputs_.lane, quantity.name,
                                         sizeof(T) == sizeof(float) ? "binary32" : "binary64");
    proved_.push_back({&bound, Real(std::string(bound.proved() ? constant(bound) : "0")) *
                                   Real(unit_roundoff<T>)});
    for (std::size_t i = 0; i < inputs_.coefficients.size(); ++i)
      if (is_weight(inputs_.coefficients[i], quantity.value)) weights_.insert(i);
  }
}

template <class T>
bool ProvedStep<T>::hypotheses(const Coefficients<T>& rounded,
                               const Coefficients<Real>& exact) const {
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

template <class T>
std::string ProvedStep<T>::excess(const Coefficients<T>& rounded, const Coefficients<Real>& exact,
                                  const Point<T>& before, T gradient, Outcome& tally) const {
  ++tally.checked;
  // A call that the compiler knows nothing of, so that it stays between two looks at the flags.
  auto* volatile run = shown<T>;
  std::feclearexcept(FE_ALL_EXCEPT);
  const Seen<T> computed = run(step_, rounded, before.theta, before.state, gradient);
  if (std::fetestexcept(FE_ALL_EXCEPT & ~FE_INEXACT)) return "";
  ++tally.teeth;
  const auto exactly = shown<Real>(exact_step_, exact, Real(before.theta),
                                   convert<Real>(before.state), Real(gradient));
  const auto sizes =
      shown<Magnitude>(size_step_, magnitudes(exact), Magnitude(Real(before.theta)),
                       convert<Magnitude>(convert<Real>(before.state)), Magnitude(Real(gradient)));
  for (std::size_t q = 0; q < proved_.size(); ++q) {
    const auto& [bound, allowed] = proved_[q];
    const Real error = abs(Real(computed[q]) - exactly[q]);
    if (bound->proved() && !(error <= allowed * sizes[q].size))
      return text(inputs_.lane, " ", bound->quantity, " in ", bound->format, ": computed ",
                  computed[q], "\n    exact    ", exactly[q].str(25), "\n    error    ",
                  Real(error / (Real(unit_roundoff<T>) * sizes[q].size)).str(6),
                  " u times what it would be if no sum cancelled\n    proved   ", constant(*bound),
                  " by theorem ", theorem(*bound), inputs_read(rounded, before),
                  " gradient = ", show(gradient), "\n");
  }
  return "";
}

template <class T>
std::string_view ProvedStep<T>::constant(const proofs::Bound& bound) const {
  return against_ == Against::hyperparameters ? bound.constant : bound.rounding_constant;
}

template <class T>
std::string_view ProvedStep<T>::theorem(const proofs::Bound& bound) const {
  return against_ == Against::hyperparameters ? bound.theorem : bound.rounding_theorem;
}

template <class T>
std::string ProvedStep<T>::inputs_read(const Coefficients<T>& coefficients,
                                       const Point<T>& before) const {
  std::string all = "\n   ";
  for (std::size_t i = 0; i < inputs_.coefficients.size(); ++i)
    all += " " + inputs_.coefficients[i].name() + " = " + show(coefficients[i]);
  for (std::size_t i = 0; i < inputs_.states.size(); ++i)
    all += " " + inputs_.states[i].name() + " = " + show(before.state[i]);
  return all + " theta = " + show(before.theta);
}

template class ProvedStep<float>;
template class ProvedStep<double>;

}  // namespace truestep::test
