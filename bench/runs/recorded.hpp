// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "record.hpp"
#include "workload.hpp"

namespace truestep::drift {

/// A recorded gradient sequence, whatever the parameters are: step t takes row t.
class Recorded : public Workload {
 public:
  /// All columns of these files. Throws as Record does.
  Recorded(const std::string& gradients, const std::string& parameters)
      : Recorded(std::make_shared<const Record>(gradients, parameters)) {}
  /// @param record  whose survey is complete
  explicit Recorded(std::shared_ptr<const Record> record);

  std::uint64_t steps() const { return record_->rows(); }
  const Record& record() const { return *record_; }

  std::vector<float> initial_parameters() const override;
  std::vector<double> start() const override { return record_->start(); }
  const Recorded* recorded() const override { return this; }
  std::vector<std::string> notes(std::uint64_t steps_taken) const override;
  void next_step() override { ++step_; }
  std::vector<double> gradient(std::span<const double> parameters) const override;
  std::vector<Real> gradient(std::span<const Real> parameters) const override;

  // By step, the first of which has index 0.

  double gradient(std::uint64_t index, std::size_t column) const {
    double number = 0;
    record_->read(index, column, {&number, 1});
    return number;
  }
  void read(std::uint64_t index, std::size_t first_column, std::span<double> gradients) const {
    record_->read(index, first_column, gradients);
  }
  /// The largest in size of all columns.
  double largest(std::uint64_t index) const { return record_->survey().largest[index]; }
  /// How many are no floats.
  std::uint64_t not_floats(std::uint64_t index) const {
    return record_->survey().not_floats[index];
  }

 private:
  std::vector<double> row() const;

  std::shared_ptr<const Record> record_;
  std::uint64_t step_ = 0;
};

}  // namespace truestep::drift
