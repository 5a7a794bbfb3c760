// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

/// What tests of the command line have in common: how a program is run, and what is read off what
/// it printed.
namespace truestep::cli {

/// What a shell line came to.
struct Ended {
  int status;  ///< -1 where a signal ended it
  std::string output, errors;
};

/// A folder for the files of this run of the tests, which goes away with it.
std::filesystem::path scratch();

/// All that a file holds.
std::string contents(const std::filesystem::path& path);

/// A program to test: truestep, or what stands in for it.
class Program {
 public:
  explicit Program(std::string path) : path_(std::move(path)) {}

  const std::string& path() const { return path_; }
  /// A line of a shell in which $T is the program.
  Ended shell(const std::string& line) const;
  Ended run(const std::string& arguments) const { return shell("\"$T\" " + arguments); }
  /// What it prints on a terminal.
  /// @param no_colour  the value of NO_COLOR; unset where null
  /// @param columns    the terminal's, which does not say where 0
  /// @param before     what a shell reads before the program
  std::string on_a_terminal(const std::string& arguments, const char* no_colour,
                            unsigned short columns = 0, const std::string& before = "") const;

 private:
  std::string path_;
};

/// The program that was built.
Program truestep();

/// What is wrong, a text each. A check returns them, so that it can itself be held to see a fault.
class Complaints {
 public:
  /// Thrown by the first complaint where that is all that is asked.
  struct First {};
  static inline bool first_suffices = false;

  void expect(bool holds, const std::string& otherwise) {
    if (holds) return;
    if (first_suffices) throw First();
    all_.push_back(otherwise);
  }
  template <class A, class B>
  void expect_equal(const A& a, const B& b, const std::string& otherwise) {
    expect(a == b, otherwise);
  }
  bool none() const { return all_.empty(); }
  std::string text() const;

 private:
  std::vector<std::string> all_;
};

void write_npy(const std::filesystem::path& path, std::size_t rows, std::size_t columns,
               const std::vector<double>& values);

/// Two steps of three coordinates that no rule makes: "--params FILE --grads FILE".
std::string small_run();
/// Where no step moves at all.
std::string still_run();
/// One of tests/traces.
std::string trace(const std::string& name);

std::size_t longest_line(const std::string& text);
bool mentions(const std::string& text, const std::string& part);

extern const std::vector<std::string> commands;

/// The two first conventions of a rule.
std::pair<std::string, std::string> two_conventions(const std::string& rule);
/// What a convention gives to the numbers that every version of a rule has, as options.
std::string numbers(const std::string& rule);
/// A line of a command about a rule that takes no time.
std::string quick_line(const std::string& command, const std::string& rule);
/// The rule that stands for the others where it does not matter which it is.
std::string some_rule();

}  // namespace truestep::cli
