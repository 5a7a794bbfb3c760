// SPDX-License-Identifier: Apache-2.0

#include "source.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

#include "arguments.hpp"
#include "runs/names.hpp"
#include "runs/recorded.hpp"

namespace truestep {
namespace {

constexpr std::uint64_t most_steps = 10'000'000;

}  // namespace

std::uint64_t integer(const std::string& option, const std::string& typed, std::uint64_t least,
                      std::uint64_t most) {
  std::uint64_t n = 0;
  const char* const end = typed.data() + typed.size();
  const auto [rest, error] = std::from_chars(typed.data(), end, n);
  if (error != std::errc() || rest != end || n < least || n > most)
    throw std::invalid_argument(
        fmt::format("{} = {} is not an integer in [{}, {}]", option, typed, least, most));
  return n;
}

void Source::add_to(CLI::App& command, Workloads count) {
  const std::vector<std::string> known(drift::workload_names().begin(),
                                       drift::workload_names().end());
  auto* const workload =
      command
          .add_option_function<std::vector<std::string>>(
              "--workload",
              [this, known](const std::vector<std::string>& typed) {
                workloads.clear();
                for (const auto& each : typed) {
                  const auto& name = known[names::index_among(known, "workload", each)];
                  if (std::find(workloads.begin(), workloads.end(), name) != workloads.end())
                    throw std::invalid_argument(fmt::format("workload {} is given twice", name));
                  workloads.push_back(name);
                }
              },
              fmt::format("Where gradients come from, one of {}; {} unless given{}",
                          fmt::join(known, ", "), fmt::join(workloads, " and "),
                          count == Workloads::several ? "; may be repeated" : ""))
          ->type_name("NAME")
          ->allow_extra_args(false);
  if (count == Workloads::one) workload->expected(1);
  auto* const grads =
      command
          .add_option(
              "--grads", gradients,
              "Recorded gradients instead of a workload: a row of a .npy file for each step; "
              "{rank} "
              "in its name stands for 0, 1, ... of files that have some of the columns each")
          ->type_name("FILE")
          ->excludes(workload);
  auto* const params =
      command
          .add_option(
              "--params", parameters,
              "A .npy file whose first row is where the recorded run starts, with {rank} where the "
              "gradients have it; 0 unless given")
          ->type_name("FILE")
          ->needs(grads);
  auto* const number =
      command
          .add_option_function<std::string>(
              "--steps",
              [this](const std::string& typed) {
                steps = integer("steps", typed, 1, most_steps);
                has_steps = true;
              },
              fmt::format("Training steps, {} unless given; of recorded ones all", steps))
          ->type_name("N");
  for (auto* option : {workload, grads, params, number}) option->group("Gradients");
}

void Source::check() {
  if (!gradients.empty()) take(std::make_shared<drift::Record>(gradients, parameters));
}

void Source::check(std::size_t rank, std::size_t ranks, std::size_t unit) {
  if (!gradients.empty())
    take(std::make_shared<drift::Record>(gradients, parameters, rank, ranks, unit));
}

void Source::take(std::shared_ptr<drift::Record> opened) {
  record = std::move(opened);
  workloads = {gradients};
  const auto recorded = record->rows();
  if (has_steps && steps > recorded)
    note = fmt::format("{} steps were asked for, {} are recorded.", steps, recorded);
  steps = has_steps ? std::min(steps, recorded) : recorded;
}

std::vector<NamedFile> Source::files() const {
  std::vector<NamedFile> all;
  for (const auto& [option, name] :
       {std::pair("grads", &gradients), std::pair("params", &parameters)})
    if (!name->empty())
      for (const auto& file : drift::files_of(*name)) all.push_back({option, file, false});
  return all;
}

std::unique_ptr<drift::Workload> Source::opened() const {
  if (gradients.empty()) return drift::workload(workloads.front());
  return std::make_unique<drift::Recorded>(record);
}

std::string rerun_of(const std::string& command, const Invocation& invocation,
                     const std::string& more_arguments) {
  std::string all = quoted({invocation.program}) + " " + command;
  for (const auto& arguments : {more_arguments, invocation.arguments})
    if (!arguments.empty()) all += " " + arguments;
  return all;
}

std::string Source::rerun(const std::string& command, const Invocation& invocation) const {
  return rerun_of(command, invocation, has_steps ? "" : fmt::format("--steps {}", steps));
}

}  // namespace truestep
