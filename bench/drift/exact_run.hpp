#pragma once

#include <truestep/proofs/rules.hpp>
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
const char* quantity_name(std::size_t quantity) {
  return quantity == 0 ? "theta" : Rule::template states<Real>[quantity - 1].name;
}

/// Some coordinates under the formula.
template <class Rule>
class ExactRun {
 public:
  explicit ExactRun(std::span<const float> initial) {
    for (const float theta : initial) {
      coordinates_.push_back({Real(theta), {}, {}, {}});
      coordinates_.back().nearest[0] = theta;
    }
  }

  void step(const Formula<Rule>& formula, std::span<const Real> gradient) {
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state, moved, nearest] = coordinates_[i];
      const auto now = formula.step(theta, state, gradient[i]);
      moved[0] = theta != now.theta;
      for (std::size_t quantity = 1; quantity < quantities<Rule>; ++quantity) {
        const auto member = Rule::template states<Real>[quantity - 1].member;
        moved[quantity] = state.*member != now.*member;
      }
      theta = now.theta;
      state = now;
      for (std::size_t quantity = 0; quantity < quantities<Rule>; ++quantity)
        nearest[quantity] = static_cast<double>(at(quantity, i));
    }
  }

  const Real& at(std::size_t quantity, std::size_t i) const {
    const auto& coordinate = coordinates_[i];
    return quantity == 0 ? coordinate.theta
                         : coordinate.state.*Rule::template states<Real>[quantity - 1].member;
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
      return formula.look_ahead(coordinate.theta, coordinate.state);
    else
      return coordinate.theta;
  }

 private:
  struct Coordinate {
    Real theta;
    typename Formula<Rule>::State state;
    std::array<bool, quantities<Rule>> moved;
    std::array<double, quantities<Rule>> nearest;
  };
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
