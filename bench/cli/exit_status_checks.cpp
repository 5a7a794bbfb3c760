// SPDX-License-Identifier: Apache-2.0
// One table of exit statuses.

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "checks.hpp"
#include "cli/lines/every_rule.hpp"
#include "exit_status.hpp"

namespace truestep::cli {
namespace {

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

/// A file that is larger than the memory that the program may have, without taking any on the disk.
std::string large_file() {
  const auto path = scratch() / "large.npy";
  write_npy(path, 1, std::size_t{1} << 27, {});
  std::filesystem::resize_file(path, 128 + (std::size_t{1} << 30));
  return path.string();
}

void expect_failed(Complaints& complaints, const Ended& ended, const std::string& what,
                   const std::string& errors) {
  complaints.expect(ended.status == failed, fmt::format("{}: status {}", what, ended.status));
  complaints.expect(ended.errors == errors, what + ": " + ended.errors);
}

}  // namespace

Complaints statuses_are_those_of_the_table(const Program& program) {
  Complaints complaints;
  auto lines = all_lines(&RuleLines::ended);
  lines.insert(lines.end(), {{"rules", yes},
                             {"rules foo", bad_usage},
                             {"compare", bad_usage},
                             {"audit foo", bad_usage},
                             {"", bad_usage},
                             {"--help", yes},
                             {"--version", yes}});
  // What succeeds takes longest, so that comes last.
  std::stable_partition(lines.begin(), lines.end(),
                        [](const auto& line) { return line.second != yes; });
  for (const auto& [line, status] : lines) {
    const auto ended = program.run(line);
    complaints.expect(ended.status == status,
                      fmt::format("{}: {}\n{}", line, ended.status, ended.errors));
  }
  return complaints;
}

Complaints what_was_tried_from_a_list_is_no_proof(const Program& program) {
  Complaints complaints;
  const auto rule = some_rule();
  const auto tried = on_one_line(program.run("identify " + rule + " " + small_run()).output);
  std::string names = "learning_rate";
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    for (const auto& [name, member] : Rule::hyperparameters)
      if (name != std::string("learning_rate")) names += std::string(", ") + name;
  });
  complaints.expect(
      tried.starts_with(fmt::format(
          "not determined: no convention of {} fits at the numbers that were tried of {}", rule,
          names)),
      tried);
  const auto given = program.run("identify " + rule + " " + small_run() + " " + numbers(rule));
  const auto output = on_one_line(given.output);
  complaints.expect(given.status == undetermined, fmt::format("status {}", given.status));
  complaints.expect(
      output.starts_with(fmt::format("not determined: no convention of {} fits", rule)), output);
  return complaints;
}

Complaints output_that_fails_is_said(const Program& program) {
  Complaints complaints;
  for (const auto& command : commands) {
    const auto line = quick_line(command, some_rule());
    const auto cannot = command + ": standard output cannot be written: ";
    for (const char* form : {"", " --json", " --csv"})
      expect_failed(complaints, program.shell(fmt::format("\"$T\" {}{} >/dev/full", line, form)),
                    line + form, cannot + "No space left on device\n");
    expect_failed(complaints, program.shell("\"$T\" " + line + " >&-"), line,
                  cannot + "Bad file descriptor\n");
    for (const char* path : {"/dev/full", "/none/none"})
      expect_failed(complaints, program.run(fmt::format("{} --csv {}", line, path)), line,
                    fmt::format("{}: csv = {} cannot be written\n", command, path));
  }
  for (const char* line : {"--help", "rules --version", "audit --explain"})
    complaints.expect(program.shell(fmt::format("\"$T\" {} >/dev/full", line)).status == failed,
                      line);
  return complaints;
}

