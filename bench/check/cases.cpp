// SPDX-License-Identifier: Apache-2.0
#include "cases.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <stdexcept>

#include "declared.hpp"
#include "runs/arrays.hpp"
#include "runs/given.hpp"
#include "trial.hpp"

namespace truestep::trial {
namespace {

/// The .zip format's own: CRC-32 of ISO 3309, whose polynomial is this one, bits reversed.
std::uint32_t crc_of(std::string_view bytes) {
  constexpr std::uint32_t polynomial = 0xedb88320;
  std::uint32_t crc = 0xffffffff;
  for (const char byte : bytes) {
    crc ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? polynomial : 0);
  }
  return ~crc;
}

/// An archive of arrays that are stored as they are.
class Npz {
 public:
  void add(const std::string& name, const std::string& type, const std::vector<std::size_t>& shape,
           const std::string& data) {
    std::string shape_text;
    for (const auto length : shape) shape_text += fmt::format("{},", length);
    std::string header =
        fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", type, shape_text);
    constexpr std::size_t before = 10, aligned = 64;
    header.resize((before + header.size() + aligned) / aligned * aligned - before - 1, ' ');
    header += '\n';
    std::string member = "\x93NUMPY";
    member += '\x01';
    member += '\0';
    member += bytes(static_cast<std::uint16_t>(header.size())) + header + data;
    store(name + ".npy", member);
  }

  std::string finished() const {
    const auto count = static_cast<std::uint16_t>(count_);
    return all_ + directory_ + "PK\x05\x06" + bytes(std::uint32_t{0}) + bytes(count) +
           bytes(count) + bytes(size(directory_)) + bytes(size(all_)) + bytes(std::uint16_t{0});
  }

 private:
  /// An integer as it lies in the file, its least byte first.
  template <class Integer>
  static std::string bytes(Integer x) {
    std::string all;
    for (std::size_t i = 0; i < sizeof x; ++i) all += static_cast<char>(x >> 8 * i);
    return all;
  }
  static std::uint32_t size(const std::string& text) {
    return static_cast<std::uint32_t>(text.size());
  }

  void store(const std::string& name, const std::string& member) {
    constexpr std::uint16_t version = 20, none = 0, day = 0x21;  // 1980-01-01
    const auto about = bytes(version) + bytes(none) + bytes(none) + bytes(none) + bytes(day) +
                       bytes(crc_of(member)) + bytes(size(member)) + bytes(size(member)) +
                       bytes(static_cast<std::uint16_t>(name.size())) + bytes(none);
    directory_ += "PK\x01\x02" + bytes(version) + about + bytes(none) + bytes(none) + bytes(none) +
                  bytes(std::uint32_t{0}) + bytes(size(all_)) + name;
    all_ += "PK\x03\x04" + about + name + member;
    ++count_;
  }

  std::string all_, directory_;
  std::size_t count_ = 0;
};

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

std::string data_of(Format format, const std::vector<double>& values) {
  return format == Format::float32 ? little_endian<float>(values) : little_endian<double>(values);
}

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
  for (const double byte : numbers(all, name, its.rows() * its.columns()))
    text += static_cast<char>(static_cast<unsigned char>(byte));
  return text;
}

Job job_in(const Arrays& all, const std::string& name, const nlohmann::ordered_json& about,
           const Request& request) {
  Job job;
  const std::size_t length = about.at("length"), steps = about.at("steps");
  job.setup = {request.map.rule, request.format, {length}, {}};
  for (const auto& [number, value] : about.at("numbers").items())
    job.setup.numbers.emplace_back(number, value.get<double>());
  job.shown = states(request.map);
  for (const double t : numbers(all, name + ".t", steps))
    job.t.push_back(static_cast<std::uint64_t>(t));
  job.theta = numbers(all, name + ".theta", length);
  job.gradients = numbers(all, name + ".gradient", steps * length);
  for (const double is : numbers(all, name + ".put_back", length)) job.put_back.push_back(is != 0);
  return job;
}

/// A kernel's results in its own format; a double that is no float was not stored.
std::vector<double> stored(const Arrays& all, const std::string& name, const Job& job) {
  auto values = numbers(all, name, job.steps() * job.setup.coordinates());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (job.setup.format == Format::float32 && std::isfinite(values[i]) &&
        static_cast<double>(static_cast<float>(values[i])) != values[i])
      throw std::runtime_error(fmt::format("array {} has {}, which is no float32, at step {}", name,
                                           values[i], i / job.setup.coordinates() + 1));
  return values;
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
                                      {"states", states(request.map)},
                                      {"runs", nlohmann::ordered_json::object()}};
  Npz file;
  for (const auto& [name, job] : all.jobs) {
    auto& its = about["runs"][name];
    its = {{"steps", job.steps()}, {"length", job.setup.coordinates()}};
    its["numbers"] = nlohmann::ordered_json::object();
    for (const auto& [number, value] : job.setup.numbers) its["numbers"][number] = value;
    const auto length = job.setup.coordinates();
    const std::string type = job.setup.format == Format::float32 ? "<f4" : "<f8";
    std::string t, put_back;
    for (const auto step : job.t)
      for (std::size_t i = 0; i < sizeof step; ++i) t += static_cast<char>(step >> 8 * i);
    for (std::size_t i = 0; i < length; ++i)
      put_back += static_cast<char>(!job.put_back.empty() && job.put_back[i]);
    file.add(name + ".t", "<i8", {job.steps()}, t);
    file.add(name + ".theta", type, {length}, data_of(job.setup.format, job.theta));
    file.add(name + ".gradient", type, {job.steps(), length},
             data_of(job.setup.format, job.gradients));
    file.add(name + ".put_back", "|b1", {length}, put_back);
  }
  const auto text = about.dump();
  file.add("about", "|u1", {text.size()}, text);
  return file.finished();
}

Cases read_cases(const std::string& file) {
  const auto all = identify::read_arrays(file);
  try {
    const auto about = nlohmann::ordered_json::parse(text_in(all, "about"));
    Cases read;
    read.request = declared(about.at("rule"), about.at("convention").get<std::string>());
    read.request.format = format_named(about.at("format"));
    read.request.seed = about.at("seed");
    read.request.trials = about.at("trials");
    for (const auto& [name, its] : about.at("runs").items())
      read.jobs.emplace(name, job_in(all, name, its, read.request));
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
      if (!all.contains(name + ".theta")) continue;
      Run run;
      run.steps = job.steps();
      run.theta = stored(all, name + ".theta", job);
      for (const auto& state : job.shown)
        if (const auto array = name + "." + state; all.contains(array))
          run.states[state] = stored(all, array, job);
      runs.emplace(name, std::move(run));
    }
    for (const auto& name : names_of_courses(given.request.trials))
      if (!runs.contains(name)) throw std::runtime_error("has no array " + name + ".theta");
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
