#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands.hpp"
#include "compare/compare.hpp"
#include "runs/recorded.hpp"
#include "runs/workload.hpp"
#include "runs/settings.hpp"

namespace truestep {
namespace {

using Json = nlohmann::ordered_json;
using compare::Comparison, compare::Distance, compare::Row, compare::Series, compare::Spread;

struct CompareOptions {
  std::string rule, first, second, both;
  std::string workload = "network", gradients, parameters;
  std::uint64_t steps = 1000;
  bool json = false, csv = false;
};

constexpr std::uint64_t most_steps = 10'000'000;

/// Two descriptions of a rule, what is different about them, and what came of it.
struct Compared {
  CompareOptions options;
  std::string workload;
  std::vector<std::string> differences;  ///< "NAME = VALUE or VALUE"
  Comparison comparison;
};

constexpr const char* legend =
    R"(The gradients of one run go through both descriptions by the reference, in 50 digits, and through the first in
float. The run is the first's, in float, unless it was recorded; both get the gradient where the first asks for it.

  apart      distance of the second description from the first, both exact: what the choice does
  rounding   distance of the first in float from the first, exact. This is the rule's formula, evaluated
             in float with coefficients made in double; it is not a kernel
  times      apart / rounding

Largest and median are over coordinates; an ulp is the spacing of floats at the first's exact value. A
distance is infinite where one of the two is not a number; one of 1e-50 is the reference's own.
)";

constexpr const char* json_schema =
    R"({"rule", "first", "second", "both", "differences": [TEXT], "workload", "parameters": N,
 "quantities": [{"quantity": "theta" | STATE,
                 "distances": [{"step", "apart": DISTANCE, "rounding": DISTANCE}],
                 "first_beyond_rounding": null | STEP}],
 "not_comparable": [STATE], "finding": TEXT, "rerun": COMMAND}
where DISTANCE is {"absolute": SPREAD, "relative": SPREAD, "ulp": SPREAD}, SPREAD {"largest", "median"}, and
an infinite number null.)";

std::string number(double x) {
  return x >= 1e3 && x < 1e6 ? fmt::format("{:.0f}", x) : fmt::format("{:.3g}", x);
}

/// How many times `rounding` goes into `apart`.
std::string times(double apart, double rounding) {
  if (apart == 0) return "0";
  return rounding == 0 ? "inf" : number(apart / rounding);
}

bool is_power_of_ten(std::uint64_t n) {
  while (n % 10 == 0) n /= 10;
  return n == 1;
}

std::string table(const Series& series) {
  std::string text;
  const auto out = std::back_inserter(text);
  const auto line = [&](const std::string& head, const char* what, const Distance& d) {
    fmt::format_to(out, "{:15} {:9}", head, what);
    for (const Spread& spread : {d.absolute, d.relative, d.ulp})
      fmt::format_to(out, " {:>10}{:>10}", number(spread.largest), number(spread.median));
    fmt::format_to(out, "\n");
  };
  for (const Row& row : series.rows) {
    if (!is_power_of_ten(row.step) && &row != &series.rows.back()) continue;
    const bool first = &row == &series.rows.front();
    line(fmt::format("{:7}{:>8}", first ? series.quantity : "", row.step), "apart", row.between);
    line("", "rounding", row.rounding);
    fmt::format_to(out, "{:15} {:9} {:>10}{:>10}\n", "", "times",
                   times(row.between.absolute.largest, row.rounding.absolute.largest),
                   times(row.between.absolute.median, row.rounding.absolute.median));
  }
  return text;
}

std::string finding(const Compared& compared) {
  const auto& [options, workload, differences, comparison] = compared;
  const auto& [step, between, rounding] = comparison.series.front().rows.back();
  if (differences.empty()) return fmt::format("{}: the two are one map.", options.rule);
  std::string text = fmt::format(
      "{}: {} moves theta by up to {} (median {}) in {} step{}, {} times float's rounding (median "
      "{} "
      "times)",
      options.rule, fmt::join(differences, ", "), number(between.absolute.largest),
      number(between.absolute.median), step, step == 1 ? "" : "s",
      times(between.absolute.largest, rounding.absolute.largest),
      times(between.absolute.median, rounding.absolute.median));
  std::vector<std::string> beyond, never;
  for (const Series& series : comparison.series)
    if (series.first_beyond_rounding)
      beyond.push_back(
          fmt::format("{} after step {}", series.quantity, *series.first_beyond_rounding));
    else
      never.push_back(series.quantity);
  if (!beyond.empty())
    text += fmt::format(". First further apart than float from exact: {}", fmt::join(beyond, ", "));
  if (!never.empty()) text += fmt::format(". Never: {}", fmt::join(never, ", "));
  if (!comparison.not_comparable.empty())
    text += fmt::format(". Not compared, the learning rate being in only one of them: {}",
                        fmt::join(comparison.not_comparable, ", "));
  return text + ".";
}

