// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <stdexcept>

#include "text.hpp"

namespace truestep::identify {
namespace {

void require_finite(const Matrix& matrix, const std::string& name) {
  for (std::size_t i = 0; i < matrix.values.size(); ++i)
    if (!std::isfinite(matrix.values[i]))
      throw std::invalid_argument(text(name, ": row ", i / matrix.columns, ", column ",
                                       i % matrix.columns, " is ", matrix.values[i]));
}

}  // namespace

Record record(const Matrix& parameters, const Matrix& gradients, const std::string& parameters_name,
              const std::string& gradients_name) {
  const auto shape = [](const Matrix& m) { return text(m.rows, " x ", m.columns); };
  if (parameters.in_double != gradients.in_double)
    throw std::invalid_argument(
        text(gradients_name, ": has another number type than ", parameters_name));
  if (gradients.rows == 0 || gradients.columns == 0)
    throw std::invalid_argument(text(gradients_name, ": holds no gradient"));
  if (parameters.columns != gradients.columns || parameters.rows != gradients.rows + 1)
    throw std::invalid_argument(text(parameters_name, ": is ", shape(parameters), ", where ",
                                     gradients_name, " (", shape(gradients), ") asks for ",
                                     gradients.rows + 1, " x ", gradients.columns));
  require_finite(parameters, parameters_name);
  require_finite(gradients, gradients_name);
  return {parameters.in_double, gradients.rows, gradients.columns, parameters.values,
          gradients.values};
}

Record some_coordinates(const Record& run, std::size_t count) {
  std::vector<std::size_t> live;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    for (std::size_t t = 0; t < run.steps; ++t)
      if (run.gradients[t * run.coordinates + i] != 0) {
        live.push_back(i);
        break;
      }
  const std::size_t kept = std::min(count, live.size());
  Record some{run.in_double, run.steps, kept, {}, {}};
  const auto keep = [&](const std::vector<double>& from, std::vector<double>& to, std::size_t t) {
    for (std::size_t k = 0; k < kept; ++k)
      to.push_back(from[t * run.coordinates + live[k * live.size() / kept]]);
  };
  for (std::size_t t = 0; t <= run.steps; ++t) keep(run.parameters, some.parameters, t);
  for (std::size_t t = 0; t < run.steps; ++t) keep(run.gradients, some.gradients, t);
  return some;
}

Record with_gradients_times(Record run, double factor) {
  for (double& g : run.gradients)
    g = run.in_double ? g * factor : double{static_cast<float>(g * factor)};
  return run;
}

Record repeated(const Record& run, std::size_t times) {
  Record longer = run;
  longer.steps *= times;
  const auto again = [&](const std::vector<double>& from, std::vector<double>& to) {
    to.insert(to.end(), from.begin(), from.begin() + std::ptrdiff_t(run.steps * run.coordinates));
  };
  for (std::size_t i = 1; i < times; ++i) {
    again(run.parameters, longer.parameters);
    again(run.gradients, longer.gradients);
  }
  return longer;
}

Record probe() {
  Record run{true, 24, 32, {}, {}};
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> unit(-1, 1);
  for (std::size_t t = 0; t <= run.steps; ++t)
    for (std::size_t i = 0; i < run.coordinates; ++i) run.parameters.push_back(unit(random));
  for (std::size_t t = 0; t < run.steps; ++t)
    for (std::size_t i = 0; i < run.coordinates; ++i) {
      const bool silent = i % 4 == 0 && (t < 2 || random() % 2 == 0);
      const double size = std::pow(10.0, double(i) / 2 - 13);
      run.gradients.push_back(silent ? 0 : size * unit(random));
    }
  return run;
}

}  // namespace truestep::identify
