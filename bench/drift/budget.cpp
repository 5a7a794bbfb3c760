// SPDX-License-Identifier: Apache-2.0
#include "budget.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "figures.hpp"

namespace truestep::drift {
namespace {

bool matches(const std::string& pattern, const std::string& name) {
  return pattern == "*" || pattern == name;
}

std::string figure_names() {
  std::vector<std::string> names;
  for (const Figure& figure : figures) names.emplace_back(figure.name);
  return fmt::format("{}", fmt::join(names, ", "));
}

/// The reported step at which the figure is worst, NaN being worse than infinite.
const Drift& worst(const Series& series, const Figure& figure) {
  return *std::max_element(series.drift.begin(), series.drift.end(),
                           [&](const Drift& a, const Drift& b) {
                             return !std::isnan(figure.of(a)) &&
                                    (figure.of(a) < figure.of(b) || std::isnan(figure.of(b)));
                           });
}

}  // namespace

Budget::Budget(const std::string& path) : path_(path) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error(fmt::format("budget = {} cannot be read", path));
  std::string text;
  for (std::size_t line = 1; std::getline(file, text); ++line) {
    std::istringstream words(text.substr(0, text.find('#')));
    Limit limit{{}, {}, {}, 0, 0, line};
    std::string figure, more;
    if (!(words >> limit.rule)) continue;
    const bool complete =
        words >> limit.setup >> limit.quantity >> figure >> limit.at_most && !(words >> more);
    if (!complete || !(limit.at_most >= 0))
      throw std::runtime_error(
          fmt::format("{}:{} is not RULE SETUP QUANTITY FIGURE LIMIT with a limit in [0, infinity)",
                      path, line));
    const auto at = std::find_if(figures.begin(), figures.end(),
                                 [&](const Figure& f) { return f.name == figure; });
    if (at == figures.end())
      throw std::runtime_error(fmt::format("{}:{}: figure = {} is not one of {{{}}}", path, line,
                                           figure, figure_names()));
    limit.figure = static_cast<std::size_t>(at - figures.begin());
    limits_.push_back(limit);
  }
  if (limits_.empty()) throw std::runtime_error(fmt::format("budget = {} states no limit", path));
}

std::vector<std::string> Budget::exceeded(std::span<const Run> runs) const {
  std::vector<std::string> lines;
  for (const Limit& limit : limits_) {
    bool about_something = false;
    const Figure& figure = figures[limit.figure];
    for (const Run& run : runs)
      for (const Reading& reading : run.readings)
        for (const Series& series : reading.series) {
          const std::string setup = reading.setup.name();
          if (!matches(limit.rule, run.rule) || !matches(limit.setup, setup) ||
              !matches(limit.quantity, series.quantity))
            continue;
          about_something = true;
          const Drift& drift = worst(series, figure);
          if (figure.of(drift) <= limit.at_most) continue;
          lines.push_back(
              fmt::format("{}:{}: {} in {} on {}: {} of {} is {:.4g} after {} steps, "
                          "more than {}",
                          path_, limit.line, run.rule, setup, run.workload, figure.name,
                          series.quantity, figure.of(drift), drift.step, limit.at_most));
        }
    if (!about_something)
      throw std::invalid_argument(
          fmt::format("{}:{}: nothing was run in {} with a quantity {} by {}", path_, limit.line,
                      limit.setup, limit.quantity, limit.rule));
  }
  return lines;
}

}  // namespace truestep::drift
