// SPDX-License-Identifier: Apache-2.0
#include "record.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <random>
#include <set>
#include <map>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "text.hpp"

namespace truestep::identify {
namespace {

/// Runs of at most so many numbers are held.
constexpr std::size_t most_held = std::size_t{1} << 22;
constexpr std::uint64_t seed_of_sample = 1;

bool is_floating(const Array& array) {
  return array.type != Type::integer && array.type != Type::truth;
}

bool is_float(double x) { return double{static_cast<float>(x)} == x; }

bool is_bfloat16(double x) {
  const auto narrow = static_cast<float>(x);
  std::uint32_t bits = 0;
  std::memcpy(&bits, &narrow, sizeof bits);
  return double{narrow} == x && (bits & 0xffff) == 0;
}

void read_row(const Lying& lying, const Array& array, std::size_t row, std::size_t first,
              std::size_t count, double* to) {
  if (lying.columns.empty()) return array.read(row, first, count, to);
  for (std::size_t i = 0; i < count; ++i) array.read(row, lying.columns[first + i], 1, to + i);
}

std::size_t row_of(const std::vector<std::size_t>& rows, std::size_t row) {
  return rows.empty() ? row : rows[row];
}

/// Calls visit(row, its numbers) for every row of parameters, then of gradients.
template <class Visit>
void for_each_row(const Record& run, const Visit& parameters, const Visit& gradients) {
  std::vector<double> buffer;
  for (std::size_t row = 0; row <= run.steps; ++row)
    if (run.is_recorded(row)) parameters(row, run.parameters_from(row, 0, run.coordinates, buffer));
  for (std::size_t row = 0; row < run.steps; ++row)
    gradients(row, run.gradients_from(row, 0, run.coordinates, buffer));
}

/// Takes a run that lies in arrays into memory, if it is small.
void hold(Record& run) {
  if (!run.lying || (2 * run.steps + 1) > most_held / std::max<std::size_t>(run.coordinates, 1))
    return;
  std::vector<double> buffer;
  const auto append = [&](std::vector<double>& all, const double* row) {
    all.insert(all.end(), row, row + run.coordinates);
  };
  std::vector<double> parameters, gradients;
  for (std::size_t row = 0; row <= run.steps; ++row)
    append(parameters, run.parameters_from(row, 0, run.coordinates, buffer));
  for (std::size_t row = 0; row < run.steps; ++row)
    append(gradients, run.gradients_from(row, 0, run.coordinates, buffer));
  run.parameters = std::move(parameters);
  run.gradients = std::move(gradients);
  run.lying = nullptr;
}

/// So many of the numbers below `all`, by a seed, in their order.
std::vector<std::size_t> sample(std::size_t all, std::size_t count) {
  std::set<std::size_t> chosen;
  std::mt19937_64 random(seed_of_sample);
  for (std::size_t last = all - count; last < all; ++last) {
    const std::size_t drawn = random() % (last + 1);
    if (!chosen.insert(drawn).second) chosen.insert(last);
  }
  return {chosen.begin(), chosen.end()};
}

/// Reads arrays into a record.
class Reader {
 public:
  Reader(const Arrays& arrays, std::string file,
         const std::map<std::string, std::string>& own_files)
      : arrays_(arrays), file_(std::move(file)), own_files_(own_files) {}

  Read read(std::size_t most) {
    const Array &parameters = needed("params"), &gradients = needed("grads");
    require_judged_type(parameters);
    take_shapes(parameters, gradients);
    choose_columns(parameters.columns(), most);
    take_groups();
    take_each_step();
    take_starts();
    run().lying = std::make_shared<const Lying>(lying_);
    hold(run());
    if (parameters.type == Type::bfloat16) run().storage = Storage::bfloat16;
    take_type(parameters, gradients);
    take_ends();
    return std::move(read_);
  }

 private:
  Record& run() { return read_.record; }

  std::string called(const std::string& name) const {
    const auto own = own_files_.find(name);
    return own == own_files_.end() ? file_ + ": " + name : own->second;
  }

  const Array& needed(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) {
      std::vector<std::string> names;
      for (const auto& [its, array] : arrays_) names.push_back(its);
      throw std::invalid_argument(
          text(file_, ": has no array ", name, "; it has {", joined(names), "}"));
    }
    if (!is_floating(found->second))
      throw std::invalid_argument(
          text(called(name), " is of type ", identify::name(found->second.type)));
    return found->second;
  }

