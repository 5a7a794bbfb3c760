// SPDX-License-Identifier: Apache-2.0
// Errors that look alike: the parameter, its value and what it may be.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "checks.hpp"
#include "cli/lines/every_rule.hpp"
#include "exit_status.hpp"

namespace truestep::cli {
namespace {

/// A command about a rule as far as its options.
std::string begun(const std::string& command, const std::string& rule) {
  const auto [first, second] = two_conventions(rule);
  if (command == "compare") return fmt::format("compare {} {} {}", rule, first, second);
  if (command == "identify") return fmt::format("identify {} {}", rule, small_run());
  return command + " " + rule;
}

std::string option_of(const std::string& name, const std::string& value) {
  std::string option = "--" + name;
  std::replace(option.begin(), option.end(), '_', '-');
  return option + "=" + value;
}

/// Just outside: what no value of the domain can be mistaken for.
double outside(fast::Domain domain) {
  switch (domain) {
    case fast::Domain::scale:
      return -1;
    case fast::Domain::weight:
      return 1;
    case fast::Domain::fraction:
      return 2;
    case fast::Domain::count:
      return 0x1p16 + 1;
  }
  return 0;
}

/// A wrong value of each member, and what is to be said of it.
template <class Rule>
Pairs wrong_values() {
  Pairs all;
  const auto describe = [&](const auto& member) {
    if constexpr (requires { member.domain; }) {
      const auto value = fmt::format("{}", outside(member.domain));
      all.emplace_back(option_of(member.name, value),
                       fmt::format("{}: {} = {} is outside {}", Rule::name, member.name, value,
                                   fast::text(member.domain)));
      all.emplace_back(option_of(member.name, "x"),
                       std::string(member.name) + " = x is not a number");
    }
  };
  fast::for_each_member<Rule>(describe);
  settings::for_each_member<typename Rule::Hyperparameters>(
      [&]<class Type>(const rules::Named<typename Rule::Hyperparameters, Type>& named) {
        if constexpr (!settings::is_number<Type>) {
          const auto option = option_of(named.name, "here");
          // What a flag may be is looked at under the option's name.
          const bool is_flag = std::is_same_v<Type, bool>;
          const auto name = is_flag ? option.substr(2, option.find('=') - 2) : named.name;
          all.emplace_back(option, fmt::format("{} = here is not one of {{{}}}", name,
                                               fmt::join(settings::words(Type()).values, ", ")));
        }
      });
  return all;
}

void expect_refused(Complaints& complaints, const Program& program, const std::string& line,
                    const std::string& complaint) {
  const auto ended = program.run(line);
  complaints.expect(ended.status == bad_usage, fmt::format("{}: status {}", line, ended.status));
  complaints.expect(ended.errors == complaint + "\n", line + "\n" + ended.errors);
  complaints.expect(ended.output.empty(), line + "\n" + ended.output);
}

}  // namespace

Complaints what_is_given_twice_is_named(const Program& program) {
  Complaints complaints;
  auto lines = all_lines(&RuleLines::twice);
  lines.insert(lines.end(),
               {{"audit --steps 1 --steps=2", "audit: steps is given twice: 1, then 2"},
                {"audit --format fp16 --format FP16", "audit: format fp16 is given twice"},
                {"audit --format bf16 --format bfloat16", "audit: format bfloat16 is given twice"},
                {"audit --workload constant --workload Constant",
                 "audit: workload constant is given twice"}});
  for (const auto& [line, complaint] : lines) expect_refused(complaints, program, line, complaint);
  return complaints;
}

Complaints what_was_meant_is_suggested(const Program& program) {
  Complaints complaints;
  auto lines = all_lines(&RuleLines::meant);
  lines.insert(lines.end(), {{"audti",
                              "truestep: command = audti is not one of {audit, rules, compare, "
                              "identify, check, cases, judge}: "
                              "did you mean audit?"},
                             {"audit --format bflaot16", "did you mean bfloat16?"},
                             {"audit --rounding stochastc", "did you mean stochastic?"}});
  for (const auto& [line, question] : lines) {
    const auto ended = program.run(line);
    complaints.expect(ended.status == bad_usage, fmt::format("{}: status {}", line, ended.status));
    complaints.expect(mentions(ended.errors, question), line + "\n" + ended.errors);
  }
  return complaints;
}

Complaints ranges_are_named(const Program& program, const std::string& rule) {
  Complaints complaints;
  fast::with_rule(rule, [&]<class Rule>() {
    for (const auto& [option, complaint] : wrong_values<Rule>())
      for (const auto& command : commands)
        expect_refused(complaints, program, begun(command, rule) + " " + option,
                       command + ": " + complaint);
  });
  return complaints;
}

Complaints what_is_refused_is_named(const Program& program) {
  Complaints complaints;
  fast::for_each_rule([&]<class Rule>() {
    for (const auto& [option, complaint] : rule_lines<Rule>().refused)
      for (const auto& command : commands)
        expect_refused(complaints, program, begun(command, Rule::name) + " " + option,
                       command + ": " + complaint);
    const auto own = settings::member_names<typename Rule::Hyperparameters>();
    for (const auto& field : fields()) {
      if (std::count(own.begin(), own.end(), field.name) > 0) continue;
      const auto foreign = program.run(fmt::format("audit {} {}", Rule::name, field.option));
      complaints.expect(foreign.errors.starts_with(
                            fmt::format("audit: {}: {} is not one of {{", Rule::name, field.name)),
                        foreign.errors);
    }
  });
  const auto [first, second] = two_conventions(some_rule());
  expect_refused(complaints, program,
                 fmt::format("compare {} {} {} --workload foo", some_rule(), first, second),
                 "compare: workload = foo is not one of {softmax, network, rosenbrock, quadratic, "
                 "constant, sparse}");
  expect_refused(complaints, program, "audit --steps", "audit: --steps lacks its value, N");
  expect_refused(complaints, program, "identify " + small_run(),
                 fmt::format("identify: a rule is missing: one of {{{}}}",
                             fmt::join(settings::rule_names(), ", ")));
  expect_refused(complaints, program,
                 fmt::format("identify {} {} --coordinates 0", some_rule(), small_run()),
                 "identify: coordinates = 0 is not an integer in [1, 4294967296]");
  return complaints;
}

}  // namespace truestep::cli
