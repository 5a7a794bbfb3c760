// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

  std::vector<float> initial_parameters() const override;
  std::vector<double> start() const override { return initial_; }
  bool is_recorded() const override { return true; }
  std::vector<std::string> notes(std::uint64_t steps_taken) const override;
  void next_step() override { ++step_; }
  std::vector<double> gradient(std::span<const double> parameters) const override;
  std::vector<Real> gradient(std::span<const Real> parameters) const override;

 private:
  std::vector<double> row() const;

  std::uint64_t steps_ = 0, step_ = 0;
  std::string gradients_name_, parameters_name_;
  std::vector<double> initial_, gradients_;
};

}  // namespace truestep::drift