  void require_judged_type(const Array& parameters) const {
    if (parameters.type == Type::float16)
      throw std::invalid_argument(
          text(called("params"), ": is ", identify::name(parameters.type),
               "; steps are judged in float32, float64, and float32 stored as bfloat16: record "
               "the float32 master weights"));
  }

  /// A row of parameters before each step and after the last; or only those after each, or some of
  /// them, as often as fits.
  void take_shapes(const Array& parameters, const Array& gradients) {
    const std::size_t steps = gradients.rows(), rows = parameters.rows();
    const auto shape = [](const Array& a) { return text(a.rows(), " x ", a.columns()); };
    if (steps == 0 || gradients.columns() == 0)
      throw std::invalid_argument(called("grads") + ": holds no gradient");
    const bool is_after_alone = rows == steps && steps > 1;
    const bool is_sparse = rows > 1 && rows < steps && steps % (rows - 1) == 0;
    if (parameters.columns() != gradients.columns() ||
        (rows != steps + 1 && !is_after_alone && !is_sparse))
      throw std::invalid_argument(text(called("params"), ": is ", shape(parameters), ", where ",
                                       called("grads"), " (", shape(gradients), ") asks for ",
                                       steps + 1, " x ", gradients.columns()));
    run().steps = steps;
    if (rows == steps + 1) return;
    const std::size_t stride = is_sparse ? steps / (rows - 1) : 1;
    run().recorded.assign(steps + 1, false);
    for (std::size_t row = 0; row <= steps; ++row) {
      const std::size_t its = is_sparse ? row / stride : std::max<std::size_t>(row, 1) - 1;
      lying_.parameter_rows.push_back(its);
      run().recorded[row] = is_sparse ? row % stride == 0 : row > 0;
    }
    add_note(is_sparse ? text("parameters were recorded every ", stride, " steps")
                       : text(rows, " rows of parameters for ", steps,
                              " of gradients are taken as those after each step"));
    read_.record.is_reading_assumed = true;
  }

  void choose_columns(std::size_t all, std::size_t most) {
    if (most == 0) most = usual_coordinates;
    run().coordinates = std::min(all, most);
    lying_.parameters = needed("params");
    lying_.gradients = needed("grads");
    if (all <= most) return;
    lying_.columns = sample(all, most);
    run().numbers = lying_.columns;
    add_note(
        text("judged on ", most, " of ", all, " coordinates, a sample by seed ", seed_of_sample));
  }

  void add_note(const std::string& note) { read_.note += (read_.note.empty() ? "" : "; ") + note; }

  /// A number for each step, by its name.
  std::vector<double> per_step(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end()) return {};
    const Array& array = found->second;
    const std::size_t count = array.rows() * array.columns();
    if (count != read_.record.steps)
      throw std::invalid_argument(
          text(file_, ": ", name, " has ", count, " numbers for ", read_.record.steps, " steps"));
    std::vector<double> numbers(count);
    for (std::size_t row = 0; row < array.rows(); ++row)
      array.read(row, 0, array.columns(), numbers.data() + row * array.columns());
    return numbers;
  }

  /// The group of each coordinate, counted from 0 in the order of their numbers.
  void take_groups() {
    const auto found = arrays_.find("group");
    if (found == arrays_.end()) return;
    const Array& array = found->second;
    const std::size_t all = lying_.parameters.columns();
    if (array.rows() * array.columns() != all)
      throw std::invalid_argument(text(file_, ": group has ", array.rows() * array.columns(),
                                       " numbers for ", all, " coordinates"));
    std::vector<double> numbers(all);
    for (std::size_t row = 0; row < array.rows(); ++row)
      array.read(row, 0, array.columns(), numbers.data() + row * array.columns());
    const std::set<double> different(numbers.begin(), numbers.end());
    constexpr std::size_t most = 64;
    if (different.size() > most || std::any_of(different.begin(), different.end(), [](double x) {
          return !(x >= 0 && x <= 0x1p53 && x == std::floor(x));
        }))
      throw std::invalid_argument(
          text(file_, ": group is not of at most ", most, " whole numbers in [0, 2^53]"));
    groups_ = different.size();
    for (std::size_t i = 0; i < run().coordinates; ++i)
      run().group.push_back(static_cast<std::size_t>(
          std::distance(different.begin(), different.find(numbers[lying_.column(i)]))));
  }

