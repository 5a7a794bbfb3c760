// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "audited_rule.hpp"
#include "beginning.hpp"
#include "emulated_run.hpp"
#include "exact_run.hpp"
#include "in_proportion.hpp"
#include "kernel_run.hpp"
#include "tally.hpp"
#include "theorems.hpp"

namespace truestep::drift {

/// What the runs are given at a step.
template <class Rule>
struct Step {
  using Certified = typename ExactRun<Rule>::CertifiedFormula;

  std::uint64_t t;
  std::optional<Certified> formula;
  std::optional<Formula<Rule>> in_digits;  ///< instead, where all are in 50 digits
  std::vector<typename EmulatedCoefficients<Rule>::Values> coefficients;  ///< of each set-up
  std::vector<Real> exact_gradient;            ///< where all are in 50 digits
  std::vector<std::vector<double>> gradients;  ///< of each set-up, or one for all in open loop
  std::vector<Certified> others = {};          ///< of the other conventions
  std::vector<Formula<Rule>> others_in_digits = {};  ///< where all are
  std::vector<Scaling> scaling = {};                 ///< of each set-up
  bool is_reported = true;

  const std::vector<double>& gradient(std::size_t setup) const {
    return gradients[std::min(setup, gradients.size() - 1)];
  }
};

/// A set-up that a kernel runs, without what an emulation knows besides.
template <class Rule, class T>
class MeasuredKernel {
 public:
  MeasuredKernel(const typename Rule::Hyperparameters& h, std::size_t first_coordinate,
                 const Beginning& initial)
      : count_(initial.size()),
        kernel_(h, initial),
        comparisons_(quantities<Rule>(h), Comparison(first_coordinate)) {}

  void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
            std::span<const double> gradient, ExactRun<Rule>& exact, bool sharp) {
    std::vector<std::array<double, row_size>> before(comparisons_.size());
    for (std::size_t quantity = 0; quantity < before.size(); ++quantity)
      read(quantity, before[quantity]);
    kernel_.step(h, t, gradient);
    for (std::size_t quantity = 0; quantity < before.size(); ++quantity) {
      std::array<double, row_size> now;
      read(quantity, now);
      comparisons_[quantity].see(t, quantity, std::span(before[quantity]).first(count_),
                                 std::span(now).first(count_), sharp, exact);
    }
  }

  double at(std::size_t quantity, std::size_t i) const { return double{kernel_.at(quantity, i)}; }
  const Comparison& comparison(std::size_t quantity) const { return comparisons_[quantity]; }

 private:
  void read(std::size_t quantity, std::array<double, row_size>& values) const {
    for (std::size_t i = 0; i < count_; ++i) values[i] = at(quantity, i);
  }

  std::size_t count_;
  KernelRun<Rule, T> kernel_;
  std::vector<Comparison> comparisons_;
};

/// Some coordinates in every reading. Given its gradients a coordinate depends on no other, so that
/// blocks run on as many threads as there are.
template <class Rule>
class Block {
 public:
  static constexpr std::size_t size = row_size;

  /// @param again         what 50 digits need; none where all are in 50 digits throughout
  /// @param others_again  the same for each other convention
  Block(const typename Rule::Hyperparameters& h, const std::vector<OtherConvention<Rule>>& others,
        const std::optional<Again<Rule>>& again,
        const std::vector<std::optional<Again<Rule>>>& others_again, std::size_t first_coordinate,
        const Beginning& initial, const std::vector<Setup>& setups, const Extent& extent)
      : first_(first_coordinate),
        count_(initial.size()),
        extent_(extent),
        exact_(h, first_, initial, again) {
    if (extent.others)
      for (std::size_t i = 0; i < others.size(); ++i)
        others_.emplace_back(others[i].h, first_, initial, others_again[i]);
    for (std::size_t setup = 0; setup < setups.size(); ++setup) {
      kept_.push_back({setups[setup].kept_parameters(), setups[setup].states});
      if (setup < 2 && kernels_alone()) continue;
      emulated_.emplace_back(h, setups[setup], first_, initial, extent.attribution);
      if (extent.keeps_negative) emulated_.back().keep_negative();
    }
    if (kernels_alone())
      kernels_.emplace(MeasuredKernel<Rule, float>(h, first_, initial),
                       MeasuredKernel<Rule, double>(h, first_, initial));
    if (extent.radius)
      radii_.emplace(With<float>(h, first_, initial), With<double>(h, first_, initial));
  }

  Block(const Block&) = delete;
  Block(Block&&) = default;
  Block& operator=(const Block&) = delete;
  Block& operator=(Block&&) = default;
  ~Block() = default;

