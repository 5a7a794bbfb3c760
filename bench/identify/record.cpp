// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numeric>
#include <random>
#include <set>
#include <stdexcept>
#include <utility>

#include "text.hpp"

namespace truestep::identify {
namespace {

void require_finite(const Matrix& matrix, const std::string& name) {
  for (std::size_t i = 0; i < matrix.values.size(); ++i)
    if (!std::isfinite(matrix.values[i]))
      throw std::invalid_argument(text(name, ": row ", i / matrix.columns, ", column ",
                                       i % matrix.columns, " is ", matrix.values[i]));
}

/// The values of the columns that are kept, of all rows.
void keep(const std::vector<double>& from, std::vector<double>& to, std::size_t coordinates,
          const std::vector<std::size_t>& kept) {
  for (std::size_t row = 0; row < from.size() / coordinates; ++row)
    for (const std::size_t i : kept) to.push_back(from[row * coordinates + i]);
}

Record with_columns(const Record& run, const std::vector<std::size_t>& kept) {
  Record some = run;
  some.coordinates = kept.size();
  some.parameters.clear();
  some.gradients.clear();
  keep(run.parameters, some.parameters, run.coordinates, kept);
  keep(run.gradients, some.gradients, run.coordinates, kept);
  return some;
}

bool is_floating(const Array& array) {
  return array.type != Type::integer && array.type != Type::truth;
}

bool is_float(double x) { return double{static_cast<float>(x)} == x; }

/// A number for each step, by its name.
std::vector<double> per_step(const Arrays& arrays, const std::string& name, std::size_t steps,
                             const std::string& file) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) return {};
  if (found->second.values.size() != steps)
    throw std::invalid_argument(text(file, ": ", name, " has ", found->second.values.size(),
                                     " numbers for ", steps, " steps"));
  return found->second.values;
}

const Array& needed(const Arrays& arrays, const std::string& name, const std::string& file) {
  const auto found = arrays.find(name);
  if (found == arrays.end()) {
    std::vector<std::string> names;
    for (const auto& [its, array] : arrays) names.push_back(its);
    throw std::invalid_argument(
        text(file, ": has no array ", name, "; it has {", joined(names), "}"));
  }
  if (!is_floating(found->second))
    throw std::invalid_argument(
        text(file, ": ", name, " is of type ", identify::name(found->second.type)));
  return found->second;
}

/// Removes the steps that were skipped, which have to leave the parameters as they are. The count
/// of steps stands still meanwhile, unless the file tells it.
void without_skipped(Record& run, const std::vector<double>& skipped, const std::string& file) {
  Record kept = run;
  kept.gradients.clear();
  kept.learning_rate.clear();
  kept.weight_decay.clear();
  kept.t.clear();
  const auto row = [&](const std::vector<double>& all, std::size_t t) {
    const auto begin = all.begin() + std::ptrdiff_t(t * run.coordinates);
    return std::vector<double>(begin, begin + std::ptrdiff_t(run.coordinates));
  };
  kept.parameters = row(run.parameters, 0);
  for (std::size_t t = 0; t < run.steps; ++t) {
    const auto before = row(run.parameters, t), after = row(run.parameters, t + 1);
    if (skipped[t] != 0) {
      if (before != after)
        throw std::invalid_argument(
            text(file, ": step ", t + 1, " is said to be skipped, and moves the parameters"));
      continue;
    }
    kept.parameters.insert(kept.parameters.end(), after.begin(), after.end());
    const auto g = row(run.gradients, t);
    kept.gradients.insert(kept.gradients.end(), g.begin(), g.end());
    if (!run.learning_rate.empty()) kept.learning_rate.push_back(run.learning_rate[t]);
    if (!run.weight_decay.empty()) kept.weight_decay.push_back(run.weight_decay[t]);
    if (!run.t.empty()) kept.t.push_back(run.t[t]);
  }
  kept.steps = kept.gradients.size() / run.coordinates;
  if (kept.steps == 0) throw std::invalid_argument(text(file, ": every step was skipped"));
  run = kept;
}

/// Throws where the parameters are stored more coarsely than the steps are judged.
void require_judged_type(const Array& parameters, const std::string& name) {
  if (parameters.type == Type::float16 || parameters.type == Type::bfloat16)
    throw std::invalid_argument(
        text(name, ": is ", identify::name(parameters.type),
             "; steps are judged in float32 and float64: record the float32 master weights"));
}

}  // namespace