Complaints files_are_written_whole(const Program& program) {
  namespace fs = std::filesystem;
  Complaints complaints;
  const auto rule = some_rule();
  const auto [first, second] = two_conventions(rule);
  const auto folder = scratch() / "whole", file = folder / "kept.csv", link = folder / "link.csv";
  fs::remove_all(folder);
  fs::create_directory(folder);
  fs::create_symlink(file.filename(), link);
  const auto expect_text = [&](const std::string& text, const std::string& when) {
    complaints.expect(contents(file) == text, when + " it holds: " + contents(file));
    complaints.expect(fs::is_symlink(link), when + " the link is none");
    const auto files = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    complaints.expect(files == 2, fmt::format("{} there are {} files", when, files));
  };
  const auto start = [&] {
    std::ofstream(file) << "old\n";
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write | fs::perms::group_read);
  };
  const auto long_line = fmt::format("compare {} {} {} --steps 1000000", rule, first, second);
  for (const char* signal : {"INT", "TERM"}) {
    start();
    program.shell(fmt::format("timeout --signal {} 0.3 \"$T\" {} --csv {}", signal, long_line,
                              link.string()));
    expect_text("old\n", fmt::format("After SIG{}", signal));
  }
  const auto no_space = "trap '' XFSZ; ulimit -f 0; exec \"$T\" ";
  for (const auto& command : commands) {
    const auto line = fmt::format("{} --csv {}", quick_line(command, rule), link.string());
    start();
    complaints.expect(program.shell(no_space + line).status == failed, "No space: " + line);
    expect_text("old\n", "Without space for " + command);
    complaints.expect(program.run(line).status != failed, line);
    const auto printed = program.run(quick_line(command, rule) + " --csv");
    expect_text(printed.output, "After " + command);
    complaints.expect((fs::status(file).permissions() & fs::perms::group_read) != fs::perms::none,
                      command + " changed the mode of the file");
  }
  return complaints;
}

Complaints a_reader_who_leaves_is_said(const Program& program) {
  Complaints complaints;
  const auto left = program.shell("{ \"$T\" rules --json; echo $? >&2; } | true");
  complaints.expect(left.errors == "0\n" ||
                        left.errors == "rules: standard output cannot be written: Broken pipe\n4\n",
                    left.errors);
  return complaints;
}

Complaints memory_that_is_used_up_is_said(const Program& program) {
  Complaints complaints;
  const auto rule = some_rule(), file = large_file();
  const auto [first, second] = two_conventions(rule);
  for (const auto& line : {fmt::format("audit {} --grads {}", rule, file),
                           fmt::format("compare {} {} {} --grads {}", rule, first, second, file),
                           fmt::format("identify {} --params {} --grads {}", rule, file, file)}) {
    const auto ended = program.shell("ulimit -v 400000; exec \"$T\" " + line);
    complaints.expect(ended.status == failed, fmt::format("{}: status {}", line, ended.status));
    complaints.expect(mentions(ended.errors, ": memory is used up\n"), ended.errors);
  }
  return complaints;
}

Complaints ctrl_c_is_heard(const Program& program) {
  Complaints complaints;
  const auto rule = some_rule();
  const auto [first, second] = two_conventions(rule);
  const auto grads = scratch() / "many.npy", params = scratch() / "start.npy";
  std::vector<double> gradients, parameters{1};
  for (int i = 0; i < 20000; ++i) {
    gradients.push_back(1.0 / (1 + i % 7));
    parameters.push_back(parameters.back() - 1e-3 * gradients.back());
  }
  write_npy(grads, gradients.size(), 1, gradients);
  write_npy(params, parameters.size(), 1, parameters);
  for (const auto& line : {fmt::format("compare {} {} {} --steps 1000000", rule, first, second),
                           fmt::format("identify {} --learning-rate 1 --params {} --grads {}", rule,
                                       params.string(), grads.string())}) {
    const auto ended = program.shell("timeout --preserve-status --signal INT 0.3 \"$T\" " + line);
    complaints.expect(ended.status == interrupted,
                      fmt::format("{}: status {}\n{}", line, ended.status, ended.errors));
  }
  return complaints;
}

}  // namespace truestep::cli
