// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format.hpp"

#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <vector>

namespace truestep::drift {

using reference::Real;

template <class Rule>
using Formula = typename Rule::template Formula<Real>;

/// A rule's quantities are numbered: 0 is theta, then its states.
template <class Rule>
constexpr std::size_t quantities = 1 + Rule::Lane::states;

template <class Rule>
const char* quantity_name(const typename Rule::Hyperparameters& h, std::size_t quantity) {
  return quantity == 0 ? "theta" : rules::states_of<Rule, Real>(h)[quantity - 1].name;
}

/// The states before the first step, in the lane's order.
template <class Rule>
std::array<double, Rule::Lane::states> start_of(const typename Rule::Hyperparameters& h) {
  const auto start = Formula<Rule>::start(h);
  const auto states = rules::states_of<Rule, Real>(h);
  std::array<double, Rule::Lane::states> values;
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(start.*states[i].member);
  return values;
}

/// Whether the rule wants its gradient elsewhere than at theta.
template <class Hyperparameters>
bool looks_ahead(const Hyperparameters& h) {
  if constexpr (requires { h.nesterov; }) return h.nesterov == fast::NesterovForm::look_ahead;
  return false;
}

/// Some coordinates under the formula.
template <class Rule>
class ExactRun {
 public:
  ExactRun(const typename Rule::Hyperparameters& h, std::span<const float> initial)
      : looks_ahead_(looks_ahead(h)) {
    const auto states = rules::states_of<Rule, Real>(h);
    for (std::size_t i = 0; i < members_.size(); ++i) members_[i] = states[i].member;
    const auto start = Formula<Rule>::start(h);
    for (const float theta : initial) {
      coordinates_.push_back({Real(theta), start, {}, {}});
      remember(coordinates_.size() - 1);
    }
  }

  void step(const Formula<Rule>& formula, std::span<const Real> gradient) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state, moved, nearest] = coordinates_[i];
      const auto now = formula.step(theta, state, gradient[i]);
      moved[0] = theta != now.theta;
      for (std::size_t quantity = 1; quantity < quantities<Rule>; ++quantity) {
        const auto member = members_[quantity - 1];
        moved[quantity] = state.*member != now.*member;
      }
      theta = now.theta;
      state = now;
      remember(i);
    }
  }

  const Real& at(std::size_t quantity, std::size_t i) const {
    const auto& coordinate = coordinates_[i];
    return quantity == 0 ? coordinate.theta : coordinate.state.*members_[quantity - 1];
  }
  double nearest(std::size_t quantity, std::size_t i) const {
    return coordinates_[i].nearest[quantity];
  }

  /// Whether the last step changed it.
  bool moved(std::size_t quantity, std::size_t i) const { return coordinates_[i].moved[quantity]; }

  /// Where the rule wants its gradient.
  Real gradient_point(const Formula<Rule>& formula, std::size_t i) const {
    const auto& coordinate = coordinates_[i];
    if constexpr (requires { formula.look_ahead(coordinate.theta, coordinate.state); })
      if (looks_ahead_) return formula.look_ahead(coordinate.theta, coordinate.state);
    return coordinate.theta;
  }

 private:
  struct Coordinate {
    Real theta;
    typename Formula<Rule>::State state;
    std::array<bool, quantities<Rule>> moved;
    std::array<double, quantities<Rule>> nearest;
  };

  void remember(std::size_t i) {
    for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
      coordinates_[i].nearest[quantity] = static_cast<double>(at(quantity, i));
  }

  bool looks_ahead_;
  std::array<Real Formula<Rule>::State::*, Rule::Lane::states> members_;
  std::vector<Coordinate> coordinates_;
};

/// Infinite where there is none, as between two infinities; else rounded once.
inline long double distance(double a, const Real& b) {
  const auto d = static_cast<long double>(Real(abs(a - b)));
  return std::isnan(d) ? std::numeric_limits<long double>::infinity() : d;
}

/// The spacing of the format's numbers at x.
inline long double ulp(const Format& format, const Real& x) {
  int exponent = format.least_exponent;
  if (x != 0) {
    frexp(x, &exponent);
    --exponent;
  }
  return std::ldexp(1.0L, format.spacing(exponent));
}

/// No distance is 0 of anything, an infinite one infinitely many.
inline double in_units_of(long double unit, long double distance) {
  return static_cast<double>(distance == 0 || std::isinf(distance) ? distance : distance / unit);
}

}  // namespace truestep::drift
