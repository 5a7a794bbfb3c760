// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "block.hpp"
#include "kernel_run.hpp"
#include "loss_scaler.hpp"
#include "runs/recorded.hpp"
#include "runs/workload.hpp"

namespace truestep::drift {

/// The gradients that a record has.
class RecordedPast : public Past {
 public:
  explicit RecordedPast(const Recorded& recorded) : recorded_(recorded) {}
  double gradient(std::uint64_t index, std::size_t coordinate) const override {
    return recorded_.gradient(index, coordinate);
  }

 private:
  const Recorded& recorded_;
};

/// The gradients that a workload gave, floats.
class RememberedPast : public Past {
 public:
  void add(const std::vector<double>& gradient) {
    rows_.emplace_back(gradient.begin(), gradient.end());
  }
  double gradient(std::uint64_t index, std::size_t coordinate) const override {
    return double{rows_[index][coordinate]};
  }

 private:
  std::vector<std::vector<float>> rows_;
};

/// What a step's gradients are like, in all columns of a record.
struct OfGradients {
  double largest = 0;  ///< in size; infinite or NaN where one of them is
  bool all_are_floats = true;
};

/// Where a step's gradients come from.
template <class Rule>
class Training {
 public:
  Training(const typename Rule::Hyperparameters& h, const Request& request,
           const std::vector<Setup>& setups, Workload& workload, const Columns& columns)
      : h_(h),
        closed_loop_(request.closed_loop),
        in_digits_(request.closed_loop || request.in_digits ||
                   remembers_too_much(request, workload)),
        columns_(columns),
        workload_(workload) {
    for (const Setup& setup : setups) {
      coefficients_.emplace_back(setup, request.first_step);
      scalers_.emplace_back(setup);
    }
    if (workload.recorded() == nullptr) trained_.emplace(h, workload.start());
    if (in_digits_) return;
    if (workload.recorded() != nullptr) {
      past_ = std::make_shared<RecordedPast>(*workload.recorded());
    } else {
      remembered_ = std::make_shared<RememberedPast>();
      past_ = remembered_;
    }
  }

  /// Whether all coordinates are run in 50 digits throughout.
  bool in_digits() const { return in_digits_; }
  /// The gradients so far, where not all are.
  const std::shared_ptr<const Past>& past() const { return past_; }

  Step<Rule> next(std::uint64_t t, const std::vector<Block<Rule>>& blocks) {
    Step<Rule> step{.t = t,
                    .formula = {},
                    .in_digits = {},
                    .coefficients = {},
                    .exact_gradient = {},
                    .gradients = {}};
    if (in_digits_)
      step.in_digits.emplace(Rule::template formula<Real>(h_, t));
    else
      step.formula.emplace(Rule::template formula<TruthRow>(h_, t));
    const auto before = coefficients_;
    for (auto& coefficients : coefficients_) step.coefficients.push_back(coefficients.next(h_, t));
    workload_.next_step();
    if (workload_.recorded() != nullptr)
      as_recorded(*workload_.recorded(), step);
    else if (closed_loop_)
      each_its_own(blocks, step);
    else
      one_for_all(step);
    if (in_digits_ && !closed_loop_) {
      const auto& gradient = step.gradient(0);
      step.exact_gradient.assign(gradient.begin(), gradient.end());
    }
    ++steps_;
    for (std::size_t setup = 0; setup < scalers_.size(); ++setup) {
      Scaling scaling;
      scaling.skipped = workload_.recorded() != nullptr
                            ? scalers_[setup].skips(t, {&seen_.largest, 1}, scaling.by)
                            : scalers_[setup].skips(t, step.gradient(setup), scaling.by);
      // A step that is left out is not counted either.
      if (scaling.skipped) coefficients_[setup] = before[setup];
      step.scaling.push_back(scaling);
    }
    return step;
  }

  /// What the last step's gradients were like.
  const OfGradients& seen() const { return seen_; }

  const std::optional<Stuck>& stuck(std::size_t setup) const {
    return coefficients_[setup].stuck();
  }
  std::optional<Skips> skips(std::size_t setup) const { return scalers_[setup].seen(); }

 private:
  /// 256 MiB of gradients, which a workload has not got another time.
  static bool remembers_too_much(const Request& request, const Workload& workload) {
    constexpr std::uint64_t most = std::uint64_t{1} << 26;
    return workload.recorded() == nullptr && request.steps > most / workload.start().size();
  }

  void as_recorded(const Recorded& recorded, Step<Rule>& step) {
    std::vector<double> gradient(columns_.end - columns_.begin);
    recorded.read(steps_, columns_.begin, gradient);
    seen_ = {recorded.largest(steps_), recorded.not_floats(steps_) == 0};
    step.gradients.push_back(std::move(gradient));
  }

  void one_for_all(Step<Rule>& step) {
    auto gradient = workload_.gradient(std::span<const double>(trained_->gradient_point(h_)));
    for (double& g : gradient) g = double{static_cast<float>(g)};
    trained_->step(h_, step.t, gradient);
    if (remembered_) remembered_->add(gradient);
    see(gradient);
    step.gradients.push_back(std::move(gradient));
  }

  void see(const std::vector<double>& gradient) {
    seen_ = {};
    for (const double g : gradient) {
      seen_.largest = std::max(seen_.largest, std::fabs(g));
      seen_.all_are_floats &= double{static_cast<float>(g)} == g;
    }
  }

  void each_its_own(const std::vector<Block<Rule>>& blocks, Step<Rule>& step) {
    std::vector<Real> exact_point;
    for (const auto& block : blocks)
      for (std::size_t i = 0; i < block.count(); ++i)
        exact_point.push_back(block.exact().gradient_point(*step.in_digits, i));
    step.exact_gradient = workload_.gradient(std::span<const Real>(exact_point));
    for (std::size_t setup = 0; setup < coefficients_.size(); ++setup) {
      std::vector<double> point;
      for (const auto& block : blocks)
        for (std::size_t i = 0; i < block.count(); ++i)
          point.push_back(block.emulated(setup)->gradient_point(step.coefficients[setup], i));
      step.gradients.push_back(workload_.gradient(std::span<const double>(point)));
    }
    see(step.gradient(0));
  }

  typename Rule::Hyperparameters h_;
  bool closed_loop_, in_digits_;
  Columns columns_;
  Workload& workload_;
  std::optional<KernelRun<Rule, float>> trained_;
  std::vector<EmulatedCoefficients<Rule>> coefficients_;
  std::vector<LossScaler> scalers_;
  std::shared_ptr<RememberedPast> remembered_;
  std::shared_ptr<const Past> past_;
  std::uint64_t steps_ = 0;
  OfGradients seen_;
};

}  // namespace truestep::drift
