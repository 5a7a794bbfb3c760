// SPDX-License-Identifier: Apache-2.0
#include "recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <stdexcept>

#include "escaped.hpp"

namespace truestep::drift {

Recorded::Recorded(const std::string& gradients, const std::string& parameters)
    : Workload(fmt::format("the gradients of {}", visible(gradients))),
      gradients_(gradients),
      gradients_name_(visible(gradients)),
      parameters_name_(visible(parameters)) {
  const std::size_t rows = gradients_.rows(), columns = gradients_.columns();
  if (rows == 0 || columns == 0)
    throw std::runtime_error(fmt::format("{}: {} rows of {} gradients", gradients, rows, columns));
  std::vector<double> numbers(columns);
  for (std::size_t row = 0; row < rows; ++row) {
    gradients_.read(row, 0, numbers);
    double largest = 0;
    std::uint64_t not_floats = 0;
    bool finite = true;
    for (const double x : numbers) {
      finite &= std::fabs(x) <= std::numeric_limits<double>::max();
      largest = std::max(largest, std::fabs(x));
      not_floats += double{static_cast<float>(x)} != x;
    }
    largest_.push_back(largest);
    not_floats_.push_back(not_floats);
    if (finite) continue;
    const auto at =
        std::find_if(numbers.begin(), numbers.end(), [](double x) { return !std::isfinite(x); });
    throw std::runtime_error(
        fmt::format("{}: {} in row {}, column {}", gradients, *at, row, at - numbers.begin()));
  }
  initial_.resize(columns);
  if (parameters.empty()) return;
  const MatrixFile start(parameters);
  if (start.rows() == 0 || start.columns() != initial_.size())
    throw std::runtime_error(fmt::format("{}: {} rows of {} parameters where {} has {} columns",
                                         parameters, start.rows(), start.columns(), gradients,
                                         initial_.size()));
  start.read(0, 0, initial_);
}

std::vector<float> Recorded::initial_parameters() const {
  std::vector<float> floats(initial_.size());
  std::transform(initial_.begin(), initial_.end(), floats.begin(),
                 [](double x) { return static_cast<float>(x); });
  return floats;
}

std::vector<std::string> Recorded::notes(std::uint64_t steps_taken) const {
  std::vector<std::string> all;
  if (steps_taken < steps())
    all.push_back(fmt::format("Of {} recorded rows of {} the first {} are used.", steps(),
                              gradients_name_, steps_taken));
  const auto add_not_floats = [&](std::uint64_t count, std::uint64_t of, const std::string& name,
                                  const char* what) {
    if (count > 0)
      all.push_back(fmt::format(
          "{} of {} {} of {} are no floats: double takes them as they are, a narrower set-up "
          "rounds them, and the drift says what that makes.",
          count, of, what, name));
  };
  add_not_floats(std::accumulate(not_floats_.begin(), not_floats_.end(), std::uint64_t{0}),
                 steps() * initial_.size(), gradients_name_, "gradients");
  const auto starts_not_floats = std::count_if(initial_.begin(), initial_.end(), [](double x) {
    return double{static_cast<float>(x)} != x;
  });
  add_not_floats(static_cast<std::uint64_t>(starts_not_floats), initial_.size(), parameters_name_,
                 "starting parameters");
  return all;
}

std::vector<double> Recorded::row() const {
  if (step_ == 0 || step_ > steps())
    throw std::out_of_range(fmt::format("step {} of {} recorded steps", step_, steps()));
  std::vector<double> row(initial_.size());
  gradients_.read(step_ - 1, 0, row);
  return row;
}

std::vector<double> Recorded::gradient(std::span<const double>) const { return row(); }

std::vector<Recorded::Real> Recorded::gradient(std::span<const Real>) const {
  const auto values = row();
  return {values.begin(), values.end()};
}

}  // namespace truestep::drift
