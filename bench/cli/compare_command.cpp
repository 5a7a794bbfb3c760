// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "commands.hpp"
#include "compare/compare.hpp"
#include "output.hpp"
#include "runs/escaped.hpp"
#include "runs/json_text.hpp"
#include "runs/typed.hpp"
#include "runs/version.hpp"
#include "runs/workload.hpp"
#include "source.hpp"
#include "subject.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

using Json = nlohmann::ordered_json;
using compare::Comparison, compare::Distance, compare::Row, compare::Series, compare::Spread;

struct CompareOptions {
  Subject subject;
  Source source;
  Output output;
  std::string both;
};

/// Two descriptions of a rule, what is different about them, and what came of it.
struct Compared {
  std::string rule, first, second, both;  ///< as they are typed; `both` with what options give
  std::string workload;
  std::vector<std::string> differences;  ///< "NAME = VALUE or VALUE"
  Comparison comparison;
};

constexpr const char* explanation_of_compare =
    R"(The gradients of one run go through both descriptions by the reference, in 50 digits, and through
the first in float. The run is the first's, in float, unless it was recorded; both get the gradient
where the first asks for it. Of several conventions, the first is compared with each of the others.

  apart      distance of the second description from the first, both exact: what the choice does
  rounding   distance of the first in float from the first, exact. This is the rule's formula,
             evaluated in float with coefficients made in double; it is not a kernel
  times      apart / rounding

Largest and median are over coordinates; an ulp is the spacing of floats at the first's exact value.
A distance is infinite where one of the two is not a number; one of 1e-50 is the reference's own.

The object of --json, with distances after 1, 2, 5, 10, 20, 50, ... steps:
{"version", "rule", "first", "second", "both", "differences": [TEXT], "workload", "parameters": N,
 "quantities": [{"quantity": "theta" | STATE,
                 "distances": [{"step", "apart": DISTANCE, "rounding": DISTANCE}],
                 "first_beyond_rounding": null | STEP}],
 "not_comparable": [STATE], "finding": TEXT, "rerun": COMMAND,
 "note": TEXT where the rule's name is an alias}
where DISTANCE is {"absolute": SPREAD, "relative": SPREAD, "ulp": SPREAD},
SPREAD {"largest", "median"}, and an infinite number null. Of more than two conventions, it is
{"version", "rule", "comparisons": [OBJECT]}, and the CSV has a first column "second".
)";

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
  const auto line = [&](const std::string& head, const char* what, const Distance& d) {
    text += fmt::format("{:15} {:9}", head, what);
    for (const Spread& spread : {d.absolute, d.relative, d.ulp})
      text += fmt::format(" {:>10}{:>10}", number(spread.largest), number(spread.median));
    text += fmt::format("\n");
  };
  for (const Row& row : series.rows) {
    if (!is_power_of_ten(row.step) && &row != &series.rows.back()) continue;
    const bool first = &row == &series.rows.front();
    line(fmt::format("{:7}{:>8}", first ? series.quantity : "", row.step), "apart", row.between);
    line("", "rounding", row.rounding);
    text += fmt::format("{:15} {:9} {:>10}{:>10}\n", "", "times",
                        times(row.between.absolute.largest, row.rounding.absolute.largest),
                        times(row.between.absolute.median, row.rounding.absolute.median));
  }
  return text;
}

std::string finding(const Compared& compared) {
  const auto& [step, between, rounding] = compared.comparison.series.front().rows.back();
  if (compared.differences.empty())
    return fmt::format("{}: {} and {} are one map.", compared.rule, compared.first,
                       compared.second);
  std::string text = fmt::format(
      "{}: {} moves theta by up to {} (median {}) in {} step{}, {} times float's rounding (median "
      "{} times)",
      compared.rule, fmt::join(compared.differences, ", "), number(between.absolute.largest),
      number(between.absolute.median), step, step == 1 ? "" : "s",
      times(between.absolute.largest, rounding.absolute.largest),
      times(between.absolute.median, rounding.absolute.median));
  std::vector<std::string> beyond, never;
  for (const Series& series : compared.comparison.series)
    if (series.first_beyond_rounding)
      beyond.push_back(
          fmt::format("{} after step {}", series.quantity, *series.first_beyond_rounding));
    else
      never.push_back(series.quantity);
  if (!beyond.empty())
    text += fmt::format(". First further apart than float from exact: {}", fmt::join(beyond, ", "));
  if (!never.empty()) text += fmt::format(". Never: {}", fmt::join(never, ", "));
  if (!compared.comparison.not_comparable.empty())
    text += fmt::format(". Not compared, the learning rate being in only one of them: {}",
                        fmt::join(compared.comparison.not_comparable, ", "));
  return text + ".";
}

