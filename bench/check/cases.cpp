// SPDX-License-Identifier: Apache-2.0
#include "cases.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>

#include "declared.hpp"
#include "runs/arrays.hpp"
#include "runs/given.hpp"
#include "runs/json_counts.hpp"
#include "runs/npz.hpp"
#include "trial.hpp"

namespace truestep::trial {
namespace {

template <class T>
std::string little_endian(const std::vector<double>& values) {
  using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;
  std::string all;
  for (const double x : values) {
    const auto bits = std::bit_cast<Bits>(static_cast<T>(x));
    for (std::size_t i = 0; i < sizeof bits; ++i) all += static_cast<char>(bits >> 8 * i);
  }
  return all;
}

/// Numbers of 16 bits go as floats: not everything that reads an .npz has bfloat16.
std::string data_of(Format format, const std::vector<double>& values) {
  return format == Format::float64 ? little_endian<double>(values) : little_endian<float>(values);
}
const char* type_of(Format format) { return format == Format::float64 ? "<f8" : "<f4"; }

/// The convention with all that is set, as it is typed.
std::string typed(const Map& map) {
  std::string all = map.convention;
  for (const auto& [name, value] : map.set) all += "," + name + "=" + settings::text_of(value);
  return all;
}

using identify::Arrays;

const identify::Array& array(const Arrays& all, const std::string& name) {
  const auto found = all.find(name);
  if (found == all.end()) throw std::runtime_error("has no array " + name);
  return found->second;
}

/// The numbers of an array of so many, row by row.
std::vector<double> numbers(const Arrays& all, const std::string& name, std::size_t count) {
  const auto& its = array(all, name);
  std::vector<double> values(its.rows() * its.columns());
  if (values.size() != count)
    throw std::runtime_error(
        fmt::format("array {} has {} numbers, not {}", name, values.size(), count));
  for (std::size_t row = 0; row < its.rows() && count > 0; ++row)
    its.read(row, 0, its.columns(), values.data() + row * its.columns());
  return values;
}

std::string text_in(const Arrays& all, const std::string& name) {
  const auto& its = array(all, name);
  std::string text;
  for (const double byte : numbers(all, name, its.rows() * its.columns())) {
    if (!(byte >= 0 && byte <= 255 && byte == std::floor(byte)))
      throw std::runtime_error(
          fmt::format("array {} has {}, which is no whole number in [0, 255]", name, byte));
    text += static_cast<char>(static_cast<unsigned char>(byte));
  }
  return text;
}

/// The numbers that a run is told.
NumberList told_in(const nlohmann::ordered_json& about) {
  NumberList told;
  for (const auto& [number, value] : about.at("numbers").items())
    told.emplace_back(number, value.get<double>());
  return told;
}

/// The arrays of one tensor of a run, after those of the tensors before it.
void add_tensor(const Arrays& all, const std::string& name, std::size_t length, Job& job,
                std::vector<std::vector<double>>& rows) {
  const auto first = numbers(all, name + ".theta", length);
  job.theta.insert(job.theta.end(), first.begin(), first.end());
  const auto gradients = numbers(all, name + ".gradient", rows.size() * length);
  for (std::size_t s = 0; s < rows.size(); ++s)
    rows[s].insert(rows[s].end(), gradients.begin() + std::ptrdiff_t(s * length),
                   gradients.begin() + std::ptrdiff_t((s + 1) * length));
}

Job job_in(const Arrays& all, const std::string& name, const nlohmann::ordered_json& about,
           const Request& request) {
  Job job;
  const std::size_t steps = count_in(about.at("steps"));
  job.setup = {request.map.rule, request.format, {}, told_in(about)};
  job.shown = states(request.map);
  for (const double t : numbers(all, name + ".t", steps)) {
    if (!(t >= 1 && t < 0x1p64 && t == std::floor(t)))
      throw std::runtime_error(
          fmt::format("array {}.t has {}, which is no whole number in [1, 2^64)", name, t));
    job.t.push_back(static_cast<std::uint64_t>(t));
  }
  std::vector<std::vector<double>> rows(steps);
  if (about.contains("lengths")) {
    const auto lengths = counts_in(about.at("lengths"));
    job.setup.lengths.assign(lengths.begin(), lengths.end());
    for (std::size_t k = 0; k < job.setup.lengths.size(); ++k)
      add_tensor(all, fmt::format("{}.{}", name, k), job.setup.lengths[k], job, rows);
  } else {
    job.setup.lengths = {count_in(about.at("length"))};
    add_tensor(all, name, job.setup.lengths[0], job, rows);
    for (const double is : numbers(all, name + ".put_back", job.setup.lengths[0]))
      job.put_back.push_back(is != 0);
  }
  for (const auto& row : rows) job.gradients.insert(job.gradients.end(), row.begin(), row.end());
  for (const auto& state : job.shown)
    if (about.value("has_states", false))
      job.states[state] = numbers(all, name + "." + state, job.setup.lengths[0]);
  return job;
}

/// A kernel's results of a tensor in the format that it keeps them in; a number that it does not
/// have was not stored.
std::vector<double> stored(const Arrays& all, const std::string& name, Format format,
                           std::size_t steps, std::size_t length) {
  auto values = numbers(all, name, steps * length);
  for (std::size_t i = 0; i < values.size(); ++i)
    if (std::isfinite(values[i]) && nearest(format, values[i]) != values[i])
      throw std::runtime_error(fmt::format("array {} has {}, which is no {}, at step {}", name,
                                           values[i], word(format), i / length + 1));
  return values;
}

/// The name of a tensor's arrays: the run's, and which tensor where it has several.
std::string tensor_name(const std::string& name, const Job& job, std::size_t tensor) {
  return job.setup.lengths.size() == 1 ? name : fmt::format("{}.{}", name, tensor);
}

/// A kernel's results of a quantity, the tensors of a row one after the other, if they are there.
std::optional<std::vector<double>> stored(const Arrays& all, const std::string& name,
                                          const std::string& quantity, Format format,
                                          const Job& job) {
  std::vector<std::vector<double>> rows(job.steps());
  for (std::size_t k = 0; k < job.setup.lengths.size(); ++k) {
    const auto array = tensor_name(name, job, k) + "." + quantity;
    if (!all.contains(array)) return std::nullopt;
    const auto length = job.setup.lengths[k];
    const auto values = stored(all, array, format, job.steps(), length);
    for (std::size_t s = 0; s < job.steps(); ++s)
      rows[s].insert(rows[s].end(), values.begin() + std::ptrdiff_t(s * length),
                     values.begin() + std::ptrdiff_t((s + 1) * length));
  }
  std::vector<double> whole;
  for (const auto& row : rows) whole.insert(whole.end(), row.begin(), row.end());
  return whole;
}

[[noreturn]] void rethrow(const std::string& file, const std::exception& error) {
  throw std::runtime_error(file + ": " + error.what());
}

/// Whoever was elsewhere.
class Absent : public Kernel {
 public:
  explicit Absent(std::string name) : name_(std::move(name)) {}