  /// A row for each step with a number for each group, by its name; none where there is one number.
  std::vector<std::vector<double>> per_group(const std::string& name) const {
    const auto found = arrays_.find(name);
    if (found == arrays_.end() || groups_ < 2) return {};
    const Array& array = found->second;
    if (array.shape.size() != 2 || array.rows() != read_.record.steps || array.columns() != groups_)
      return {};
    std::vector<std::vector<double>> all(groups_, std::vector<double>(array.rows()));
    for (std::size_t row = 0; row < array.rows(); ++row)
      for (std::size_t k = 0; k < groups_; ++k) array.read(row, k, 1, &all[k][row]);
    return all;
  }

  void take_each_step() {
    run().learning_rate_of = per_group("learning_rate");
    run().weight_decay_of = per_group("weight_decay");
    if (run().learning_rate_of.empty()) run().learning_rate = per_step("learning_rate");
    if (run().weight_decay_of.empty()) run().weight_decay = per_step("weight_decay");
    for (const double t : per_step("t")) {
      if (!(t >= 1 && t <= 0x1p53 && t == std::floor(t)))
        throw std::invalid_argument(text(file_, ": t = ", t, " is outside [1, 2^53]"));
      run().t.push_back(static_cast<std::uint64_t>(t));
    }
    for (const auto& [name, numbers, of_groups] :
         {std::tuple("learning_rate", &run().learning_rate, &run().learning_rate_of),
          std::tuple("weight_decay", &run().weight_decay, &run().weight_decay_of)}) {
      require_scales(name, *numbers);
      for (const auto& its : *of_groups) require_scales(name, its);
    }
    leave_out(per_step("skipped"));
  }

  void require_scales(const char* name, const std::vector<double>& numbers) const {
    for (const double x : numbers)
      if (!(x >= 0 && x <= 0x1p64))
        throw std::invalid_argument(text(file_, ": ", name, " = ", x, " is outside [0, 2^64]"));
  }

  /// Steps that were skipped have to leave the parameters as they are. The count of steps stands
  /// still meanwhile, unless the file tells it.
  void leave_out(const std::vector<double>& skipped) {
    if (skipped.empty()) return;
    if (!run().recorded.empty())
      throw std::invalid_argument(text(file_,
                                       ": skipped asks for a row of parameters before each "
                                       "step and after the last"));
    const auto kept = [&](auto& numbers) {
      std::size_t next = 0;
      for (std::size_t t = 0; t < numbers.size(); ++t)
        if (skipped[t] == 0) numbers[next++] = numbers[t];
      numbers.resize(next);
    };
    std::vector<double> before(run().coordinates), after(run().coordinates);
    lying_.parameter_rows = {0};
    for (std::size_t t = 0; t < run().steps; ++t) {
      if (skipped[t] == 0) {
        lying_.gradient_rows.push_back(t);
        lying_.parameter_rows.push_back(t + 1);
        continue;
      }
      read_row(lying_, lying_.parameters, t, 0, before.size(), before.data());
      read_row(lying_, lying_.parameters, t + 1, 0, after.size(), after.data());
      if (std::memcmp(before.data(), after.data(), before.size() * sizeof(double)) != 0)
        throw std::invalid_argument(
            text(file_, ": step ", t + 1, " is said to be skipped, and moves the parameters"));
    }
    kept(run().learning_rate);
    kept(run().weight_decay);
    for (auto* of_groups : {&run().learning_rate_of, &run().weight_decay_of})
      for (auto& its : *of_groups) kept(its);
    kept(run().t);
    run().steps = lying_.gradient_rows.size();
    if (run().steps == 0) throw std::invalid_argument(file_ + ": every step was skipped");
  }