std::string tables(const Compared& compared) {
  std::string text = terminal::fitted(
      fmt::format("\n{} on {}, {} parameters: {} and {}{}\n", compared.rule, compared.workload,
                  compared.comparison.parameters, compared.first, compared.second,
                  compared.both.empty() ? "" : ", both with " + compared.both),
      terminal::width());
  text +=
      fmt::format("{:>15} {:9} {:>20} {:>20} {:>20}\n", "after", "", "absolute", "relative", "ulp");
  text += fmt::format("{:>15} {:9}", "steps", "");
  for (int i = 0; i < 3; ++i) text += fmt::format(" {:>10}{:>10}", "largest", "median");
  text += fmt::format("\n");
  for (const Series& series : compared.comparison.series) text += table(series);
  return text;
}

std::string text(const std::vector<Compared>& all, const std::string& note,
                 const std::string& rerun) {
  const auto width = terminal::width();
  std::string text;
  for (const auto& compared : all) {
    const auto which =
        all.size() > 1 ? fmt::format("{} and {}: ", compared.first, compared.second) : "";
    text += terminal::bold(terminal::wrapped(which + finding(compared), width)) + "\n";
  }
  if (!note.empty()) text += terminal::wrapped(note, width) + "\n";
  for (const auto& compared : all) text += tables(compared);
  return text + fmt::format("\nRerun: {}\n", rerun) +
         terminal::wrapped("--explain says what the columns mean.", width) + "\n";
}

Json json(const Distance& distance) {
  const auto spread = [](const Spread& s) {
    return Json{{"largest", s.largest}, {"median", s.median}};
  };
  return {{"absolute", spread(distance.absolute)},
          {"relative", spread(distance.relative)},
          {"ulp", spread(distance.ulp)}};
}

Json json(const Compared& compared, const std::string& rerun) {
  Json quantities = Json::array();
  for (const Series& series : compared.comparison.series) {
    Json rows = Json::array();
    for (const auto& [step, between, rounding] : series.rows)
      rows.push_back({{"step", step}, {"apart", json(between)}, {"rounding", json(rounding)}});
    quantities.push_back({{"quantity", series.quantity}, {"distances", rows}});
    if (series.first_beyond_rounding)
      quantities.back()["first_beyond_rounding"] = *series.first_beyond_rounding;
    else
      quantities.back()["first_beyond_rounding"] = nullptr;
  }
  return {{"version", version()},          {"rule", compared.rule},
          {"first", compared.first},       {"second", compared.second},
          {"both", compared.both},         {"differences", compared.differences},
          {"workload", compared.workload}, {"parameters", compared.comparison.parameters},
          {"quantities", quantities},      {"not_comparable", compared.comparison.not_comparable},
          {"finding", finding(compared)},  {"rerun", rerun}};
}

std::string json(const std::vector<Compared>& all, const std::string& note,
                 const std::string& rerun) {
  Json whole = json(all.front(), rerun);
  if (all.size() > 1) {
    whole = {{"version", version()}, {"rule", all.front().rule}, {"comparisons", Json::array()}};
    for (const auto& each : all) whole["comparisons"].push_back(json(each, rerun));
  }
  if (!note.empty()) whole["note"] = note;
  return json_text(whole);
}

/// @param with_second  whether a first column names the second convention
std::string csv_lines(const Compared& compared, bool with_second) {
  std::string text;
  for (const Series& series : compared.comparison.series)
    for (const auto& [step, between, rounding] : series.rows) {
      if (with_second) text += in_field(compared.second) + ",";
      text += fmt::format("{},{}", series.quantity, step);
      for (const Distance& d : {between, rounding})
        for (const Spread& spread : {d.absolute, d.relative, d.ulp})
          text += fmt::format(",{},{}", spread.largest, spread.median);
      text += "\n";
    }
  return text;
}

std::string csv(const std::vector<Compared>& all) {
  const bool several = all.size() > 1;
  std::string text = several ? "second,quantity,step" : "quantity,step";
  for (const char* what : {"apart", "rounding"})
    for (const char* measure : {"absolute", "relative", "ulp"})
      text += fmt::format(",{0}_{1}_largest,{0}_{1}_median", what, measure);
  text += "\n";
  for (const auto& each : all) text += csv_lines(each, several);
  return text;
}

