// SPDX-License-Identifier: Apache-2.0
#include "audit_options.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "drift/report.hpp"
#include "runs/typed.hpp"

namespace truestep {
namespace {

const std::vector<std::string> rounding_names(drift::rounding_names.begin(),
                                              drift::rounding_names.end());

bool has(const std::vector<drift::Setup>& all, const drift::Setup& setup) {
  return std::any_of(all.begin(), all.end(),
                     [&](const drift::Setup& other) { return other.name() == setup.name(); });
}

/// An option whose value a function takes, which throws where it is wrong.
template <class Take>
CLI::Option* add(CLI::App& command, const std::string& name, const std::string& type,
                 const std::string& help, Take take) {
  return command.add_option_function<std::string>(name, take, help)->type_name(type);
}

void add_formats(CLI::App& command, AuditOptions& options) {
  std::vector<std::string> known;
  for (const auto& format : drift::formats) known.push_back(format.name);
  command
      .add_option_function<std::vector<std::string>>(
          "--format",
          [&options](const std::vector<std::string>& names) {
            for (const auto& name : names) {
              const auto format = drift::named_format("format", name);
              if (std::find(options.formats.begin(), options.formats.end(), format) !=
                  options.formats.end())
                throw std::invalid_argument(fmt::format("format {} is given twice", format.name));
              options.formats.push_back(format);
            }
          },
          fmt::format("Run the rule in this format too, one of {}, or BITS:LEAST:GREATEST[:flush], "
                      "as 11:-14:15 for fp16; may be repeated",
                      fmt::join(known, ", ")))
      ->type_name("NAME")
      ->allow_extra_args(false)
      ->group("Set-up");
}

void add_typed_setups(CLI::App& command, AuditOptions& options) {
  std::vector<std::string> known;
  for (const auto& named : drift::named_setups()) known.emplace_back(named.name);
  command
      .add_option_function<std::vector<std::string>>(
          "--setup",
          [&options](const std::vector<std::string>& all) {
            for (const auto& typed : all) {
              const auto setup = drift::typed_setup(typed);
              // Every audit has these.
              if (setup.title != "float" && setup.title != "double") options.add_typed(setup);
            }
          },
          fmt::format("Run the rule in this set-up too, one of {}, or a format, or neither; then "
                      "ROLE=VALUE,... that differ, as bf16_kahan,states=float; may be repeated; "
                      "--explain says what they are",
                      fmt::join(known, ", ")))
      ->type_name("SETUP")
      ->allow_extra_args(false)
      ->group("Set-up");
}

void add_setup(CLI::App& command, AuditOptions& options) {
  add_typed_setups(command, options);
  add_formats(command, options);
  constexpr const char* names[] = {"parameter",   "state",   "gradient",
                                   "coefficient", "counter", "arithmetic"};
  for (std::size_t i = 0; i < std::size(names); ++i)
    add(command, fmt::format("--{}-format", names[i]), "NAME",
        fmt::format("The format of {} instead", drift::roles[i].what),
        [&options, role = drift::roles[i].format,
         name = std::string(names[i])](const std::string& typed) {
          options.changes.formats.emplace_back(role, drift::named_format(name + "-format", typed));
        })
        ->group("Set-up");
  add(command, "--master-weights", "NAME",
      "Keep parameters and states in this format; the parameters' own is that of the copy the "
      "model "
      "reads",
      [&options](const std::string& name) {
        options.changes.master_weights = drift::named_format("master-weights", name);
      })
      ->group("Set-up");
  command
      .add_flag("--kahan", options.kahan,
                "Keep beside each parameter what its rounding lost, and add it to the next update")
      ->group("Set-up");
  add(command, "--rounding", "NAME",
      fmt::format("How the set-ups round, one of {}; nearest (ties to even) unless given",
                  fmt::join(rounding_names, ", ")),
      [&options](const std::string& name) {
        options.rounding =
            static_cast<drift::Rounding>(names::index_among(rounding_names, "rounding", name));
      })
      ->group("Set-up");
  add(command, "--seed", "N", "The seed of stochastic rounding, 0 unless given",
      [&options](const std::string& typed) {
        options.seed = integer("seed", typed, 0, UINT64_MAX);
      })
      ->group("Set-up");
  command
      .add_flag("--saturate", options.saturate,
                "What overflows in a format becomes its largest number")
      ->group("Set-up");
}

void add_outcome(CLI::App& command, AuditOptions& options) {
  command.add_flag("--details", options.details, "Print every table after the conclusion")
      ->group("Output");
  add_output(command, options.output, "reported step and quantity");
  command.add_flag("--markdown", options.markdown, "Print a table for a pull request")
      ->group("Output");
  command
      .add_option("--junit", options.junit_path,
                  "Write a test case for each rule, workload and set-up there, for CI")
      ->type_name("FILE")
      ->group("Output");
  add(command, "--fail-on", "VERDICT",
      fmt::format(
          "End with 1 where a set-up is judged this or worse, one of {}, or never; breaks "
          "unless given",
          fmt::join(std::begin(drift::verdict_names) + 1, std::end(drift::verdict_names), ", ")),
      [&options](const std::string& typed) {
        std::vector<std::string> known(std::begin(drift::verdict_names) + 1,
                                       std::end(drift::verdict_names));
        known.emplace_back("never");
        const auto index = names::index_among(known, "fail-on", typed);
        options.fails_on.reset();
        if (index + 1 < known.size()) options.fails_on = static_cast<drift::Verdict>(index + 1);
      })
      ->group("Output");
  add(command, "--criteria", "NAME=VALUE,...",
      "When a set-up is judged so; --explain says what they are",
      [&options](const std::string& typed) { options.criteria = drift::typed_criteria(typed); })
      ->group("Output");
  command.add_option("--html", options.html_path, "Write one self-contained page there")
      ->type_name("FILE")
      ->group("Output");
  command
      .add_option("--budget", options.budget_path,
                  "Exit with 3 where the drift exceeds a limit in this file; --explain has an "
                  "example")
      ->type_name("FILE")
      ->group("Output");
}

void add_columns(CLI::App& command, AuditOptions& options) {
  add(command, "--columns", "A:B",
      "Take these columns of the recorded gradients alone, from A to before B",
      [&options](const std::string& typed) {
        const auto colon = typed.find(':');
        constexpr std::uint64_t most = std::uint64_t{1} << 53;
        const std::uint64_t begin = integer("columns", typed.substr(0, colon), 0, most);
        const std::string after = colon == typed.npos ? "" : typed.substr(colon + 1);
        options.columns = {begin, integer("columns", after, begin + 1, most)};
      })
      ->group("Parts");
  command
      .add_option("--part", options.part_path,
                  "Write there what was found of these columns, for --merge")
      ->type_name("FILE")
      ->group("Parts");
  command
      .add_option("--merge", options.merged,
                  "Run nothing, but put these parts of the same audit together; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false)
      ->group("Parts");
}

std::string budget_example() {
  constexpr const char* line = "{:7} {:9} {:9} {:17} {}\n";
  return fmt::format(line, "# rule", "set-up", "quantity", "figure", "at most") +
         fmt::format(line, settings::rule_names().back(), "float", "theta", "median_ulp", 10) +
         fmt::format(line, "*", "bfloat16", "theta", "largest_relative", 0.05);
}

}  // namespace

std::vector<drift::Setup> AuditOptions::setups() const {
  auto all = typed;
  auto bases = formats;
  const bool changed =
      changes.any() || kahan || saturate || rounding != drift::Rounding::nearest_even;
  if (bases.empty() && changed) bases.push_back(drift::named_format("format", "float"));
  for (const auto& base : bases) {
    auto setup = changes.any() ? drift::Setup::stored_in(base) : drift::Setup::all_in(base);
    changes.apply_to(setup);
    setup.saturate(saturate);
    setup.kahan = kahan;
    setup.rounding = rounding;
    setup.seed = seed;
    // Formats of which nothing is left are one set-up.
    if (!has(all, setup)) all.push_back(setup);
  }
  return all;
}

void AuditOptions::add_typed(const drift::Setup& setup) {
  if (has(typed, setup))
    throw std::invalid_argument(fmt::format("setup {} is given twice", setup.name()));
  typed.push_back(setup);
}

void AuditOptions::add_to(CLI::App& command) {
  source.workloads = {"softmax", "network"};
  subject.add_to(command);
  source.add_to(command, Source::Workloads::several);
  command
      .add_flag("--closed-loop", closed_loop, "Each run takes the gradient at its own parameters")
      ->group("Gradients")
      ->excludes("--grads");
  command
      .add_flag("--first-look", first_look,
                "Take radius, attribution and other conventions of a sample of columns alone")
      ->group("Truth")
      ->excludes("--closed-loop");
  command
      .add_flag("--fifty-digits", in_digits,
                "Take 50 digits for the truth of every column, not only where certified "
                "double-doubles leave a doubt")
      ->group("Truth");
  add(command, "--states", "FILE",
      "A .npz or .safetensors file with each state by its name, where the recorded run starts, "
      "with "
      "{rank} where the gradients have it; as the rule says unless given",
      [this](const std::string& file) { states_path = file; })
      ->group("Gradients")
      ->needs("--grads");
  add_columns(command, *this);
  add(command, "--first-step", "N", "What the first step is counted as, 1 unless given",
      [this](const std::string& step) {
        first_step = integer("first-step", step, 1, std::uint64_t{1} << 53);
      })
      ->group("Gradients");
  add_setup(command, *this);
  add_outcome(command, *this);
}

std::string audit_explanation() {
  return fmt::format(
      "{}\n{}\n{}\nA budget (figures are the columns of --csv; * stands for all):\n{}\n"
      "The object of --json:\n{}\n",
      drift::legend(), drift::criteria_explained({}), drift::setups_explained(), budget_example(),
      drift::json_schema);
}

}  // namespace truestep