  /// Whatever else has a number for each coordinate is a state before the first step.
  void take_starts() {
    const std::set<std::string> others{"params", "grads",   "learning_rate", "weight_decay",
                                       "t",      "skipped", "group"};
    const std::size_t all = lying_.parameters.columns();
    for (const auto& [name, array] : arrays_) {
      if (others.contains(name) || !is_floating(array)) continue;
      const bool is_one_row = array.shape.size() != 1 && array.rows() > 0 && array.columns() == all;
      if (!is_one_row && !(array.shape.size() == 1 && array.rows() == all)) continue;
      std::vector<double> row(all), its;
      if (is_one_row)
        array.read(0, 0, all, row.data());
      else
        for (std::size_t i = 0; i < all; ++i) array.read(i, 0, 1, &row[i]);
      for (std::size_t i = 0; i < run().coordinates; ++i) its.push_back(row[lying_.column(i)]);
      for (const double x : its)
        if (!std::isfinite(x))
          throw std::invalid_argument(text(called(name), ": is ", x, " before the first step"));
      run().start[name] = its;
    }
  }

  void take_type(const Array& parameters, const Array& gradients) {
    bool all_float = true, gradients_float = true;
    if (parameters.type == Type::float64 || gradients.type == Type::float64) {
      const auto look = [&](bool& all) {
        return [&](std::size_t, const double* row) {
          all = all && std::all_of(row, row + run().coordinates,
                                   [](double x) { return is_float(x) || !std::isfinite(x); });
        };
      };
      using Seeing = std::function<void(std::size_t, const double*)>;
      for_each_row<Seeing>(run(), look(all_float), look(gradients_float));
    }
    if (parameters.type != Type::float64 && !gradients_float)
      throw std::invalid_argument(text(called("grads"), ": is float64 and ", called("params"),
                                       " is ", identify::name(parameters.type),
                                       ": some gradients are no float32 numbers"));
    run().in_double = parameters.type == Type::float64 && !(all_float && gradients_float);
  }

  /// Each coordinate ends before its first number that is not finite.
  void take_ends() {
    std::vector<std::size_t> ends(run().coordinates, run().steps);
    std::string why;
    std::size_t first = run().steps, ended = 0;
    const auto end = [&](std::size_t i, std::size_t steps, const std::string& what) {
      if (ends[i] == run().steps) ++ended;
      ends[i] = steps;
      if (steps < first) first = steps, why = what;
    };
    std::vector<double> buffer;
    for (std::size_t row = 0; row < run().steps; ++row) {
      const double* const g = run().gradients_from(row, 0, run().coordinates, buffer);
      for (std::size_t i = 0; i < run().coordinates; ++i)
        if (!std::isfinite(g[i]) && row < ends[i])
          end(i, row,
              text("the gradient of coordinate ", lying_.column(i), " is ", g[i], " at step ",
                   row + 1));
    }
    for (std::size_t row = 0; row <= run().steps; ++row) {
      if (!run().is_recorded(row)) continue;
      const std::size_t steps = std::max<std::size_t>(row, 1) - 1;
      const double* const theta = run().parameters_from(row, 0, run().coordinates, buffer);
      for (std::size_t i = 0; i < run().coordinates; ++i)
        if (!std::isfinite(theta[i]) && steps < ends[i])
          end(i, steps,
              row == 0 ? text("the parameter of coordinate ", lying_.column(i), " is ", theta[i],
                              " before the first step")
                       : text("step ", row, " makes the parameter of coordinate ", lying_.column(i),
                              " ", theta[i], " of finite gradients"));
    }
    if (ended == 0) return;
    run().ends = ends;
    read_.not_finite.push_back(text(ended, " of ", run().coordinates,
                                    " coordinates are read up to their first number that is not "
                                    "finite: ",
                                    why));
  }

  const Arrays& arrays_;
  std::string file_;
  const std::map<std::string, std::string>& own_files_;
  Read read_;
  Lying lying_;
  std::size_t groups_ = 0;
};

}  // namespace

const double* Record::parameters_from(std::size_t row, std::size_t first, std::size_t count,
                                      std::vector<double>& buffer) const {
  if (!lying) return parameters.data() + row * coordinates + first;
  buffer.resize(count);
  read_row(*lying, lying->parameters, row_of(lying->parameter_rows, row), first, count,
           buffer.data());
  return buffer.data();
}

const double* Record::gradients_from(std::size_t row, std::size_t first, std::size_t count,
                                     std::vector<double>& buffer) const {
  if (!lying) return gradients.data() + row * coordinates + first;
  buffer.resize(count);
  read_row(*lying, lying->gradients, row_of(lying->gradient_rows, row), first, count,
           buffer.data());
  return buffer.data();
}

Read read_record(const Arrays& arrays, const std::string& file, std::size_t most,
                 const std::map<std::string, std::string>& own_files) {
  return Reader(arrays, file, own_files).read(most);
}