/// Where weights do not decay, how they would is no difference.
template <class Hyperparameters>
std::vector<std::string> differences(Hyperparameters first, Hyperparameters second) {
  if (first.weight_decay == 0 && second.weight_decay == 0) {
    first = fast::without_idle_choices(first);
    second = fast::without_idle_choices(second);
  }
  std::vector<std::string> result;
  settings::for_each_member<Hyperparameters>([&](const auto& named) {
    const auto &a = first.*named.member, &b = second.*named.member;
    if (a != b)
      result.push_back(
          fmt::format("{} = {} or {}", named.name, settings::text(a), settings::text(b)));
  });
  return result;
}

template <class Rule>
Compared compared(const CompareOptions& options, const settings::Given& for_all,
                  const std::string& second) {
  const auto& [subject, source, output, both] = options;
  const auto& first = subject.conventions.front();
  const auto h = settings::described<Rule>(settings::chosen<Rule>(first), for_all),
             other = settings::described<Rule>(settings::chosen<Rule>(second), for_all);
  const auto workload = source.opened();
  std::vector<float> gradient;
  const auto next_gradient = [&](std::span<const float> parameters) {
    workload->next_step();
    const std::vector<double> point(parameters.begin(), parameters.end());
    const auto unrounded = workload->gradient(point);
    gradient.assign(unrounded.begin(), unrounded.end());
    return std::span<const float>(gradient);
  };
  auto comparison =
      compare::compare<Rule>(h, other, workload->initial_parameters(), next_gradient, source.steps);
  std::string given;
  for (const auto& [name, value] : for_all)
    given += fmt::format("{}{}={}", given.empty() ? "" : ",", name, settings::text_of(value));
  return {Rule::name,           first, second, given, workload->name(), differences(h, other),
          std::move(comparison)};
}

template <class Rule>
std::vector<Compared> all_compared(const CompareOptions& options) {
  auto for_all = settings::read_assignments<Rule>(options.both);
  settings::add(for_all, options.subject.given);
  const auto& conventions = options.subject.conventions;
  // All are read before the first comparison takes its time.
  for (const auto& typed : conventions)
    settings::described<Rule>(settings::chosen<Rule>(typed), for_all);
  std::vector<Compared> all;
  for (std::size_t i = 1; i < conventions.size(); ++i)
    all.push_back(compared<Rule>(options, for_all, conventions[i]));
  return all;
}

void require_two(const Subject& subject) {
  subject.require_rule();
  if (subject.conventions.size() < 2)
    throw std::invalid_argument(
        fmt::format("{} convention{} given; comparing takes two or more of {}",
                    subject.conventions.size() == 1 ? "one" : "no",
                    subject.conventions.size() == 1 ? " is" : "s are", subject.rule));
}

ExitStatus print_comparison(CompareOptions& options, const Invocation& invocation) {
  auto& subject = options.subject;
  auto& output = options.output;
  subject.resolve();
  require_two(subject);
  options.source.check();
  const auto rerun = options.source.rerun("compare", invocation);
  settings::with_rule(subject.rule, [&]<class Rule>(Rule) {
    output.open(options.source.files());
    const auto all = all_compared<Rule>(options);
    if (output.json) return print(json(all, subject.note, rerun));
    output.write_csv(csv(all));
    if (output.shows_text()) print(text(all, subject.note, rerun));
  });
  return yes;
}

}  // namespace

Command compare_command() {
  const auto options = std::make_shared<CompareOptions>();
  const auto app = std::make_shared<CLI::App>(
      "Measures how far apart conventions of a rule carry the parameters.\n"
      "Distances from the first convention to each other are exact, and stand beside what float's "
      "rounding does to the first.",
      "compare");
  options->source.workloads = {"network"};
  options->subject.add_to(*app);
  app->add_option("--both", options->both,
                  "What to change in all, before what each changes in itself")
      ->type_name("NAME=VALUE[,NAME=VALUE...]")
      ->group("Hyperparameters");
  options->source.add_to(*app, Source::Workloads::one);
  add_output(*app, options->output, "reported step and quantity");
  return {
      "compare", "RULE CONVENTION[,NAME=VALUE...] CONVENTION[,NAME=VALUE...] ...", app,
      [options](const Invocation& invocation) { return print_comparison(*options, invocation); },
      [] { return std::string(explanation_of_compare); }};
}

}  // namespace truestep
