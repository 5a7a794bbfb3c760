// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "matrix_file.hpp"
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

  std::uint64_t steps() const { return gradients_.rows(); }

  std::vector<float> initial_parameters() const override;
  std::vector<double> start() const override { return initial_; }
  const Recorded* recorded() const override { return this; }
  std::vector<std::string> notes(std::uint64_t steps_taken) const override;
  void next_step() override { ++step_; }
  std::vector<double> gradient(std::span<const double> parameters) const override;
  std::vector<Real> gradient(std::span<const Real> parameters) const override;

  // By step, the first of which has index 0.

  double gradient(std::uint64_t index, std::size_t column) const {
    return gradients_.at(index, column);
  }
  void read(std::uint64_t index, std::size_t first_column, std::span<double> gradients) const {
    gradients_.read(index, first_column, gradients);
  }
  /// The largest in size of all columns.
  double largest(std::uint64_t index) const { return largest_[index]; }
  /// How many are no floats.
  std::uint64_t not_floats(std::uint64_t index) const { return not_floats_[index]; }

 private:
  std::vector<double> row() const;

  MatrixFile gradients_;
  std::uint64_t step_ = 0;
  std::string gradients_name_, parameters_name_;
  std::vector<double> initial_, largest_;
  std::vector<std::uint64_t> not_floats_;
};

}  // namespace truestep::drift
