// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/proofs/numbers/ball.hpp>

#include <cmath>
#include <span>
#include <vector>

#include "audit.hpp"
#include "ball_row.hpp"
#include "beginning.hpp"
#include "exact_run.hpp"
#include "lane_of.hpp"

namespace truestep::drift {

/// Some coordinates under the kernel that is shipped.
template <class Rule, class T>
class KernelRun {
 public:
  /// @param initial  rounded to T
  KernelRun(const typename Rule::Hyperparameters& h, const Beginning& initial)
      : theta_(rounded(initial.theta())) {
    const auto start = start_of<Rule>(h);
    for (std::size_t i = 0; i < start.size(); ++i)
      states_.push_back(rounded(initial.state(i, start[i])));
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
            const Beginning& initial)
      : first_(first_coordinate),
        count_(initial.size()),
        lane_(lane_of<BallRow<T>, fast::Unobserved>(h)),
        theta_(rounded(initial.theta())) {
    const auto start = start_of<Rule>(h);
    for (std::size_t i = 0; i < start.size(); ++i)
      states_.push_back(rounded(initial.state(i, start[i])));
  }

  /// @param kernel    has taken this step already
  /// @param emulated  so has this, in the format T
  /// @param exact     so has this, of which `distance(quantity, i)` is how far emulated is
  template <class Emulated>
  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const double> gradient, const KernelRun<Rule, T>& kernel,
            const Emulated& emulated, ExactRun<Rule>& exact) {
    const auto given = fast::coefficient_list<T>(h, t);
    std::vector<BallRow<T>> coefficients;
    for (std::size_t i = 0; i < given.size; ++i) {
      const auto ball = Ball::coefficient(given.values[i]);
      coefficients.emplace_back(ball.value, rounded_up(static_cast<long double>(ball.radius)));
    }
    lane_.step(coefficients, theta_, states_, rounded(gradient), fast::Unobserved());
    for (std::size_t quantity = 0; quantity <= lane_.states; ++quantity)
      for (std::size_t i = 0; i < count_; ++i) {
        const T value = row(quantity).value[i];
        if (!same_bits(kernel.at(quantity, i), value) ||
            !same_bits(double{value}, emulated.at(quantity, i)))
          ++checks_[quantity].other_bits;
        check(h, t, quantity, i, emulated.distance_of(quantity, i), emulated.at(quantity, i),
              exact);
      }
  }

  const Checks& checks(std::size_t quantity) const { return checks_[quantity]; }

  double radius(std::size_t quantity, std::size_t i) const {
    const double radius = row(quantity).radius[i];
    return radius < std::numeric_limits<double>::infinity()
               ? radius
               : std::numeric_limits<double>::infinity();
  }

 private:
  using Ball = proofs::Ball<T>;

  /// A double, rounded once as a coefficient is, or exactly.
  static Ball rounded(double x) {
    const auto number = static_cast<T>(x);
    return double{number} == x ? Ball(number) : Ball::coefficient(number);
  }
  static BallRow<T> rounded(std::span<const double> numbers) {
    std::vector<T> values;
    std::vector<double> radii;
    for (const double x : numbers) {
      const Ball ball = rounded(x);
      values.push_back(ball.value);
      radii.push_back(rounded_up(static_cast<long double>(ball.radius)));
    }
    return {std::span<const T>(values), radii};
  }

  const typename BallRow<T>::Node& row(std::size_t quantity) const {
    return (quantity == 0 ? theta_ : states_[quantity - 1]).row();
  }

  template <class Number>
  static bool same_bits(Number a, Number b) {
    return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
  }

  void check(const typename Rule::Hyperparameters& h, std::uint64_t t, std::size_t quantity,
             std::size_t i, double error, double computed, ExactRun<Rule>& exact) {
    Checks& checks = checks_[quantity];
    const double radius = row(quantity).radius[i];
    if (!(radius < std::numeric_limits<double>::infinity())) {
      ++checks.unbounded;
      return;
    }
    ++checks.compared;
    // Where the truth's own radius leaves a doubt, 50 digits decide.
    const double doubt = exact.radius(quantity)[i];
    if (!exact.is_real(i) && (error <= radius) != (error + doubt * (1 + 0x1p-40) <= radius)) {
      exact.demand(i);
      error = static_cast<double>(distance(computed, exact.at(quantity, i)));
    }
    // The radius has room for the rounding of this distance (proofs/numbers/ball.hpp, inflation).
    if (error > 0) checks.closest = std::max(checks.closest, error / radius);
    if (error <= radius) return;
    ++checks.exceeded;
    if (checks.first) return;
    const Format& format = format_of<T>();
    const double unit = ulp(format, Certified(exact.high(quantity)[i], exact.low(quantity)[i], 0));
    checks.first = {format.name, quantity_name<Rule>(h, quantity), t,
                    first_ + i,  in_units_of(unit, error),         in_units_of(unit, radius)};
  }

  std::size_t first_, count_;
  LaneOf<BallRow<T>, fast::Unobserved> lane_;
  BallRow<T> theta_;
  std::vector<BallRow<T>> states_;
  std::array<Checks, most_quantities<Rule>> checks_;
};

}  // namespace truestep::drift
