// SPDX-License-Identifier: Apache-2.0

#include "help.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "terminal.hpp"

namespace truestep {
namespace {

using Terms = std::vector<std::pair<std::string, std::string>>;

std::string section(const std::string& title, const Terms& terms) {
  return "\n" + title + ":\n" + terminal::definitions(terms, terminal::width());
}

std::string statuses() {
  Terms terms;
  for (const auto& [status, words] : exit_statuses)
    terms.emplace_back(fmt::format("{:3}", static_cast<int>(status)), words);
  return section("Exit status", terms);
}

std::string option_name(const CLI::Option& option) {
  const std::string type = option.get_expected_max() == 0 ? "" : option.get_type_name();
  return option.get_name(false, true) + (type.empty() ? "" : " " + type);
}

/// The options of a group, in their order.
Terms options_of(const CLI::App& app, const std::string& group) {
  Terms terms;
  for (const CLI::Option* option : app.get_options())
    if (option->get_group() == group && option->nonpositional())
      terms.emplace_back(option_name(*option), option->get_description());
  return terms;
}

/// In the order of their options, the command's own first: the seventy lines that every command
/// has in common would hide them.
std::vector<std::string> groups_of(const CLI::App& app) {
  const std::array<std::string, 3> shared{"Options", "Hyperparameters", "General"};
  std::vector<std::string> groups;
  for (const CLI::Option* option : app.get_options())
    if (std::find(groups.begin(), groups.end(), option->get_group()) == groups.end())
      groups.push_back(option->get_group());
  for (const auto& last : shared)
    std::stable_partition(groups.begin(), groups.end(),
                          [&](const std::string& group) { return group != last; });
  return groups;
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

}  // namespace

std::string help(std::span<const Command> commands) {
  Terms terms;
  for (const auto& command : commands)
    terms.emplace_back(command.name, first_line(command.app->get_description()));
  const std::string opening =
      "Gradient update rules whose every step is verified.\n\n"
      "Usage: truestep COMMAND RULE [CONVENTION[,NAME=VALUE...]] ... [OPTION...]";
  const auto more = terminal::wrapped(
      "truestep COMMAND --help lists its options, truestep COMMAND --explain says what its columns "
      "mean, and truestep rules has the names of rules and conventions.",
      terminal::width());
  return terminal::wrapped(opening, terminal::width()) + "\n" + section("Commands", terms) +
         statuses() + "\n" + more + "\n";
}

std::string help(const Command& command) {
  const auto width = terminal::width();
  const auto usage =
      fmt::format("Usage: truestep {} {} [OPTION...]", command.name, command.operands);
  std::string text = terminal::wrapped(command.app->get_description(), width) + "\n\n" +
                     terminal::wrapped(usage, width, 7) + "\n";
  for (const auto& group : groups_of(*command.app))
    if (const auto terms = options_of(*command.app, group); !terms.empty())
      text += section(group, terms);
  return text + statuses();
}

}  // namespace truestep