  /// The first part of a step, after which a state's scale is known where columns share one.
  void begin(const typename Rule::Hyperparameters& h, const Step<Rule>& step) {
    const auto exact_gradient = mine(step.exact_gradient);
    if (step.in_digits)
      exact_.step(*step.in_digits, exact_gradient);
    else
      exact_.step(*step.formula, mine(step.gradient(0)));
    for (std::size_t i = 0; i < others_.size(); ++i)
      if (step.in_digits)
        others_[i].step(step.others_in_digits[i], exact_gradient);
      else
        others_[i].step(step.others[i], mine(step.gradient(0)));
    if (kernels_) {
      auto& [single, twice] = *kernels_;
      single.step(h, step.t, mine(step.gradient(0)), exact_, step.is_reported);
      twice.step(h, step.t, mine(step.gradient(1)), exact_, step.is_reported);
    }
    for (std::size_t i = 0; i < emulated_.size(); ++i) {
      const std::size_t setup = i + kernels_alone_count();
      emulated_[i].begin(step.t, step.coefficients[setup], mine(step.gradient(setup)),
                         exact_gradient, step.scaling[setup]);
    }
  }

  /// The rest of it.
  void finish(const typename Rule::Hyperparameters& h, const Step<Rule>& step) {
    for (std::size_t i = 0; i < emulated_.size(); ++i) {
      const std::size_t setup = i + kernels_alone_count();
      emulated_[i].finish(step.t, mine(step.gradient(setup)), exact_, step.scaling[setup],
                          step.is_reported);
    }
    if (!radii_) return;
    std::get<0>(*radii_).step(h, step.t, mine(step.gradient(0)), emulated_[0], exact_);
    std::get<1>(*radii_).step(h, step.t, mine(step.gradient(1)), emulated_[1], exact_);
  }

  const Extent& extent() const { return extent_; }
  std::size_t first() const { return first_; }
  std::size_t count() const { return count_; }
  const ExactRun<Rule>& exact() const { return exact_; }
  /// The emulation of a set-up; none where a kernel alone runs it.
  const EmulatedRun<Rule>* emulated(std::size_t setup) const {
    const std::size_t before = kernels_alone_count();
    return setup < before ? nullptr : &emulated_[setup - before];
  }
  EmulatedRun<Rule>* emulated(std::size_t setup) {
    return const_cast<EmulatedRun<Rule>*>(std::as_const(*this).emulated(setup));
  }
  const Comparison& comparison(std::size_t setup, std::size_t quantity) const {
    if (const auto* const run = emulated(setup)) return run->comparison(quantity);
    return setup == 0 ? std::get<0>(*kernels_).comparison(quantity)
                      : std::get<1>(*kernels_).comparison(quantity);
  }

  Checks checks(std::size_t setup, std::size_t quantity) const {
    if (setup > 1 || !radii_) return {};
    return setup == 0 ? std::get<0>(*radii_).radius.checks(quantity)
                      : std::get<1>(*radii_).radius.checks(quantity);
  }

  void sample(std::size_t setup, std::size_t quantity, Tally& tally) const {
    const Format& format = quantity == 0 ? kept_[setup].parameters : kept_[setup].states;
    const Comparison& comparison = this->comparison(setup, quantity);
    for (std::size_t i = 0; i < count_; ++i) {
      const Certified truth(exact_.high(quantity)[i], exact_.low(quantity)[i], 0);
      const double unit = ulp(format, truth), error = comparison.distance_of(i);
      tally.ulp.add(in_units_of(unit, error));
      tally.relative.add(in_units_of(std::fabs(truth.high), error));
      tally.absolute.add(error);
      if (extent_.attribution) {
        const auto& run = *emulated(setup);
        const auto sum = [&](std::size_t from, std::size_t to) {
          double total = 0;
          for (std::size_t source = from; source < to; ++source)
            total += run.share(quantity, source, i);
          return in_units_of(unit, std::fabs(total));
        };
        const std::size_t counter = run.source().counter;
        tally.coefficients.add(sum(0, counter + 1));
        tally.rounding.add(sum(counter + 1, most_sources));
      }
      if (setup < 2 && radii_) {
        tally.radius.add(in_units_of(unit, radius(setup, quantity, i)));
        tally.radius_absolute.add(radius(setup, quantity, i));
      }
    }
  }

