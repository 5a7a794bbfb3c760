// SPDX-License-Identifier: Apache-2.0
// Text that fits the terminal, and says what it is.

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <sstream>

#include "checks.hpp"
#include "cli/lines/every_rule.hpp"
#include "exit_status.hpp"

namespace truestep::cli {

Complaints help_fits_the_terminal(const Program& program) {
  Complaints complaints;
  auto all = commands;
  all.insert(all.begin(), "");
  for (const std::size_t columns : {60u, 80u, 120u})
    for (const auto& command : all) {
      const auto ended =
          program.shell(fmt::format("COLUMNS={} \"$T\" {} --help", columns, command));
      const auto longest = longest_line(ended.output);
      complaints.expect(ended.status == yes, command);
      complaints.expect(longest <= std::min<std::size_t>(columns, 100),
                        fmt::format("{} in {}: {} columns", command, columns, longest));
      complaints.expect(longest > columns / 2,
                        fmt::format("{} in {}: {} columns", command, columns, longest));
      for (const auto& meaning : exit_statuses)
        complaints.expect(
            mentions(ended.output, fmt::format("\n  {:3}  ", static_cast<int>(meaning.status))),
            command + ": exit statuses");
    }
  return complaints;
}

/// Each option's meaning begins in one column of its group, two after the longest name beside one;
/// and no line ends before a word that would have fitted.
Complaints help_fills_its_lines(const Program& program) {
  Complaints complaints;
  for (const std::size_t columns : {50u, 80u}) {
    const auto help =
        program.shell(fmt::format("COLUMNS={} \"$T\" audit --help", columns)).output;
    std::istringstream lines(help.substr(0, help.find("\nExit status:")));
    std::string line, before;
    std::size_t column = 0, groups = 0, filled = 0;
    bool is_close = true, was_name_alone = false;
    while (std::getline(lines, line)) {
      if (line.ends_with(':') && before.empty()) {
        complaints.expect(is_close, "before " + line);
        column = 0, is_close = false, ++groups;
      }
      const auto gap = line.find("  ", 3), begins = line.find_first_not_of(' ');
      const bool is_name = line.starts_with("  -"), has_both = is_name && gap != line.npos;
      if (has_both) {
        const auto meaning = line.find_first_not_of(' ', gap);
        is_close |= meaning == gap + 2;
        complaints.expect(column == 0 || meaning == column, line);
        column = meaning;
      }
      if (column > 0 && begins == column && before.size() > column && !was_name_alone) {
        const auto word = line.substr(begins, line.find(' ', begins) - begins);
        complaints.expect(before.size() + 1 + word.size() > columns, before + "\n" + line);
        ++filled;
      }
      before = line, was_name_alone = is_name && !has_both;
    }
    complaints.expect(is_close && groups > 5 && filled > 20, help);
  }
  return complaints;
}

Complaints a_terminal_says_how_wide_it_is(const Program& program) {
  Complaints complaints;
  const auto longest = [&](unsigned short columns, const std::string& before) {
    auto text = program.on_a_terminal("audit --help", "1", columns, before);
    std::erase(text, '\r');
    return longest_line(text);
  };
  complaints.expect(longest(60, "") <= 60 && longest(60, "") > 50, "60 columns");
  complaints.expect(longest(95, "") <= 95 && longest(95, "") > 80, "95 columns");
  // Whatever mpirun lends says nothing of where the text goes.
  const auto lent = longest(95, "OMPI_COMM_WORLD_SIZE=1 ");
  complaints.expect(lent <= 80 && lent > 60, "a terminal that is lent");
  return complaints;
}

Complaints help_names_every_field_once(const Program& program) {
  Complaints complaints;
  const auto help = program.run("identify --help").output;
  for (const auto& field : fields()) {
    const auto option = "\n  " + field.option.substr(0, field.option.find('='));
    const auto at = std::min(help.find(option + " "), help.find(option + "\n"));
    complaints.expect(at != help.npos, field.option);
    if (at == help.npos) continue;
    const auto again = std::min(help.find(option + " ", at + 1), help.find(option + "\n", at + 1));
    complaints.expect(again == help.npos, field.option + " twice");
  }
  return complaints;
}

Complaints tables_fit_a_hundred_columns(const Program& program) {
  Complaints complaints;
  auto lines = all_lines(&RuleLines::printed);
  lines.push_back("rules");
  for (const auto& command : commands) lines.push_back(command + " --explain");
  for (const auto& command : commands) lines.push_back(quick_line(command, some_rule()));
  for (const auto& rule : settings::rule_names()) lines.push_back("rules " + rule);
  for (const auto& line : lines) {
    const auto ended = program.shell("COLUMNS=120 \"$T\" " + line);
    complaints.expect(!ended.output.empty(), line + ": nothing is printed");
    std::istringstream output(ended.output);
    for (std::string each; std::getline(output, each);)
      complaints.expect(each.size() <= 100 || each.starts_with("Rerun: "), line + "\n" + each);
  }
  return complaints;
}

Complaints broken_lines_go_on_indented(const Program& program) {
  Complaints complaints;
  const auto line = quick_line("compare", some_rule());
  const auto output = program.shell("COLUMNS=50 \"$T\" " + line).output;
  const auto begins = output.find(fmt::format("\n{} on ", some_rule()));
  const auto next = output.find('\n', begins + 1) + 1;
  complaints.expect(begins != output.npos && output.find_first_not_of(' ', next) == next + 2,
                    output);
  return complaints;
}

namespace {

/// Runs of spaces as one each.
std::string single_spaced(std::string text) {
  const auto is_again = [](char a, char b) { return a == ' ' && b == ' '; };
  text.erase(std::unique(text.begin(), text.end(), is_again), text.end());
  return text;
}

}  // namespace

Complaints rules_have_every_number_and_member(const Program& program) {
  Complaints complaints;
  settings::for_each_rule([&]<class Rule>(Rule) {
    using Hyperparameters = typename Rule::Hyperparameters;
    const auto output = single_spaced(program.run(std::string("rules ") + Rule::name).output);
    std::string head = std::string("\n") + Rule::name;
    for (const auto& column : Rule::hyperparameters) head += std::string(" ") + column.name;
    head += " source";
    for (const auto& row : fast::conventions_of<Hyperparameters>) {
      std::string line = "\n " + std::string(row.name);
      for (const auto& column : Rule::hyperparameters)
        line += " " + settings::text(row.hyperparameters.*column.member);
      // The first convention follows the head at once.
      complaints.expect(mentions(output, head + line), head + line + " is not in\n" + output);
      head.clear();
    }
    const auto members = output.substr(std::min(output.find(" can be set to"), output.size()));
    settings::for_each_member<Hyperparameters>([&](const auto& named) {
      complaints.expect(mentions(members, fmt::format("\n {} ", named.name)) ||
                            mentions(members, fmt::format("\n {}\n", named.name)),
                        fmt::format("{}: {}", Rule::name, named.name));
    });
  });
  return complaints;
}

namespace {

/// Forty lines are all used before a table is cut, and what is left out is counted.
void expect_as_much_as_fits(Complaints& complaints, const std::string& cut,
                            const std::string& whole) {
  complaints.expect(std::count(cut.begin(), cut.end(), '\n') == 40, cut);
  const auto at = cut.find("\n... ") + 1, first = cut.rfind("\n\n", at) + 2;
  const auto shown = cut.substr(first, at - first);
  const auto in_whole = whole.find(shown);
  complaints.expect(at > 0 && in_whole != whole.npos, cut);
  if (in_whole == whole.npos) return;
  const auto rest = whole.substr(in_whole + shown.size());
  const auto left = rest.substr(0, rest.find("\n\n") + 1);
  const auto said = fmt::format("... {} lines more\n", std::count(left.begin(), left.end(), '\n'));
  complaints.expect(cut.substr(at).starts_with(said), cut + "\ninstead of\n" + said);
}

}  // namespace

Complaints an_audit_concludes_in_forty_lines(const Program& program) {
  Complaints complaints;
  const auto ended = program.run("audit --workload constant --workload sparse --steps 1");
  complaints.expect(std::count(ended.output.begin(), ended.output.end(), '\n') <= 40, ended.output);
  complaints.expect(ended.output.starts_with("Yes: all "), ended.output);
  for (const auto& rule : settings::rule_names())
    complaints.expect(mentions(ended.output, "\n" + rule + " "), rule);
  const std::string line =
      "audit --workload constant --steps 1 --setup pytorch_bf16 --setup bf16_master --setup "
      "bf16_kahan --setup all_bf16";
  const auto many = program.run(line), all = program.run(line + " --details");
  complaints.expect(many.output.starts_with("pytorch_bf16 "), many.output);
  expect_as_much_as_fits(complaints, many.output, all.output);
  // With verdicts that take more lines on a narrow terminal.
  expect_as_much_as_fits(complaints, program.shell("COLUMNS=50 \"$T\" " + line).output, all.output);
  return complaints;
}

Complaints version_is_said_everywhere(const Program& program) {
  Complaints complaints;
  const std::string version = TRUESTEP_VERSION, said = "truestep " + version + "\n";
  complaints.expect(program.run("--version").output == said, "--version");
  for (const auto& command : commands) {
    complaints.expect(program.run(command + " --version").output == said, command);
    const auto line = quick_line(command, some_rule()) + " --json";
    const auto object = nlohmann::json::parse(program.run(line).output, nullptr, false);
    complaints.expect(
        object.is_object() && object.contains("version") && object["version"] == version, line);
  }
  return complaints;
}

Complaints colour_is_for_terminals_that_want_it(const Program& program) {
  Complaints complaints;
  const std::string line = "rules " + some_rule();
  complaints.expect(mentions(program.on_a_terminal(line, nullptr), "\033["), "none on a terminal");
  complaints.expect(mentions(program.on_a_terminal(line, ""), "\033["),
                    "none if NO_COLOR is empty");
  complaints.expect(!mentions(program.on_a_terminal(line, "1"), "\033["), "NO_COLOR is not obeyed");
  complaints.expect(!mentions(program.run(line).output, "\033["), "in a file");
  return complaints;
}

Complaints rerun_does_the_same_again(const Program& program) {
  Complaints complaints;
  const auto arguments = fmt::format("audit {} {},learning_rate=1e-3 --workload constant --steps 2",
                                     some_rule(), two_conventions(some_rule()).first);
  const auto ended = program.run(arguments);
  const auto at = ended.output.find("Rerun: ");
  if (at == ended.output.npos) {
    complaints.expect(false, "no line reruns it");
    return complaints;
  }
  const auto line = ended.output.substr(at + 7, ended.output.find('\n', at) - at - 7);
  complaints.expect(line == std::string(TRUESTEP_PROGRAM) + " " + arguments, line);
  complaints.expect(program.shell(line).output == ended.output, "another output");
  return complaints;
}

}  // namespace truestep::cli
