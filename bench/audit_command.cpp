#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands.hpp"
#include "drift/audit.hpp"
#include "drift/report.hpp"
#include "drift/workload.hpp"

namespace truestep {
namespace {

struct AuditOptions {
  std::vector<std::string> rules = drift::rule_names();
  std::uint64_t steps = 1000;
  bool json = false;
  std::vector<drift::Format> formats;
  drift::Rounding rounding = drift::Rounding::nearest_even;
  std::uint64_t seed = 0;
  bool saturate = false;

  std::vector<drift::Emulation> emulations() const {
    std::vector<drift::Emulation> all;
    for (drift::Format format : formats) {
      format.saturates = saturate;
      all.push_back({format, rounding, seed});
    }
    return all;
  }
};

constexpr std::uint64_t most_steps = 10'000'000;

/// Where `value` is among the values that `option` can have.
std::size_t index_among(const std::vector<std::string>& known, const std::string& option,
                        const std::string& value) {
  const auto at = std::find(known.begin(), known.end(), value);
  if (at == known.end())
    throw std::invalid_argument(
        fmt::format("{} = {} is not one of {{{}}}", option, value, fmt::join(known, ", ")));
  return static_cast<std::size_t>(at - known.begin());
}

std::uint64_t integer(const std::string& option, const std::string& text, std::uint64_t least,
                      std::uint64_t most) {
  std::uint64_t n = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, n);
  if (error != std::errc() || rest != end || n < least || n > most)
    throw std::invalid_argument(
        fmt::format("{} = {} is not an integer in [{}, {}]", option, text, least, most));
  return n;
}

std::vector<std::string> format_names() {
  std::vector<std::string> names;
  for (const auto& format : drift::formats) names.emplace_back(format.name);
  return names;
}

const std::vector<std::string> rounding_names(drift::rounding_names.begin(),
                                              drift::rounding_names.end());

/// Rewrites one line of a terminal; silent elsewhere.
class ProgressLine {
 public:
  void show(const std::string& line) const {
    if (shown_) fmt::print(stderr, "\r\033[K{}", line);
  }
  ~ProgressLine() { show(""); }

 private:
  bool shown_ = isatty(STDERR_FILENO) != 0;
};

int audit(const AuditOptions& options, const std::string& program) {
  std::string rerun = fmt::format("{} audit --steps {}", program, options.steps);
  if (options.rules.size() == 1) rerun += " --rule " + options.rules.front();
  for (const auto& format : options.formats) rerun += fmt::format(" --format {}", format.name);
  if (!options.formats.empty())
    rerun += fmt::format(" --rounding {} --seed {}{}",
                         rounding_names[static_cast<std::size_t>(options.rounding)], options.seed,
                         options.saturate ? " --saturate" : "");
  if (options.json) rerun += " --json";

  const auto digits = drift::read_digits(TRUESTEP_DIGITS);
  const std::vector models{
      drift::Classifier("softmax regression (64 -> 10)", {64, 10}),
      drift::Classifier("a small network (64 -> 16 ReLU -> 10)", {64, 16, 10})};

  const auto emulations = options.emulations();

  std::vector<drift::Run> runs;
  if (!options.json)
    fmt::print("{}{}", drift::legend(), emulations.empty() ? "" : drift::legend_of_formats());
  for (const auto& rule : options.rules)
    for (const auto& model : models) {
      const ProgressLine line;
      const auto show = [&](std::uint64_t done) {
        line.show(fmt::format("{} on {}: {} of {} steps", rule, model.name(), done, options.steps));
      };
      runs.push_back(drift::audit(rule, model, digits, options.steps, emulations, show));
      line.show("");
      if (!options.json) fmt::print("{}", drift::table(runs.back()));
    }

  if (options.json) {
    fmt::print("{}", drift::json(runs, options.steps, emulations, rerun));
  } else {
    fmt::print("\n");
    for (std::size_t rule = 0; rule < runs.size(); rule += models.size()) {
      const auto of_rule = std::span(runs).subspan(rule, models.size());
      fmt::print("{}\n", drift::finding(of_rule));
      for (std::size_t i = 0; i < emulations.size(); ++i)
        fmt::print("{}\n", drift::finding(of_rule, emulations[i], i));
    }
    fmt::print("\nRerun: {}\n", rerun);
  }
  const bool passed = std::all_of(runs.begin(), runs.end(),
                                  [](const drift::Run& run) { return run.checks().passed(); });
  return passed ? within_bounds : bound_exceeded;
}

}  // namespace

Command add_audit(CLI::App& app, const std::string& program) {
  const auto options = std::make_shared<AuditOptions>();
  auto& command = *app.add_subcommand(
      "audit",
      "Measures how far float and double drift from the exact run of a rule while it trains\n"
      "softmax regression and a small network on handwritten digits, beside a rigorous bound.");
  command
      .add_option_function<std::string>(
          "--rule",
          [options](const std::string& name) {
            index_among(drift::rule_names(), "rule", name);
            options->rules = {name};
          },
          fmt::format("One of {}; all unless given", fmt::join(drift::rule_names(), ", ")))
      ->type_name("RULE");
  command
      .add_option_function<std::string>(
          "--steps",
          [options](const std::string& text) {
            options->steps = integer("steps", text, 1, most_steps);
          },
          "Training steps, 1000 unless given; the drift after 1, 10, 100, ... and the last is "
          "reported")
      ->type_name("N");
  auto* const format =
      command
          .add_option_function<std::vector<std::string>>(
              "--format",
              [options](const std::vector<std::string>& names) {
                for (const auto& name : names)
                  options->formats.push_back(
                      drift::formats[index_among(format_names(), "format", name)]);
              },
              fmt::format("Run the rule in this format too, one of {}; may be repeated",
                          fmt::join(format_names(), ", ")))
          ->type_name("NAME")
          ->allow_extra_args(false);
  command
      .add_option_function<std::string>(
          "--rounding",
          [options](const std::string& name) {
            options->rounding =
                static_cast<drift::Rounding>(index_among(rounding_names, "rounding", name));
          },
          fmt::format("How the formats round, one of {}; nearest (ties to even) unless given",
                      fmt::join(rounding_names, ", ")))
      ->type_name("NAME")
      ->needs(format);
  command
      .add_option_function<std::string>(
          "--seed",
          [options](const std::string& text) {
            options->seed = integer("seed", text, 0, UINT64_MAX);
          },
          "Of stochastic rounding, 0 unless given")
      ->type_name("N")
      ->needs(format);
  command
      .add_flag("--saturate", options->saturate,
                "What overflows in a format becomes its largest number")
      ->needs(format);
  command.add_flag("--json", options->json, "Print one JSON object and nothing else");
  command.footer(fmt::format(
      "Exit status: 0 every error within its rigorous radius, 1 some error outside, 2 usage.\n\n"
      "Columns:\n{}{}\nThe object of --json:\n{}",
      drift::legend(), drift::legend_of_formats(), drift::json_schema));
  return {&command, [=] { return audit(*options, program); }};
}

}  // namespace truestep
