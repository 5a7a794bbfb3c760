// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "block.hpp"
#include "kernel_run.hpp"
#include "runs/workload.hpp"

namespace truestep::drift {

/// Where a step's gradients come from.
template <class Rule>
class Training {
 public:
  Training(const typename Rule::Hyperparameters& h, bool closed_loop,
           const std::vector<Setup>& setups, Workload& workload)
      : closed_loop_(closed_loop), workload_(workload), trained_(h, workload.initial_parameters()) {
    for (const Setup& setup : setups) coefficients_.emplace_back(setup);
  }

  Step<Rule> next(const typename Rule::Hyperparameters& h, std::uint64_t t,
                  const std::vector<Block<Rule>>& blocks) {
    Step<Rule> step{t, Rule::template formula<Real>(h, t), {}, {}, {}};
    for (auto& coefficients : coefficients_) step.coefficients.push_back(coefficients.next(h, t));
    workload_.next_step();
    if (closed_loop_)
      each_its_own(blocks, step);
    else
      floats_for_all(h, step);
    return step;
  }

 private:
  void floats_for_all(const typename Rule::Hyperparameters& h, Step<Rule>& step) {
    auto gradient = workload_.gradient(std::span<const double>(trained_.gradient_point(h)));
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
};

}  // namespace truestep::drift
