// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <string>

#include "report.hpp"
#include "runs/escaped.hpp"

namespace truestep::drift {
std::string markdown(std::span<const Run> runs, const Judgements& judgements,
                     std::span<const std::string> notes, const std::string& rerun) {
  std::string text;
  for (const auto& sentence : judgements.sentences()) text += fmt::format("- {}\n", sentence);
  const auto recommended = judgements.recommendation();
  if (!recommended.empty()) text += fmt::format("- {}\n", recommended);
  text += fmt::format("- {}\n", answer(runs, judgements.worst() == Verdict::safe));
  for (const auto& note : notes) text += fmt::format("- {}\n", note);
  text +=
      "\n| rule | workload | set-up | verdict | median relative error | largest | updates lost | "
      "bytes a parameter |\n|---|---|---|---|--:|--:|--:|--:|\n";
  for (const Run& run : runs) {
    for (std::size_t i = 0; i < run.readings.size(); ++i) {
      const Reading& reading = run.readings[i];
      const Series& theta = reading.series.front();
      text += fmt::format(
          "| {} | {} | {} | {} | {} | {} | {} | {:.4g} |\n", run.rule, in_cell(run.workload),
          in_cell(reading.setup.name()), words_of(verdict_on(run, i, judgements.criteria)),
          number(theta.drift.back().relative.median), number(theta.drift.back().relative.largest),
          percent(theta.updates.lost, theta.updates.exact),
          reading.setup.bytes_per_parameter(reading.series.size() - 1));
    }
  }
  return text + fmt::format("\n`{}`\n", rerun);
}

}  // namespace truestep::drift