  std::string name() const override { return name_; }
  std::unique_ptr<Optimizer> make(const Setup&) override { return nullptr; }
  bool shares_memory() const override { return false; }

 private:
  std::string name_;
};

/// What sorts of runs there are: of one tensor from where an optimizer begins, from states that are
/// told, and of several tensors. Whoever knows one sort alone finds no other among its runs.
constexpr std::array<const char*, 3> kinds{"runs", "runs_from_states", "runs_of_tensors"};

const char* kind_of(const Job& job) {
  if (job.setup.lengths.size() > 1) return kinds[2];
  return kinds[job.states.empty() ? 0 : 1];
}

/// Some coordinates of rows.
std::vector<double> columns(const std::vector<double>& rows, std::size_t count, std::size_t first,
                            std::size_t length) {
  std::vector<double> some;
  for (std::size_t at = first; at + length <= rows.size() && length > 0; at += count)
    some.insert(some.end(), rows.begin() + std::ptrdiff_t(at),
                rows.begin() + std::ptrdiff_t(at + length));
  return some;
}

/// The arrays of a run, and what is said about it.
void add(identify::Npz& file, nlohmann::ordered_json& about, const std::string& name,
         const Job& job) {
  const auto& format = job.setup.format;
  const auto count = job.setup.coordinates();
  const auto& lengths = job.setup.lengths;
  if (lengths.size() == 1)
    about["length"] = count;
  else
    about["lengths"] = lengths;
  about["numbers"] = nlohmann::ordered_json::object();
  for (const auto& [number, value] : job.setup.numbers) about["numbers"][number] = value;
  std::string t, put_back;
  for (const auto step : job.t)
    for (std::size_t i = 0; i < sizeof step; ++i) t += static_cast<char>(step >> 8 * i);
  file.add(name + ".t", "<i8", {job.steps()}, t);
  for (std::size_t k = 0, first = 0; k < lengths.size(); first += lengths[k++]) {
    const auto tensor = tensor_name(name, job, k);
    file.add(tensor + ".theta", type_of(format.theta), {lengths[k]},
             data_of(format.theta, columns(job.theta, count, first, lengths[k])));
    file.add(tensor + ".gradient", type_of(format.gradients), {job.steps(), lengths[k]},
             data_of(format.gradients, columns(job.gradients, count, first, lengths[k])));
  }
  if (!job.states.empty()) about["has_states"] = true;
  for (const auto& [state, values] : job.states)
    file.add(name + "." + state, type_of(format.state(state)), {count},
             data_of(format.state(state), values));
  if (lengths.size() > 1) return;
  for (std::size_t i = 0; i < count; ++i)
    put_back += static_cast<char>(!job.put_back.empty() && job.put_back[i]);
  file.add(name + ".put_back", "|b1", {count}, put_back);
}

}  // namespace

Cases cases(const Request& request) {
  Absent nobody("");
  Report report;
  return {request, Trial(nobody, request, report).jobs_for_a_file()};
}

std::string npz(const Cases& all, const std::string& version) {
  const auto& request = all.request;
  auto about = nlohmann::ordered_json{{"truestep", version},
                                      {"rule", request.map.rule},
                                      {"convention", typed(request.map)},
                                      {"format", word(request.format)},
                                      {"seed", request.seed},
                                      {"trials", request.trials},
                                      {"states", states(request.map)}};
  for (const auto* kind : kinds) about[kind] = nlohmann::ordered_json::object();
  identify::Npz file;
  for (const auto& [name, job] : all.jobs) {
    auto& its = about[kind_of(job)][name];
    its["steps"] = job.steps();
    add(file, its, name, job);
  }
  const auto text = about.dump();
  file.add("about", "|u1", {text.size()}, text);
  return file.bytes();
}

Cases read_cases(const std::string& file) {
  const auto all = identify::read_arrays(file);
  try {
    const auto about = nlohmann::ordered_json::parse(text_in(all, "about"));
    Cases read;
    read.request = declared(about.at("rule"), about.at("convention").get<std::string>());
    read.request.format = storage_named(about.at("format"));
    read.request.seed = count_in(about.at("seed"));
    read.request.trials = count_in(about.at("trials"));
    for (const auto* kind : kinds)
      if (about.contains(kind))
        for (const auto& [name, its] : about.at(kind).items())
          read.jobs.emplace(name, job_in(all, name, its, read.request));
    if (const auto name = course_missing(read.request.trials, read.jobs))
      throw std::runtime_error(
          fmt::format("has {} trials, but no run {}", read.request.trials, *name));
    return read;
  } catch (const nlohmann::ordered_json::exception& error) {
    rethrow(file, std::runtime_error(std::string("is no file of cases: ") + error.what()));
  } catch (const std::logic_error& error) {
    rethrow(file, error);
  } catch (const std::runtime_error& error) {
    rethrow(file, error);
  }
}

std::map<std::string, Run> read_results(const std::string& file, const Cases& given) {
  const auto all = identify::read_arrays(file);
  std::map<std::string, Run> runs;
  try {
    for (const auto& [name, job] : given.jobs) {
      Run run;
      run.steps = job.steps();
      auto theta = stored(all, name, "theta", job.setup.format.theta, job);
      if (!theta) continue;
      run.theta = std::move(*theta);
      run.took_states = !job.states.empty();
      for (const auto& state : job.shown)
        if (auto values = stored(all, name, state, job.setup.format.state(state), job))
          run.states[state] = std::move(*values);
      runs.emplace(name, std::move(run));
    }
    if (const auto name = course_missing(given.request.trials, runs))
      throw std::runtime_error("has no array " + *name + ".theta");
  } catch (const std::runtime_error& error) {
    rethrow(file, error);
  }
  return runs;
}

Report judged(const Cases& given, const std::map<std::string, Run>& results,
              const std::string& kernel) {
  Absent absent(kernel);
  return examine(absent, given.request, {given.jobs, results});
}

}  // namespace truestep::trial
