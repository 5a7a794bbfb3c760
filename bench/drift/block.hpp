// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <tuple>

#include "emulated_run.hpp"
#include "exact_run.hpp"
#include "in_proportion.hpp"
#include "kernel_run.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What the runs are given at a step.
template <class Rule>
struct Step {
  std::uint64_t t;
  Formula<Rule> formula;  ///< made once for all: powers of t cost more than a step
  std::vector<typename EmulatedCoefficients<Rule>::Values> coefficients;  ///< of each set-up
  std::vector<Real> exact_gradient;
  std::vector<std::vector<double>> gradients;  ///< of each set-up, or one for all in open loop
  std::vector<Formula<Rule>> others = {};      ///< of the other conventions
  std::vector<Scaling> scaling = {};           ///< of each set-up

  const std::vector<double>& gradient(std::size_t setup) const {
    return gradients[std::min(setup, gradients.size() - 1)];
  }
};

/// Each coordinate of one quantity after one step; errors and radii in ulp.
struct Samples {
  std::vector<double> error, relative, absolute, rounding, coefficients, radius, radius_absolute,
      theorem, of_theorem;
};

/// Some coordinates in every reading. Given its gradients a coordinate depends on no other, so that
/// blocks run on as many threads as there are.
template <class Rule>
class Block {
 public:
  static constexpr std::size_t size = 64;

  Block(const typename Rule::Hyperparameters& h, const std::vector<OtherConvention<Rule>>& others,
        std::size_t first_coordinate, std::span<const double> initial,
        const std::vector<Setup>& setups, bool with_radius, bool keeps_negative)
      : first_(first_coordinate),
        count_(initial.size()),
        with_radius_(with_radius),
        exact_(h, initial),
        radii_(RadiusRun<Rule, float>(h, first_, initial),
               RadiusRun<Rule, double>(h, first_, initial)) {
    for (const auto& other : others) others_.emplace_back(other.h, initial);
    for (const Setup& setup : setups) {
      emulated_.emplace_back(h, setup, first_, initial);
      if (keeps_negative) emulated_.back().keep_negative();
      kept_.push_back({setup.kept_parameters(), setup.states});
    }
  }

  void step(const typename Rule::Hyperparameters& h, const Step<Rule>& step) {
    const auto mine = [&](const auto& all) { return std::span(all).subspan(first_, count_); };
    const auto exact_gradient = mine(step.exact_gradient);
    exact_.step(step.formula, exact_gradient);
    for (std::size_t i = 0; i < others_.size(); ++i)
      others_[i].step(step.others[i], exact_gradient);
    for (std::size_t i = 0; i < emulated_.size(); ++i)
      emulated_[i].step(step.t, step.coefficients[i], mine(step.gradient(i)), exact_gradient,
                        exact_, step.scaling[i]);
    if (!with_radius_) return;
    auto& [single, twice] = radii_;
    single.step(h, step.t, mine(step.gradient(0)), exact_, emulated_[0]);
    twice.step(h, step.t, mine(step.gradient(1)), exact_, emulated_[1]);
  }

  std::size_t first() const { return first_; }
  std::size_t count() const { return count_; }
  const ExactRun<Rule>& exact() const { return exact_; }
  const EmulatedRun<Rule>& emulated(std::size_t setup) const { return emulated_[setup]; }

  Checks checks(std::size_t setup, std::size_t quantity) const {
    if (setup > 1 || !with_radius_) return {};
    return setup == 0 ? std::get<0>(radii_).checks(quantity) : std::get<1>(radii_).checks(quantity);
  }

  void sample(std::size_t setup, std::size_t quantity, Samples& samples) const {
    const Format& format = quantity == 0 ? kept_[setup].parameters : kept_[setup].states;
    for (std::size_t i = 0; i < count_; ++i) {
      const Real& truth = exact_.at(quantity, i);
      const auto unit = ulp(format, truth);
      const auto error = emulated_[setup].error(quantity, i);
      samples.error.push_back(in_units_of(unit, error));
      samples.relative.push_back(in_units_of(static_cast<long double>(Real(abs(truth))), error));
      samples.absolute.push_back(static_cast<double>(error));
      const Shares& shares = emulated_[setup].shares(quantity, i);
      const auto sum = [&](std::size_t from, std::size_t to) {
        double total = 0;
        for (std::size_t source = from; source < to; ++source) total += shares[source];
        return in_units_of(unit, std::fabs(total));
      };
      const std::size_t counter = emulated_[setup].source().counter;
      samples.coefficients.push_back(sum(0, counter + 1));
      samples.rounding.push_back(sum(counter + 1, most_sources));
      if (setup < 2 && with_radius_) {
        samples.radius.push_back(in_units_of(unit, radius(setup, quantity, i)));
        samples.radius_absolute.push_back(static_cast<double>(radius(setup, quantity, i)));
      }
    }
  }

  /// Samples the theorems about a state of float or double in open loop.
  void sample_theorem(const typename Rule::Hyperparameters& h, const DriftTheorems& theorems,
                      std::size_t setup, std::size_t quantity, Samples& samples) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const Real& truth = exact_.at(quantity, i);
      const auto bound = theorems.bound(h, quantity - 1, truth);
      if (!bound) return;
      // Overflow is not modelled.
      if (!std::isfinite(emulated_[setup].at(quantity, i))) continue;
      const Real error = abs(emulated_[setup].at(quantity, i) - truth);
      samples.theorem.push_back(static_cast<double>(*bound));
      samples.of_theorem.push_back(error == 0 ? 0 : static_cast<double>(Real(error / *bound)));
    }
  }

  /// How far another convention's theta is from the audited one's, both exact.
  double distance_of_other(std::size_t other, std::size_t i) const {
    return static_cast<double>(Real(abs(others_[other].theta(i) - exact_.at(0, i))));
  }

  /// Computed - exact.
  double drift(std::size_t setup, std::size_t quantity, std::size_t i) const {
    return static_cast<double>(Real(emulated_[setup].at(quantity, i) - exact_.at(quantity, i)));
  }

 private:
  struct Kept {
    Format parameters, states;
  };

  long double radius(std::size_t setup, std::size_t quantity, std::size_t i) const {
    return setup == 0 ? std::get<0>(radii_).radius(quantity, i)
                      : std::get<1>(radii_).radius(quantity, i);
  }

  std::size_t first_, count_;
  bool with_radius_;
  ExactRun<Rule> exact_;
  std::vector<OtherRun<Rule>> others_;
  std::vector<EmulatedRun<Rule>> emulated_;
  std::vector<Kept> kept_;
  std::tuple<RadiusRun<Rule, float>, RadiusRun<Rule, double>> radii_;
};

}  // namespace truestep::drift
