// SPDX-License-Identifier: Apache-2.0
#include "transcript.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "runs/given.hpp"

namespace truestep::cli {
namespace {

namespace files = std::filesystem;

class RemovesScratch : public testing::Environment {
  void TearDown() override { files::remove_all(scratch()); }
};
const auto* const removes_scratch = testing::AddGlobalTestEnvironment(new RemovesScratch);

std::string with_names(const std::string& name) {
  std::string option = name;
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

}  // namespace

files::path scratch() {
  static const files::path folder = [] {
    const auto made = files::temp_directory_path() /
                      fmt::format("truestep_cli_tests.{}", static_cast<long>(getpid()));
    files::create_directories(made);
    return made;
  }();
  return folder;
}

std::string contents(const files::path& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

Ended Program::shell(const std::string& line) const {
  const auto out = scratch() / "out", err = scratch() / "err";
  const std::string command =
      fmt::format("T='{}'; {{ {}\n}} >{} 2>{}", path_, line, out.string(), err.string());
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, contents(out), contents(err)};
}

std::string Program::on_a_terminal(const std::string& arguments, const char* no_colour,
                                   unsigned short columns, const std::string& before) const {
  int master = -1;
  const winsize size{0, columns, 0, 0};
  const pid_t child = forkpty(&master, nullptr, nullptr, &size);
  if (child == 0) {
    setenv("TERM", "xterm", 1);
    no_colour == nullptr ? unsetenv("NO_COLOR") : setenv("NO_COLOR", no_colour, 1);
    const std::string command = before + "'" + path_ + "' " + arguments;
    execl("/bin/sh", "sh", "-c", command.c_str(), nullptr);
    _exit(127);
  }
  std::string output;
  char part[4096];
  for (ssize_t got; (got = read(master, part, sizeof part)) > 0;)
    output.append(part, static_cast<std::size_t>(got));
  close(master);
  waitpid(child, nullptr, 0);
  return output;
}

Program truestep() { return Program(TRUESTEP_PROGRAM); }

std::string Complaints::text() const {
  std::string text;
  for (const auto& each : all_) text += each + "\n";
  return text;
}

void write_npy(const files::path& path, std::size_t rows, std::size_t columns,
               const std::vector<double>& values) {
  std::string header =
      fmt::format("{{'descr': '<f8', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  header.append(64 - (10 + header.size() + 1) % 64, ' ');
  header += '\n';
  std::ofstream file(path, std::ios::binary);
  file << "\x93NUMPY" << '\1' << '\0' << static_cast<char>(header.size() & 255)
       << static_cast<char>(header.size() >> 8) << header;
  file.write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(double)));
}

std::string small_run() {
  static const std::string options = [] {
    const auto params = scratch() / "params.npy", grads = scratch() / "grads.npy";
    write_npy(params, 3, 3, {1, 2, 3, 1.5, 2.5, 3.5, 7, 8, 9});
    write_npy(grads, 2, 3, {0.5, -1, 2, 0.25, 1, -3});
    return fmt::format("--params {} --grads {}", params.string(), grads.string());
  }();
  return options;
}

std::string still_run() {
  const auto params = scratch() / "still.npy", grads = scratch() / "zeros.npy";
  write_npy(params, 3, 2, {1, 1, 1, 1, 1, 1});
  write_npy(grads, 2, 2, {0, 0, 0, 0});
  return fmt::format("--params {} --grads {}", params.string(), grads.string());
}

std::string trace(const std::string& name) {
  const std::string folder = std::string(TRUESTEP_TRACES) + "/" + name;
  return "--params " + folder + "/params.npy --grads " + folder + "/grads.npy";
}

std::size_t longest_line(const std::string& text) {
  std::size_t longest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) longest = std::max(longest, line.size());
  return longest;
}

bool mentions(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

const std::vector<std::string> commands{"audit", "rules", "compare", "identify"};

std::pair<std::string, std::string> two_conventions(const std::string& rule) {
  std::vector<std::string> names;
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    names = settings::convention_names<typename Rule::Hyperparameters>();
  });
  return {names.at(0), names.at(1)};
}

std::string numbers(const std::string& rule) {
  std::string options;
  settings::with_rule(rule, [&]<class Rule>(Rule) {
    const typename Rule::Hyperparameters h;
    for (const auto& [name, member] : Rule::hyperparameters)
      options += fmt::format("--{} {} ", with_names(name), h.*member);
  });
  return options;
}

std::string quick_line(const std::string& command, const std::string& rule) {
  const auto [first, second] = two_conventions(rule);
  if (command == "audit") return fmt::format("audit {} --workload constant --steps 1", rule);
  if (command == "rules") return "rules " + rule;
  if (command == "compare")
    return fmt::format("compare {} {} {} --workload constant --steps 1", rule, first, second);
  return fmt::format("identify {} {} {}{}", rule, first, numbers(rule), small_run());
}

std::string some_rule() { return settings::rule_names().back(); }

}  // namespace truestep::cli