std::string rerun(const CompareOptions& options, const std::string& program) {
  const std::string source = options.gradients.empty()    ? "--workload " + options.workload
                             : options.parameters.empty() ? "--grads " + options.gradients
                                                          : "--grads " + options.gradients +
                                                                " --params " + options.parameters;
  return fmt::format("{} compare {} {} {}{} {} --steps {}{}", program, options.rule, options.first,
                     options.second, options.both.empty() ? "" : " --both " + options.both, source,
                     options.steps,
                     options.json  ? " --json"
                     : options.csv ? " --csv"
                                   : "");
}

std::string text(const Compared& compared, const std::string& program) {
  const auto& [options, workload, differences, comparison] = compared;
  std::string text = fmt::format("{}\n{} on {}, {} parameters: {} and {}{}\n", legend, options.rule,
                                 workload, comparison.parameters, options.first, options.second,
                                 options.both.empty() ? "" : ", both with " + options.both);
  const auto out = std::back_inserter(text);
  fmt::format_to(out, "{:>15} {:9} {:>20} {:>20} {:>20}\n", "after", "", "absolute", "relative",
                 "ulp");
  fmt::format_to(out, "{:>15} {:9}", "steps", "");
  for (int i = 0; i < 3; ++i) fmt::format_to(out, " {:>10}{:>10}", "largest", "median");
  fmt::format_to(out, "\n");
  for (const Series& series : comparison.series) text += table(series);
  return text + fmt::format("\n{}\n\nRerun: {}\n", finding(compared), rerun(options, program));
}

Json json(const Distance& distance) {
  const auto spread = [](const Spread& s) {
    return Json{{"largest", s.largest}, {"median", s.median}};
  };
  return {{"absolute", spread(distance.absolute)},
          {"relative", spread(distance.relative)},
          {"ulp", spread(distance.ulp)}};
}

std::string json(const Compared& compared, const std::string& program) {
  const auto& [options, workload, differences, comparison] = compared;
  Json quantities = Json::array();
  for (const Series& series : comparison.series) {
    Json rows = Json::array();
    for (const auto& [step, between, rounding] : series.rows)
      rows.push_back({{"step", step}, {"apart", json(between)}, {"rounding", json(rounding)}});
    quantities.push_back({{"quantity", series.quantity}, {"distances", rows}});
    if (series.first_beyond_rounding)
      quantities.back()["first_beyond_rounding"] = *series.first_beyond_rounding;
    else
      quantities.back()["first_beyond_rounding"] = nullptr;
  }
  return Json{{"rule", options.rule},
              {"first", options.first},
              {"second", options.second},
              {"both", options.both},
              {"differences", differences},
              {"workload", workload},
              {"parameters", comparison.parameters},
              {"quantities", quantities},
              {"not_comparable", comparison.not_comparable},
              {"finding", finding(compared)},
              {"rerun", rerun(options, program)}}
             .dump(2) +
         "\n";
}

std::string csv(const Comparison& comparison) {
  std::string text = "quantity,step";
  const auto out = std::back_inserter(text);
  for (const char* what : {"apart", "rounding"})
    for (const char* measure : {"absolute", "relative", "ulp"})
      fmt::format_to(out, ",{0}_{1}_largest,{0}_{1}_median", what, measure);
  text += "\n";
  for (const Series& series : comparison.series)
    for (const auto& [step, between, rounding] : series.rows) {
      fmt::format_to(out, "{},{}", series.quantity, step);
      for (const Distance& d : {between, rounding})
        for (const Spread& spread : {d.absolute, d.relative, d.ulp})
          fmt::format_to(out, ",{},{}", spread.largest, spread.median);
      text += "\n";
    }
  return text;
}

/// Where weights do not decay, the place of weight decay is no difference.
template <class Hyperparameters>
std::vector<std::string> differences(const Hyperparameters& first, const Hyperparameters& second) {
  const bool decays = first.weight_decay != 0 || second.weight_decay != 0;
  std::vector<std::string> result;
  settings::for_each_member<Hyperparameters>([&](const auto& named) {
    const auto &a = first.*named.member, &b = second.*named.member;
    const bool matters = decays || named.name != std::string_view("weight_decay_place");
    if (a != b && matters)
      result.push_back(
          fmt::format("{} = {} or {}", named.name, settings::text(a), settings::text(b)));
  });
  return result;
}

