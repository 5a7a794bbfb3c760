// SPDX-License-Identifier: Apache-2.0
// Plants every fault and prints which sections of the suite catch it.
//
//     truestep_faults [RULE ...]
//
// Exit status 0 if every fault is caught, every witness shows its fault, and each section catches
// at least one fault of every rule that it applies to; else 1.

#include <array>
#include <iomanip>
#include <iostream>
#include <rapidcheck.h>

#include "support/suite.hpp"

namespace truestep::test {
namespace {

constexpr std::size_t sections = std::size(section_names) - 1;

/// Few coordinates and always the same ones: a fault that shows only once in a million is not what
/// this table promises to catch.
const Effort effort{.coordinates = 20'000, .demanding = false, .seed = 1};

/// Whether the section catches the fault; nothing where it does not apply.
std::optional<bool> catches(std::size_t section, const Fault& fault) {
  const auto single = run_section(section, fault.faulty.single, effort);
  if (!single) return std::nullopt;
  return !single->held || !run_section(section, fault.faulty.twice, effort)->held;
}

struct Totals {
  std::size_t planted = 0, caught = 0;
  bool every_section = true;  ///< each catches a fault of each rule that it applies to
};

void table(const Suite& suite, Totals& totals) {
  std::array<std::size_t, sections + 1> caught_by{}, applied{};
  std::size_t escaped = 0;
  std::cout << suite.shipped.single.rule.name << "\n";
  for (const auto& fault : suite.faults) {
    std::cout << "  " << std::left << std::setw(13) << fault.where << std::setw(36) << fault.name;
    bool caught = false;
    for (std::size_t section = 1; section <= sections; ++section) {
      const auto result = catches(section, fault);
      applied[section] += result.has_value();
      caught_by[section] += result.value_or(false);
      caught = caught || result.value_or(false);
      std::cout << std::setw(3) << (!result ? " " : *result ? "x" : ".") << std::flush;
    }
    const bool shown = differs(suite.shipped, fault);
    escaped += !caught || !shown;
    if (!shown) std::cout << "  the witness does not show it";
    std::cout << (caught ? "\n" : "  NOT CAUGHT\n");
  }
  std::cout << "  " << suite.faults.size() << " faults, " << suite.faults.size() - escaped
            << " caught; by section:";
  for (std::size_t section = 1; section <= sections; ++section)
    if (applied[section]) {
      std::cout << " " << caught_by[section];
      totals.every_section = totals.every_section && caught_by[section] > 0;
    } else {
      std::cout << " -";
    }
  std::cout << "\n\n";
  totals.planted += suite.faults.size();
  totals.caught += suite.faults.size() - escaped;
}

int run(std::span<char* const> rules) {
  // RapidCheck announces it on first use, which should not be in mid-table.
  rc::detail::configuration();
  std::cout << "Sections, each run alone:";
  for (std::size_t section = 1; section <= sections; ++section)
    std::cout << (section > 1 ? ", " : " ") << section << " " << section_names[section];
  std::cout << "\nx caught, . not caught, blank: the section does not apply to the rule\n\n"
            << std::left << std::setw(51) << "";
  for (std::size_t section = 1; section <= sections; ++section)
    std::cout << std::setw(3) << section;
  std::cout << "\n";
  Totals totals;
  for (const auto& suite : suites()) {
    const auto& name = suite.shipped.single.rule.name;
    if (rules.empty() || std::find(rules.begin(), rules.end(), name) != rules.end())
      table(suite, totals);
  }
  std::cout << "In all " << totals.planted << " faults, " << totals.caught << " caught\n";
  return totals.planted > 0 && totals.caught == totals.planted && totals.every_section ? 0 : 1;
}

}  // namespace
}  // namespace truestep::test

int main(int argc, char** argv) {
  return truestep::test::run({argv + 1, static_cast<std::size_t>(argc - 1)});
}
