// SPDX-License-Identifier: Apache-2.0
#include "recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "npy.hpp"

namespace truestep::drift {

Recorded::Recorded(const std::string& gradients, const std::string& parameters)
    : Workload(fmt::format("the gradients of {}", gradients)),
      gradients_name_(gradients),
      parameters_name_(parameters) {
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
  std::copy_n(start.values.begin(), initial_.size(), initial_.begin());
}

std::vector<float> Recorded::initial_parameters() const {
  std::vector<float> floats(initial_.size());
  std::transform(initial_.begin(), initial_.end(), floats.begin(),
                 [](double x) { return static_cast<float>(x); });
  return floats;
}

std::vector<std::string> Recorded::notes(std::uint64_t steps_taken) const {
  std::vector<std::string> all;
  if (steps_taken < steps_)
    all.push_back(fmt::format("Of {} recorded rows of {} the first {} are used.", steps_,
                              gradients_name_, steps_taken));
  const auto add_not_floats = [&](const std::vector<double>& numbers, const std::string& name,
                                  const char* what) {
    const auto count = std::count_if(numbers.begin(), numbers.end(),
                                     [](double x) { return double{static_cast<float>(x)} != x; });
    if (count > 0)
      all.push_back(fmt::format(
          "{} of {} {} of {} are no floats: double takes them as they are, a narrower set-up "
          "rounds them, and the drift says what that makes.",
          count, numbers.size(), what, name));
  };
  add_not_floats(gradients_, gradients_name_, "gradients");
  add_not_floats(initial_, parameters_name_, "starting parameters");
  return all;
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