Record record(const Arrays& arrays, const std::string& file) {
  const Array& parameters = needed(arrays, "params", file);
  const Array& gradients = needed(arrays, "grads", file);
  require_judged_type(parameters, file + ": params");
  const auto matrix = [](const Array& array) {
    return Matrix{array.type == Type::float64, array.rows(), array.columns(), array.values};
  };
  const auto skipped = per_step(arrays, "skipped", gradients.rows(), file);
  auto g = matrix(gradients);
  // A step is skipped because its gradients are no numbers.
  for (std::size_t i = 0; i < g.values.size() && !skipped.empty(); ++i)
    if (skipped[i / g.columns] != 0) g.values[i] = 0;
  Record run = record(matrix(parameters), g, file + ": params", file + ": grads");
  run.learning_rate = per_step(arrays, "learning_rate", run.steps, file);
  run.weight_decay = per_step(arrays, "weight_decay", run.steps, file);
  for (const double t : per_step(arrays, "t", run.steps, file)) {
    if (!(t >= 1 && t <= 0x1p53 && t == std::floor(t)))
      throw std::invalid_argument(text(file, ": t = ", t, " is outside [1, 2^53]"));
    run.t.push_back(static_cast<std::uint64_t>(t));
  }
  for (const auto* numbers : {&run.learning_rate, &run.weight_decay})
    for (const double x : *numbers)
      if (!(x >= 0 && x <= 0x1p64))
        throw std::invalid_argument(
            text(file, ": ", numbers == &run.learning_rate ? "learning_rate" : "weight_decay",
                 " = ", x, " is outside [0, 2^64]"));
  if (!skipped.empty()) without_skipped(run, skipped, file);
  return run;
}

bool is_stored_in_bfloat16(const Record& run) {
  constexpr std::size_t too_many = 16;
  std::set<double> numbers;
  for (const double x : run.parameters) {
    if (int exponent = 0; std::ldexp(std::frexp(x, &exponent), 8) !=
                          std::trunc(std::ldexp(std::frexp(x, &exponent), 8)))
      return false;
    if (numbers.size() < too_many) numbers.insert(x);
  }
  return numbers.size() == too_many;
}

Record sampled(const Record& run, std::size_t count, std::uint64_t seed) {
  std::vector<std::size_t> all(run.coordinates), kept;
  std::iota(all.begin(), all.end(), std::size_t{0});
  std::mt19937_64 random(seed);
  std::sample(all.begin(), all.end(), std::back_inserter(kept), count, random);
  return with_columns(run, kept);
}

Record record(const Matrix& parameters, const Matrix& gradients, const std::string& parameters_name,
              const std::string& gradients_name) {
  const auto shape = [](const Matrix& m) { return text(m.rows, " x ", m.columns); };
  if (gradients.rows == 0 || gradients.columns == 0)
    throw std::invalid_argument(text(gradients_name, ": holds no gradient"));
  if (parameters.columns != gradients.columns || parameters.rows != gradients.rows + 1)
    throw std::invalid_argument(text(parameters_name, ": is ", shape(parameters), ", where ",
                                     gradients_name, " (", shape(gradients), ") asks for ",
                                     gradients.rows + 1, " x ", gradients.columns));
  require_finite(parameters, parameters_name);
  require_finite(gradients, gradients_name);
  if (gradients.in_double && !parameters.in_double &&
      !std::all_of(gradients.values.begin(), gradients.values.end(), is_float))
    throw std::invalid_argument(text(gradients_name, ": is float64 and ", parameters_name,
                                     " is float32: some gradients are no float32 numbers"));
  const bool in_double =
      parameters.in_double &&
      !(std::all_of(parameters.values.begin(), parameters.values.end(), is_float) &&
        std::all_of(gradients.values.begin(), gradients.values.end(), is_float));
  return {in_double, gradients.rows, gradients.columns, parameters.values, gradients.values};
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
  std::vector<std::size_t> chosen;
  for (std::size_t k = 0; k < kept; ++k) chosen.push_back(live[k * live.size() / kept]);
  return with_columns(run, chosen);
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
    for (auto [numbers, more] : {std::pair(&run.learning_rate, &longer.learning_rate),
                                 std::pair(&run.weight_decay, &longer.weight_decay)})
      more->insert(more->end(), numbers->begin(), numbers->end());
    for (std::size_t t = 0; !run.t.empty() && t < run.steps; ++t)
      longer.t.push_back(i * run.t.back() + run.t[t]);
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