Record record(const Arrays& arrays, const std::string& file) {
  return read_record(arrays, file).record;
}

Record record(const std::string& parameters_file, const std::string& gradients_file) {
  return read_record({{"params", read_npy_array(parameters_file)},
                      {"grads", read_npy_array(gradients_file)}},
                     "", 0, {{"params", parameters_file}, {"grads", gradients_file}})
      .record;
}

bool is_stored_in_bfloat16(const Record& run) {
  constexpr std::size_t too_many = 16;
  std::set<double> numbers;
  std::vector<double> buffer;
  for (std::size_t row = 0; row <= run.steps; ++row) {
    const double* const its = run.parameters_from(row, 0, run.coordinates, buffer);
    if (!std::all_of(its, its + run.coordinates, is_bfloat16)) return false;
    for (std::size_t i = 0; i < run.coordinates && numbers.size() < too_many; ++i)
      numbers.insert(its[i]);
  }
  return numbers.size() == too_many;
}

Record with_columns(const Record& run, const std::vector<std::size_t>& kept, std::size_t steps) {
  Record some = run;
  some.coordinates = kept.size();
  some.steps = steps;
  some.parameters.clear();
  some.gradients.clear();
  some.ends.clear();
  some.numbers.clear();
  some.group.clear();
  for (const std::size_t i : kept) some.numbers.push_back(run.number(i));
  if (!run.group.empty())
    for (const std::size_t i : kept) some.group.push_back(run.group[i]);
  some.telling = nullptr;
  for (auto& [name, numbers] : some.start) {
    std::vector<double> its;
    for (const std::size_t i : kept) its.push_back(numbers[i]);
    numbers = its;
  }
  if (!run.ends.empty())
    for (const std::size_t i : kept) some.ends.push_back(std::min(run.ends[i], steps));
  if (run.lying) {
    auto lying = *run.lying;
    lying.columns.clear();
    for (const std::size_t i : kept) lying.columns.push_back(run.lying->column(i));
    some.lying = std::make_shared<const Lying>(std::move(lying));
    hold(some);
    return some;
  }
  for (std::size_t row = 0; row <= steps; ++row)
    for (const std::size_t i : kept)
      some.parameters.push_back(run.parameters[row * run.coordinates + i]);
  for (std::size_t row = 0; row < steps; ++row)
    for (const std::size_t i : kept)
      some.gradients.push_back(run.gradients[row * run.coordinates + i]);
  return some;
}

std::vector<Record> by_group(const Record& run) {
  std::map<std::size_t, std::vector<std::size_t>> coordinates;
  for (std::size_t i = 0; i < run.coordinates; ++i) coordinates[run.group[i]].push_back(i);
  std::vector<Record> all;
  for (const auto& [group, its] : coordinates) {
    Record part = with_columns(run, its, run.steps);
    part.group.clear();
    if (!run.learning_rate_of.empty()) part.learning_rate = run.learning_rate_of[group];
    if (!run.weight_decay_of.empty()) part.weight_decay = run.weight_decay_of[group];
    part.learning_rate_of.clear(), part.weight_decay_of.clear();
    all.push_back(part);
  }
  return all;
}

Record some_coordinates(const Record& run, std::size_t count) {
  std::vector<bool> is_live(run.coordinates, false);
  std::vector<double> buffer;
  std::size_t found = 0;
  for (std::size_t t = 0; t < run.steps && found < run.coordinates; ++t) {
    const double* const g = run.gradients_from(t, 0, run.coordinates, buffer);
    for (std::size_t i = 0; i < run.coordinates; ++i)
      if (!is_live[i] && g[i] != 0) is_live[i] = true, ++found;
  }
  std::vector<std::size_t> live, chosen;
  for (std::size_t i = 0; i < run.coordinates; ++i)
    if (is_live[i]) live.push_back(i);
  const std::size_t kept = std::min(count, live.size());
  for (std::size_t k = 0; k < kept; ++k) chosen.push_back(live[k * live.size() / kept]);
  return with_columns(run, chosen, run.steps);
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
    if (!run.recorded.empty())
      longer.recorded.insert(longer.recorded.end(), run.recorded.begin() + 1, run.recorded.end());
  }
  for (auto& end : longer.ends)
    if (end == run.steps) end = longer.steps;
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
