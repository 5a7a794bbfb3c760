// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/proofs/numbers/ball.hpp>

#include <cmath>
#include <span>
#include <vector>

#include "audit.hpp"
#include "exact_run.hpp"
#include "lane_of.hpp"

namespace truestep::drift {

/// Float's or double's.
template <class T>
const Format& format_of() {
  return formats[sizeof(T) == sizeof(double) ? 0 : 1];
}

/// Some coordinates under the kernel that is shipped.
template <class Rule, class T>
class KernelRun {
 public:
  /// @param initial  rounded to T
  KernelRun(const typename Rule::Hyperparameters& h, std::span<const double> initial)
      : theta_(rounded(initial)) {
    for (const double state : start_of<Rule>(h))
      states_.emplace_back(initial.size(), static_cast<T>(state));
  }

  /// @param gradient  rounded to T
  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const double> gradient) {
    const std::vector<std::span<T>> states(states_.begin(), states_.end());
    rules::run_kernel<Rule, T>(h, t, theta_, states, rounded(gradient));
  }

  /// Where the rule wants its gradient.
  std::vector<double> gradient_point(const typename Rule::Hyperparameters& h) const {
    std::vector<T> point = theta_;
    const fast::LookAhead<T> ahead{.theta = theta_, .v = states_[0], .point = point};
    if constexpr (requires { fast::look_ahead(h, ahead); })
      if (looks_ahead(h)) fast::look_ahead(h, ahead);
    return {point.begin(), point.end()};
  }

  T at(std::size_t quantity, std::size_t i) const {
    return quantity == 0 ? theta_[i] : states_[quantity - 1][i];
  }

 private:
  static std::vector<T> rounded(std::span<const double> numbers) {
    std::vector<T> all(numbers.size());
    std::transform(numbers.begin(), numbers.end(), all.begin(),
                   [](double x) { return static_cast<T>(x); });
    return all;
  }

  std::vector<T> theta_;
  std::vector<std::vector<T>> states_;
};

/// Some coordinates of the kernel, each value with its rigorous radius, which holds while all runs
/// see one gradient.
template <class Rule, class T>
class RadiusRun {
 public:
  RadiusRun(const typename Rule::Hyperparameters& h, std::size_t first_coordinate,
            std::span<const double> initial)
      : first_(first_coordinate), lane_(lane_of<Ball, fast::Unobserved>(h)), kernel_(h, initial) {
    std::array<Ball, most_quantities<Rule> - 1> states;
    const auto start = start_of<Rule>(h);
    std::transform(start.begin(), start.end(), states.begin(), rounded);
    for (const double theta : initial) coordinates_.push_back({rounded(theta), states});
  }

  /// @param exact     has taken this step already
  /// @param emulated  so has this, in the format T
  template <class Emulated>
  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const double> gradient, const ExactRun<Rule>& exact,
            const Emulated& emulated) {
    const auto given = fast::coefficient_list<T>(h, t);
    std::vector<Ball> coefficients;
    for (std::size_t i = 0; i < given.size; ++i)
      coefficients.push_back(Ball::coefficient(given.values[i]));
    kernel_.step(h, t, gradient);
    for (std::size_t i = 0; i < coordinates_.size(); ++i) {
      auto& [theta, state] = coordinates_[i];
      lane_.step(coefficients, theta, std::span(state).first(lane_.states), rounded(gradient[i]),
                 fast::Unobserved());
      for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity) {
        if (!same_bits(kernel_.at(quantity, i), ball(quantity, i).value) ||
            !same_bits(double{kernel_.at(quantity, i)}, emulated.at(quantity, i)))
          ++checks_[quantity].other_bits;
        check(h, t, quantity, i, emulated.error(quantity, i), exact.at(quantity, i));
      }
    }
  }

  const Checks& checks(std::size_t quantity) const { return checks_[quantity]; }

  long double radius(std::size_t quantity, std::size_t i) const {
    return ball(quantity, i).bounded() ? static_cast<long double>(ball(quantity, i).radius)
                                       : std::numeric_limits<long double>::infinity();
  }

 private:
  using Ball = proofs::Ball<T>;

  struct Coordinate {
    Ball theta;
    std::array<Ball, most_quantities<Rule> - 1> state;
  };

  /// A double, rounded once as a coefficient is, or exactly.
  static Ball rounded(double x) {
    const auto number = static_cast<T>(x);
    return double{number} == x ? Ball(number) : Ball::coefficient(number);
  }

  const Ball& ball(std::size_t quantity, std::size_t i) const {
    return quantity == 0 ? coordinates_[i].theta : coordinates_[i].state[quantity - 1];
  }

  template <class Number>
  static bool same_bits(Number a, Number b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  }

  void check(const typename Rule::Hyperparameters& h, std::uint64_t t, std::size_t quantity,
             std::size_t i, long double error, const Real& truth) {
    Checks& checks = checks_[quantity];
    if (!ball(quantity, i).bounded()) {
      ++checks.unbounded;
      return;
    }
    ++checks.compared;
    // The radius has room for the rounding of this distance (proofs/numbers/ball.hpp, inflation).
    const auto radius = static_cast<long double>(ball(quantity, i).radius);
    if (error > 0) checks.closest = std::max(checks.closest, static_cast<double>(error / radius));
    if (error <= radius) return;
    ++checks.exceeded;
    if (checks.first) return;
    const Format& format = format_of<T>();
    const auto unit = ulp(format, truth);
    checks.first = {format.name, quantity_name<Rule>(h, quantity), t,
                    first_ + i,  in_units_of(unit, error),         in_units_of(unit, radius)};
  }

  std::size_t first_;
  LaneOf<Ball, fast::Unobserved> lane_;
  KernelRun<Rule, T> kernel_;
  std::vector<Coordinate> coordinates_;
  std::array<Checks, most_quantities<Rule>> checks_;
};

}  // namespace truestep::drift