  /// Samples the theorems about a state of float or double in open loop.
  void sample_theorem(const typename Rule::Hyperparameters& h, const DriftTheorems& theorems,
                      std::size_t setup, std::size_t quantity, Tally& tally) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const Real truth = exact_.at(quantity, i);
      const auto bound = theorems.bound(h, quantity - 1, truth);
      if (!bound) return;
      // Overflow is not modelled.
      const double computed = at(setup, quantity, i);
      if (!std::isfinite(computed)) continue;
      const Real error = abs(computed - truth);
      tally.theorem.add(static_cast<double>(*bound));
      const double part = error == 0 ? 0 : static_cast<double>(Real(error / *bound));
      tally.of_theorem.add(part);
      tally.beyond_theorem += part > 1;
    }
  }

  /// Samples the theorem of a run about theta of float or double in open loop. It excludes
  /// overflow.
  void sample_run_theorem(const Real& bound, std::size_t setup, Tally& tally) const {
    for (std::size_t i = 0; i < count_; ++i) {
      const double computed = at(setup, 0, i);
      const Real error = std::isfinite(computed) ? Real(abs(computed - exact_.at(0, i)))
                                                 : Real(std::numeric_limits<double>::infinity());
      tally.theorem.add(static_cast<double>(bound));
      const double part = error == 0 ? 0 : static_cast<double>(Real(error / bound));
      tally.of_theorem.add(part);
      tally.beyond_theorem += part > 1;
    }
  }

  /// How far another convention's theta is from the audited one's, both exact.
  double distance_of_other(std::size_t other, std::size_t i) {
    const auto apart = [&] {
      const Certified a = theta(others_[other], i), b = theta(exact_, i);
      return std::pair(std::fabs((a.high - b.high) + (a.low - b.low)), a.radius + b.radius);
    };
    const auto [distance, radius] = apart();
    // What is less than 1e-20 is told as 0.
    const bool known = radius <= 0x1p-24 * distance || distance + radius < 1e-20;
    if (known || radius == 0) return distance;
    others_[other].demand(i);
    exact_.demand(i);
    return static_cast<double>(Real(abs(others_[other].at(0, i) - exact_.at(0, i))));
  }

  /// Computed - exact.
  double drift(std::size_t setup, std::size_t quantity, std::size_t i) const {
    const double computed = at(setup, quantity, i);
    if (exact_.is_real(i)) return static_cast<double>(Real(computed - exact_.at(quantity, i)));
    return (computed - exact_.high(quantity)[i]) - exact_.low(quantity)[i];
  }

  /// How far theta is from exact, by its own reach.
  Farthest farthest(std::size_t setup, std::size_t i) const {
    const double distance = comparison(setup, 0).distance_of(i);
    return {first_ + i, distance, in_units_of(exact_.reach(i), distance)};
  }

  double at(std::size_t setup, std::size_t quantity, std::size_t i) const {
    if (const auto* const run = emulated(setup)) return run->at(quantity, i);
    return setup == 0 ? std::get<0>(*kernels_).at(quantity, i)
                      : std::get<1>(*kernels_).at(quantity, i);
  }

  /// Gradients that are given to `step` begin with this coordinate's.
  void gradients_begin_at(std::size_t coordinate) { gradients_begin_ = coordinate; }

 private:
  struct Kept {
    Format parameters, states;
  };

  /// The kernel and its radius.
  template <class T>
  struct With {
    KernelRun<Rule, T> kernel;
    RadiusRun<Rule, T> radius;

    With(const typename Rule::Hyperparameters& h, std::size_t first, const Beginning& initial)
        : kernel(h, initial), radius(h, first, initial) {}

    void step(const typename Rule::Hyperparameters& h, std::uint64_t t,
              std::span<const double> gradient, const EmulatedRun<Rule>& emulated,
              ExactRun<Rule>& exact) {
      kernel.step(h, t, gradient);
      radius.step(h, t, gradient, kernel, emulated, exact);
    }
  };

  /// What is given of all columns, in these.
  template <class Number>
  std::span<const Number> mine(const std::vector<Number>& all) const {
    return all.empty() ? std::span(all) : std::span(all).subspan(first_ - gradients_begin_, count_);
  }

  /// How many set-ups only a kernel runs.
  std::size_t kernels_alone_count() const { return kernels_ ? 2 : 0; }
  bool kernels_alone() const { return !extent_.attribution && !extent_.keeps_negative; }

  static Certified theta(const ExactRun<Rule>& run, std::size_t i) {
    return {run.high(0)[i], run.low(0)[i], run.radius(0)[i]};
  }

  double radius(std::size_t setup, std::size_t quantity, std::size_t i) const {
    return setup == 0 ? std::get<0>(*radii_).radius.radius(quantity, i)
                      : std::get<1>(*radii_).radius.radius(quantity, i);
  }

  std::size_t first_, count_, gradients_begin_ = 0;
  Extent extent_;
  ExactRun<Rule> exact_;
  std::vector<ExactRun<Rule>> others_;
  std::vector<EmulatedRun<Rule>> emulated_;
  std::optional<std::tuple<MeasuredKernel<Rule, float>, MeasuredKernel<Rule, double>>> kernels_;
  std::vector<Kept> kept_;
  std::optional<std::tuple<With<float>, With<double>>> radii_;
};

}  // namespace truestep::drift
