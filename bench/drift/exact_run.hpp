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

/// A rule's quantities are numbered: 0 is theta, then its states. What a convention has is known at
/// run time, so that an audit is compiled once for a rule, whatever its lanes.
template <class Rule>
constexpr std::size_t most_quantities =
    1 + Rule::template states<Real>.size() + Rule::template further_states<Real>.size();

template <class Rule>
std::size_t quantities(const typename Rule::Hyperparameters& h) {
  return 1 + rules::states_of<Rule, Real>(h).size();
}

template <class Rule>
const char* quantity_name(const typename Rule::Hyperparameters& h, std::size_t quantity) {
  return quantity == 0 ? "theta" : rules::states_of<Rule, Real>(h)[quantity - 1].name;
}

/// The states before the first step, in the lane's order.
template <class Rule>
std::vector<double> start_of(const typename Rule::Hyperparameters& h) {
  const auto start = Formula<Rule>::start(h);
  std::vector<double> values;
  for (const auto& state : rules::states_of<Rule, Real>(h))
    values.push_back(static_cast<double>(start.*state.member));
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
  ExactRun(const typename Rule::Hyperparameters& h, std::span<const double> initial)
      : looks_ahead_(looks_ahead(h)) {
    for (const auto& state : rules::states_of<Rule, Real>(h)) members_.push_back(state.member);
    const auto start = Formula<Rule>::start(h);
    for (const double theta : initial) {
      coordinates_.push_back({Real(theta), start, {}, {}});
      remember(coordinates_.size() - 1);
    }
  }

  void step(const Formula<Rule>& formula, std::span<const Real> gradient) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state, moved, nearest] = coordinates_[i];
      const auto now = formula.step(theta, state, gradient[i]);
      moved[0] = theta != now.theta;
      for (std::size_t quantity = 1; quantity <= members_.size(); ++quantity) {
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
    std::array<bool, most_quantities<Rule>> moved;
    std::array<double, most_quantities<Rule>> nearest;
  };

  void remember(std::size_t i) {
    for (std::size_t quantity = 0; quantity <= members_.size(); ++quantity)
      coordinates_[i].nearest[quantity] = static_cast<double>(at(quantity, i));
  }

  bool looks_ahead_;
  std::vector<Real Formula<Rule>::State::*> members_;
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
