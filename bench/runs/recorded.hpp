// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "workload.hpp"

namespace truestep::drift {

/// A recorded gradient sequence, whatever the parameters are: step t takes row t.
class Recorded : public Workload {
 public:
  /// @param gradients   a .npy file of a row a step
  /// @param parameters  a .npy file whose first row is where the run starts; 0 where it is ""
  ///
  /// Throws std::runtime_error "FILE: REASON" for a file that cannot be taken.
  Recorded(const std::string& gradients, const std::string& parameters);

  std::uint64_t steps() const { return steps_; }

  std::vector<float> initial_parameters() const override { return initial_; }
  void next_step() override { ++step_; }
  std::vector<double> gradient(std::span<const double> parameters) const override;
  std::vector<Real> gradient(std::span<const Real> parameters) const override;

 private:
  std::vector<double> row() const;

  std::uint64_t steps_ = 0, step_ = 0;
  std::vector<float> initial_;
  std::vector<double> gradients_;
};

}  // namespace truestep::drift
