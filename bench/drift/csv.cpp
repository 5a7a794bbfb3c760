// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <cmath>

#include "figures.hpp"
#include "report.hpp"
#include "runs/escaped.hpp"

namespace truestep::drift {

std::string csv(std::span<const Run> runs) {
  std::string text = "rule,workload,loop,setup,quantity,step";
  for (const Figure& figure : figures) text += fmt::format(",{}", figure.name);
  text += '\n';
  for (const Run& run : runs)
    for (const Reading& reading : run.readings)
      for (const Series& series : reading.series)
        for (const Drift& drift : series.drift) {
          text += fmt::format("{},{},{},{},{},{}", run.rule, in_field(run.workload),
                              run.closed_loop ? "closed" : "open", reading.setup.name(),
                              series.quantity, drift.step);
          for (const Figure& figure : figures) {
            const double x = figure.of(drift);
            text += std::isnan(x) ? "," : fmt::format(",{}", x);
          }
          text += '\n';
        }
  return text;
}

}  // namespace truestep::drift
