// SPDX-License-Identifier: Apache-2.0
// One grammar for all commands, old lines included.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <sstream>
#include <string>

#include "checks.hpp"
#include "cli/lines/every_rule.hpp"
#include "exit_status.hpp"

namespace truestep::cli {
namespace {

using nlohmann::json;

/// The same but for the line that reruns it.
std::string without_rerun(const std::string& output) {
  return output.substr(0, output.find("Rerun:"));
}

/// Whether a convention of the rule can be audited with the option, or is said to have no kernel
/// that could be. Not each can: an audit has some forms of a rule.
bool is_audited(const Program& program, const Field& field) {
  bool found = false;
  settings::with_rule(field.rule, [&]<class Rule>(Rule) {
    for (const auto& name : settings::convention_names<typename Rule::Hyperparameters>()) {
      if (found) return;
      const auto ended = program.run(
          fmt::format("audit {} {} {} {}", field.rule, name, field.option, small_run()));
      found = ended.status == yes || mentions(ended.errors, " has no kernel to audit");
    }
  });
  return found;
}

}  // namespace

Complaints lines_of_before_go_on_working(const Program& program) {
  Complaints complaints;
  auto lines = all_lines(&RuleLines::of_before);
  lines.insert(lines.end(), {"rules", "rules --json"});
  for (const auto& line : lines) {
    const auto ended = program.run(line);
    complaints.expect(ended.status == yes && ended.errors.empty(), line + "\n" + ended.errors);
  }
  return complaints;
}

Complaints csv_headers_are_those_of_before(const Program& program) {
  Complaints complaints;
  const auto begins = [&](const std::string& command, const std::string& header) {
    const auto output = program.run(quick_line(command, some_rule()) + " --csv").output;
    complaints.expect(output.starts_with(header), command + "\n" + output.substr(0, header.size()));
  };
  begins("compare",
         "quantity,step,apart_absolute_largest,apart_absolute_median,apart_relative_largest,"
         "apart_relative_median,apart_ulp_largest,apart_ulp_median,rounding_absolute_largest,"
         "rounding_absolute_median,rounding_relative_largest,rounding_relative_median,"
         "rounding_ulp_largest,rounding_ulp_median\n");
  begins("audit",
         "rule,workload,loop,setup,quantity,step,largest_ulp,mean_ulp,median_ulp,quantile_90_ulp,"
         "quantile_99_ulp,largest_relative,mean_relative,median_relative,quantile_90_relative,"
         "quantile_99_relative,mean_absolute,rounding_ulp,coefficients_ulp,radius_ulp,"
         "error_over_radius,theorem_absolute,error_over_theorem\n");
  const auto rule = some_rule(), convention = two_conventions(rule).first;
  std::istringstream lines(program.run(fmt::format("rules {} {} --csv", rule, convention)).output);
  std::string line;
  std::getline(lines, line);
  complaints.expect(line == "rule,convention,hyperparameter,value", "rules\n" + line);
  while (std::getline(lines, line))
    complaints.expect(line.starts_with(fmt::format("{},{},", rule, convention)), "rules\n" + line);
  return complaints;
}

Complaints operands_and_options_are_one(const Program& program) {
  Complaints complaints;
  for (const auto& lines : all_lines(&RuleLines::alike)) {
    std::optional<std::string> first;  // what the first of them printed
    for (const auto& line : lines) {
      const auto ended = program.run(line);
      complaints.expect(ended.status == yes, line + "\n" + ended.errors);
      if (line.starts_with("compare")) continue;  // which name conventions as they are typed
      if (!first) first = without_rerun(ended.output);
      complaints.expect(without_rerun(ended.output) == *first, line);
    }
  }
  return complaints;
}

Complaints any_number_of_conventions_is_compared(const Program& program) {
  Complaints complaints;
  const std::string line = quick_line("compare", some_rule());
  const auto [first, second] = two_conventions(some_rule());
  const std::string third = second + ",learning_rate=0.5";
  const auto ended = program.run(line + " " + third + " --json");
  const auto two_ended = program.run(line + " --json");
  if (ended.status != yes || two_ended.status != yes) {
    complaints.expect(false, ended.errors + two_ended.errors);
    return complaints;
  }
  auto all = json::parse(ended.output), two = json::parse(two_ended.output);
  complaints.expect(all["comparisons"].size() == 2, ended.output);
  complaints.expect(all["comparisons"][1]["first"] == first, "first: " + ended.output);
  complaints.expect(all["comparisons"][1]["second"] == third, "second: " + ended.output);
  complaints.expect(two["quantities"] == all["comparisons"][0]["quantities"], "quantities");
  const auto csv = program.run(line + " " + third + " --csv").output;
  complaints.expect(csv.starts_with("second,quantity,step,"), csv);
  complaints.expect(mentions(csv, fmt::format("\n\"{}\",theta,1,", third)), csv);
  return complaints;
}

Complaints rules_are_called_by_their_aliases(const Program& program) {
  Complaints complaints;
  for (const auto& [line, note] : all_lines(&RuleLines::aliases)) {
    const auto ended = program.run(line);
    complaints.expect(ended.status == yes, line + "\n" + ended.errors);
    complaints.expect(mentions(ended.output, note), line + "\n" + ended.output);
    const auto bare = json::parse(program.run(line + " --json").output, nullptr, false);
    complaints.expect(
        bare.is_object() && bare.contains("note") && mentions(std::string(bare["note"]), note),
        line + " --json");
  }
  return complaints;
}

Complaints field_is_reached(const Program& program, const Field& field) {
  Complaints complaints;
  const auto& [rule, name, convention, value, option] = field;
  if (convention.empty()) {
    complaints.expect(false, rule + ": no convention can change " + name);
    return complaints;
  }
  const std::string operands = fmt::format(" {} {} ", rule, convention);
  const std::string which = rule + " " + option;
  auto shown =
      json::parse(program.run("rules" + operands + option + " --json").output, nullptr, false);
  complaints.expect(shown.is_object(), "rules " + which);
  if (shown.is_object()) {
    const auto& shown_value = shown["hyperparameters"][name];
    complaints.expect(
        (shown_value.is_string() ? std::string(shown_value) : shown_value.dump()) == value,
        "rules " + which + ": " + shown_value.dump());
  }
  auto compare = json::parse(
      program.run("compare" + operands + convention + " " + option + " --json " + small_run())
          .output,
      nullptr, false);
  complaints.expect(compare.is_object() && compare["both"] == name + "=" + value,
                    "compare " + which);
  const auto identify = program.run("identify" + operands + option + " --json " + small_run());
  complaints.expect(identify.status == no || identify.status == undetermined,
                    "identify " + which + "\n" + identify.errors);
  complaints.expect(is_audited(program, field), "audit " + which);
  return complaints;
}

}  // namespace truestep::cli
