// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "block.hpp"
#include "kernel_run.hpp"
#include "loss_scaler.hpp"
#include "runs/workload.hpp"

namespace truestep::drift {

/// Where a step's gradients come from.
template <class Rule>
class Training {
 public:
  Training(const typename Rule::Hyperparameters& h, const Request& request,
           const std::vector<Setup>& setups, Workload& workload)
      : closed_loop_(request.closed_loop), workload_(workload), trained_(h, workload.start()) {
    for (const Setup& setup : setups) {
      coefficients_.emplace_back(setup, request.first_step);
      scalers_.emplace_back(setup);
    }
  }

  Step<Rule> next(const typename Rule::Hyperparameters& h, std::uint64_t t,
                  const std::vector<Block<Rule>>& blocks) {
    Step<Rule> step{t, Rule::template formula<Real>(h, t), {}, {}, {}};
    const auto before = coefficients_;
    for (auto& coefficients : coefficients_) step.coefficients.push_back(coefficients.next(h, t));
    workload_.next_step();
    if (closed_loop_)
      each_its_own(blocks, step);
    else
      one_for_all(h, step);
    for (std::size_t setup = 0; setup < scalers_.size(); ++setup) {
      Scaling scaling;
      scaling.skipped = scalers_[setup].skips(t, step.gradient(setup), scaling.by);
      // A step that is left out is not counted either.
      if (scaling.skipped) coefficients_[setup] = before[setup];
      step.scaling.push_back(scaling);
    }
    return step;
  }

  const std::optional<Stuck>& stuck(std::size_t setup) const {
    return coefficients_[setup].stuck();
  }
  std::optional<Skips> skips(std::size_t setup) const { return scalers_[setup].seen(); }

 private:
  void one_for_all(const typename Rule::Hyperparameters& h, Step<Rule>& step) {
    auto gradient = workload_.gradient(std::span<const double>(trained_.gradient_point(h)));
    if (!workload_.is_recorded())
      for (double& g : gradient) g = double{static_cast<float>(g)};
    trained_.step(h, step.t, gradient);
    step.exact_gradient.assign(gradient.begin(), gradient.end());
    step.gradients.push_back(std::move(gradient));
  }

  void each_its_own(const std::vector<Block<Rule>>& blocks, Step<Rule>& step) const {
    std::vector<Real> exact_point;
    for (const auto& block : blocks)
      for (std::size_t i = 0; i < block.count(); ++i)
        exact_point.push_back(block.exact().gradient_point(step.formula, i));
    step.exact_gradient = workload_.gradient(std::span<const Real>(exact_point));
    for (std::size_t setup = 0; setup < coefficients_.size(); ++setup) {
      std::vector<double> point;
      for (const auto& block : blocks)
        for (std::size_t i = 0; i < block.count(); ++i)
          point.push_back(block.emulated(setup).gradient_point(step.coefficients[setup], i));
      step.gradients.push_back(workload_.gradient(std::span<const double>(point)));
    }
  }

  bool closed_loop_;
  Workload& workload_;
  KernelRun<Rule, float> trained_;
  std::vector<EmulatedCoefficients<Rule>> coefficients_;
  std::vector<LossScaler> scalers_;
};

}  // namespace truestep::drift
