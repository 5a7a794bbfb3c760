#include <unistd.h>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "drift/audit.hpp"
#include "drift/report.hpp"
#include "drift/workload.hpp"

namespace {

using namespace truestep;

enum ExitStatus { within_bounds = 0, bound_exceeded = 1, bad_usage = 2 };

struct AuditOptions {
  std::vector<std::string> rules = drift::rule_names();
  std::uint64_t steps = 1000;
  bool json = false;
};

constexpr std::uint64_t most_steps = 10'000'000;

std::vector<std::string> one_rule(const std::string& name) {
  const auto known = drift::rule_names();
  if (std::find(known.begin(), known.end(), name) == known.end())
    throw std::invalid_argument(
        fmt::format("rule = {} is not one of {{{}}}", name, fmt::join(known, ", ")));
  return {name};
}

std::uint64_t step_count(const std::string& text) {
  std::uint64_t steps = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, steps);
  if (error != std::errc() || rest != end || steps < 1 || steps > most_steps)
    throw std::invalid_argument(
        fmt::format("steps = {} is not an integer in [1, {}]", text, most_steps));
  return steps;
}

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

ExitStatus audit(const AuditOptions& options, const std::string& program) {
  std::string rerun = fmt::format("{} audit --steps {}", program, options.steps);
  if (options.rules.size() == 1) rerun += " --rule " + options.rules.front();
  if (options.json) rerun += " --json";

  const auto digits = drift::read_digits(TRUESTEP_DIGITS);
  const std::vector models{
      drift::Classifier("softmax regression (64 -> 10)", {64, 10}),
      drift::Classifier("a small network (64 -> 16 ReLU -> 10)", {64, 16, 10})};

  std::vector<drift::Run> runs;
  if (!options.json) fmt::print("{}", drift::legend());
  for (const auto& rule : options.rules)
    for (const auto& model : models) {
      const ProgressLine line;
      runs.push_back(drift::audit(rule, model, digits, options.steps, [&](std::uint64_t done) {
        line.show(fmt::format("{} on {}: {} of {} steps", rule, model.name(), done, options.steps));
      }));
      line.show("");
      if (!options.json) fmt::print("{}", drift::table(runs.back()));
    }

  if (options.json) {
    fmt::print("{}", drift::json(runs, options.steps, rerun));
  } else {
    fmt::print("\n");
    for (std::size_t rule = 0; rule < runs.size(); rule += models.size())
      fmt::print("{}\n", drift::finding(std::span(runs).subspan(rule, models.size())));
    fmt::print("\nRerun: {}\n", rerun);
  }
  const bool passed = std::all_of(runs.begin(), runs.end(),
                                  [](const drift::Run& run) { return run.checks().passed(); });
  return passed ? within_bounds : bound_exceeded;
}

}  // namespace

int main(int argc, char** argv) {
  AuditOptions options;

  CLI::App app("Gradient update rules whose every step is verified.");
  app.name("truestep");
  app.footer("truestep COMMAND --help describes a command.");

  auto& audit_command = *app.add_subcommand(
      "audit",
      "Measures how far float and double drift from the exact run of a rule while it trains\n"
      "softmax regression and a small network on handwritten digits, beside a rigorous bound.");
  audit_command
      .add_option_function<std::string>(
          "--rule", [&](const std::string& name) { options.rules = one_rule(name); },
          fmt::format("One of {}; all unless given", fmt::join(drift::rule_names(), ", ")))
      ->type_name("RULE");
  audit_command
      .add_option_function<std::string>(
          "--steps", [&](const std::string& text) { options.steps = step_count(text); },
          "Training steps, 1000 unless given; the drift after 1, 10, 100, ... and the last is "
          "reported")
      ->type_name("N");
  audit_command.add_flag("--json", options.json, "Print one JSON object and nothing else");
  audit_command.footer(fmt::format(
      "Exit status: 0 every error within its rigorous radius, 1 some error outside, 2 usage.\n\n"
      "Columns:\n{}\nThe object of --json:\n{}",
      drift::legend(), drift::json_schema));

  const auto speaker = [&] { return audit_command.parsed() ? "audit" : "truestep"; };
  try {
    app.parse(argc, argv);
    if (!audit_command.parsed()) throw std::invalid_argument("a command is missing: audit");
    return audit(options, argv[0]);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);
    fmt::print(stderr, "{}: {}\n", speaker(), error.what());
  } catch (const std::exception& error) {
    fmt::print(stderr, "{}: {}\n", speaker(), error.what());
  }
  return bad_usage;
}
