// SPDX-License-Identifier: Apache-2.0
#include "audit_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>

#include "drift/report.hpp"
#include "terminal.hpp"

namespace truestep {
namespace {

std::string details(std::span<const drift::Run> runs) {
  std::string text;
  for (const auto& run : runs) text += drift::table(run);
  text += "\n";
  drift::for_each_rule(runs, [&](auto of_rule) { text += drift::findings(of_rule); });
  text += fmt::format("\n{:.3g} element-steps per second\n", drift::element_steps_per_second(runs));
  return terminal::fitted(text, terminal::widest);
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

/// A table in so many lines: all of it, or as much as leaves one to say how much more there is.
std::string shortened(const std::string& table, std::size_t lines) {
  const auto all = lines_of(table);
  if (all <= lines) return table;
  const auto kept = std::max<std::size_t>(lines, 1) - 1;
  std::size_t end = 0;
  for (std::size_t line = 0; line < kept; ++line) end = table.find('\n', end) + 1;
  return table.substr(0, end) + fmt::format("... {} lines more\n", all - kept);
}

}  // namespace

std::string audit_text(std::span<const drift::Run> runs, const drift::Judgements& judgements,
                       std::span<const std::string> notes, std::size_t over_budget,
                       const std::string& rerun, bool with_details) {
  constexpr std::size_t most_lines = 40;
  const auto width = terminal::width();
  std::string all;
  const auto sentences = judgements.sentences();
  for (const auto& sentence : sentences)
    all += terminal::bold(terminal::wrapped(sentence, width)) + "\n";
  const auto recommended = judgements.recommendation();
  if (!recommended.empty()) all += terminal::bold(terminal::wrapped(recommended, width)) + "\n";
  const bool is_sound_alone = judgements.worst() == drift::Verdict::safe;
  all += terminal::bold(terminal::wrapped(drift::answer(runs, is_sound_alone), width)) + "\n";
  if (over_budget > 0)
    all += terminal::bold(fmt::format("Over budget: {} of the figures.", over_budget)) + "\n";
  for (const auto& note : notes) all += terminal::wrapped(note, width) + "\n";
  all += "\n";
  const auto table = drift::conclusion(runs);
  const auto rerun_line = "\nRerun: " + rerun + "\n";
  if (with_details) return all + table + details(runs) + rerun_line;
  const auto below =
      rerun_line +
      terminal::wrapped("--details prints every table, --explain says what the columns mean.",
                        width) +
      "\n";
  const auto taken = lines_of(all) + lines_of(below);
  return all + shortened(table, taken < most_lines ? most_lines - taken : 0) + below;
}

}  // namespace truestep
