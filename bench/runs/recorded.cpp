// SPDX-License-Identifier: Apache-2.0
#include "recorded.hpp"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "npy.hpp"

namespace truestep::drift {

Recorded::Recorded(const std::string& gradients, const std::string& parameters)
    : Workload(fmt::format("the gradients of {}", gradients)) {
  auto matrix = identify::read_npy(gradients);
  if (matrix.rows == 0 || matrix.columns == 0)
    throw std::runtime_error(
        fmt::format("{}: {} rows of {} gradients", gradients, matrix.rows, matrix.columns));
  for (std::size_t i = 0; i < matrix.values.size(); ++i)
    if (!std::isfinite(matrix.values[i]))
      throw std::runtime_error(fmt::format("{}: {} in row {}, column {}", gradients,
                                           matrix.values[i], i / matrix.columns,
                                           i % matrix.columns));
  steps_ = matrix.rows;
  gradients_ = std::move(matrix.values);
  initial_.resize(matrix.columns);
  if (parameters.empty()) return;
  const auto start = identify::read_npy(parameters);
  if (start.rows == 0 || start.columns != initial_.size())
    throw std::runtime_error(fmt::format("{}: {} rows of {} parameters where {} has {} columns",
                                         parameters, start.rows, start.columns, gradients,
                                         initial_.size()));
  for (std::size_t i = 0; i < initial_.size(); ++i)
    initial_[i] = static_cast<float>(start.values[i]);
}

std::vector<double> Recorded::row() const {
  if (step_ == 0 || step_ > steps_)
    throw std::out_of_range(fmt::format("step {} of {} recorded steps", step_, steps_));
  const auto first =
      gradients_.begin() + static_cast<std::ptrdiff_t>((step_ - 1) * initial_.size());
  return {first, first + static_cast<std::ptrdiff_t>(initial_.size())};
}

std::vector<double> Recorded::gradient(std::span<const double>) const { return row(); }

std::vector<Recorded::Real> Recorded::gradient(std::span<const Real>) const {
  const auto values = row();
  return {values.begin(), values.end()};
}

}  // namespace truestep::drift