/// As many steps as were asked for, or were recorded.
std::unique_ptr<drift::Workload> source(CompareOptions& options) {
  if (!options.gradients.empty()) {
    auto recorded = std::make_unique<drift::Recorded>(options.gradients, options.parameters);
    options.steps = std::min(options.steps, recorded->steps());
    return recorded;
  }
  if (!options.parameters.empty())
    throw std::invalid_argument("params = " + options.parameters + " is given without grads");
  const auto known = drift::workload_names();
  if (std::find(known.begin(), known.end(), options.workload) == known.end())
    throw std::invalid_argument(fmt::format("workload = {} is not one of {{{}}}", options.workload,
                                            fmt::join(known, ", ")));
  return drift::workload(options.workload);
}

template <class Rule>
Compared compared(CompareOptions options) {
  const auto first = settings::described<Rule>(options.first, options.both),
             second = settings::described<Rule>(options.second, options.both);
  const auto workload = source(options);
  std::vector<float> gradient;
  const auto next_gradient = [&](std::span<const float> parameters) {
    workload->next_step();
    const std::vector<double> point(parameters.begin(), parameters.end());
    const auto unrounded = workload->gradient(point);
    gradient.assign(unrounded.begin(), unrounded.end());
    return std::span<const float>(gradient);
  };
  auto comparison = compare::compare<Rule>(first, second, workload->initial_parameters(),
                                           next_gradient, options.steps);
  return {options, workload->name(), differences(first, second), std::move(comparison)};
}

int print_comparison(const CompareOptions& options, const std::string& program) {
  settings::with_rule(options.rule, [&]<class Rule>(Rule) {
    const auto result = compared<Rule>(options);
    fmt::print("{}", options.json  ? json(result, program)
                     : options.csv ? csv(result.comparison)
                                   : text(result, program));
  });
  return 0;
}

}  // namespace

Command add_compare(CLI::App& app, const std::string& program) {
  const auto options = std::make_shared<CompareOptions>();
  auto& command = *app.add_subcommand(
      "compare",
      "Measures how far apart two conventions or settings of a rule carry the parameters,\n"
      "exactly, beside what float's rounding does to the first.");
  command.add_option("rule", options->rule, "Of which both are versions")
      ->required()
      ->type_name("RULE");
  command
      .add_option("first", options->first,
                  "A convention, and what to change in it: pytorch,epsilon=1e-3,amsgrad=true;\n"
                  "`truestep rules RULE` has the names")
      ->required()
      ->type_name("NAME[,NAME=VALUE...]");
  command.add_option("second", options->second, "Likewise")
      ->required()
      ->type_name("NAME[,NAME=VALUE...]");
  command
      .add_option("--both", options->both,
                  "What to change in both, before what either changes in itself")
      ->type_name("NAME=VALUE[,NAME=VALUE...]");
  for (const std::string name : {"learning-rate", "momentum", "dampening", "rho", "beta1", "beta2",
                                 "epsilon", "weight-decay"}) {
    std::string member = name;
    std::replace(member.begin(), member.end(), '-', '_');
    command
        .add_option_function<std::string>(
            "--" + name,
            [options, member](const std::string& value) {
              options->both += (options->both.empty() ? "" : ",") + member + "=" + value;
            },
            "The same as --both " + member + "=X")
        ->type_name("X");
  }
  command
      .add_option("--workload", options->workload,
                  fmt::format("Where the gradients come from, one of {}; network unless given",
                              fmt::join(drift::workload_names(), ", ")))
      ->type_name("NAME");
  auto* const gradients =
      command
          .add_option("--grads", options->gradients,
                      "Recorded gradients instead, a row of a .npy file for each step")
          ->type_name("FILE");
  command
      .add_option("--params", options->parameters,
                  "A .npy file whose first row is where the recorded run starts; 0 unless given")
      ->type_name("FILE")
      ->needs(gradients);
  command
      .add_option_function<std::string>(
          "--steps",
          [options](const std::string& typed) {
            options->steps = settings::value<std::uint64_t>("steps", typed);
            if (options->steps < 1 || options->steps > most_steps)
              throw std::invalid_argument(
                  fmt::format("steps = {} is outside [1, {}]", options->steps, most_steps));
          },
          "Training steps, 1000 unless given")
      ->type_name("N");
  auto* const json_flag = command.add_flag("--json", options->json,
                                           "Print one JSON object and nothing else, with distances "
                                           "after 1, 2, 5, 10, 20, 50, ... steps");
  command
      .add_flag("--csv", options->csv, "Print the same distances, a line each, and nothing else")
      ->excludes(json_flag);
  command.footer(fmt::format("{}\nThe object of --json:\n{}", legend, json_schema));
  return {&command, [=] { return print_comparison(*options, program); }};
}

}  // namespace truestep
