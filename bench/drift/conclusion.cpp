// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>
#include <vector>

// What an audit comes to, in sentences.
namespace truestep::drift {
namespace {

std::string count(std::uint64_t n) {
  return n < 1'000'000 ? fmt::format("{}", n)
                       : fmt::format("{:.1f} million", static_cast<double>(n) * 1e-6);
}

std::string first_violation(std::span<const Run> runs) {
  for (const Run& run : runs)
    if (const auto first = run.checks().first)
      return fmt::format(", first {}'s {}[{}] of {} after step {}: error {} ulp, radius {} ulp",
                         first->precision, first->quantity, first->coordinate, run.workload,
                         first->step, number(first->error), number(first->radius));
  return "";
}

/// The largest value of a figure of theta's last line, over the runs, in one reading.
template <class Figure>
double worst(std::span<const Run> runs, std::size_t reading, Figure figure) {
  double largest = 0;
  for (const Run& run : runs)
    largest = std::max(largest, figure(run.readings[reading].series.front().drift.back()));
  return largest;
}

std::string on_the_worse(std::span<const Run> runs) {
  return runs.size() == 1   ? ""
         : runs.size() == 2 ? " on the worse workload"
                            : " on the worst workload";
}

Checks checks_of(std::span<const Run> runs) {
  Checks checks;
  for (const Run& run : runs) checks += run.checks();
  return checks;
}

/// The last line of theta's drift in a reading.
const Drift& last_drift(const Run& run, std::size_t reading) {
  return run.readings[reading].series.front().drift.back();
}

/// The run in whose end theta is farthest from exact, by a reading.
const Run& worst_run(std::span<const Run> runs, std::size_t reading) {
  return *std::max_element(runs.begin(), runs.end(), [&](const Run& a, const Run& b) {
    return last_drift(a, reading).ulp.largest < last_drift(b, reading).ulp.largest;
  });
}

constexpr const char* conclusion_line = "{:9} {:8} {:>9} {:>8} {:>9} {:>9} {:>9}  {}\n";

std::string conclusion_of(std::span<const Run> runs, std::size_t reading) {
  const Run& run = worst_run(runs, reading);
  const Series& theta = run.readings[reading].series.front();
  const Drift& drift = theta.drift.back();
  std::string setup = run.readings[reading].setup.name(), before;
  if (setup.size() > 8) {
    before = fmt::format("{:9} {}\n", reading == 0 ? run.rule : "", setup);
    setup.clear();
  }
  const auto& shares = theta.attribution.shares;
  const std::string source =
      theta.attribution.drift == 0 || shares.empty()
          ? unattributed(theta)
          : share(theta.attribution, shares.front().contribution) + " " + shares.front().source;
  return before + fmt::format(conclusion_line, reading == 0 ? run.rule : "", setup,
                              number(drift.ulp.largest), number(drift.ulp.median),
                              number(drift.relative.largest), number(drift.relative.median),
                              percent(theta.updates.lost, theta.updates.exact), source);
}

std::string of_kernels(std::span<const Run> runs) {
  const Checks checks = checks_of(runs);
  std::string text = fmt::format("{}: after {} steps{},", runs.front().rule, runs.front().steps,
                                 on_the_worse(runs));
  for (const std::size_t reading : {0u, 1u})
    text += fmt::format(
        "{} {}'s theta is at most {} ulp (median {}) from exact, its coefficients alone "
        "move it by {}",
        reading == 0 ? "" : ";", runs.front().readings[reading].setup.name(),
        number(worst(runs, reading, [](const Drift& d) { return d.ulp.largest; })),
        number(worst(runs, reading, [](const Drift& d) { return d.ulp.median; })),
        number(worst(runs, reading, [](const Drift& d) { return d.coefficients; })));
  text += fmt::format("; ");
  if (checks.passed())
    text += fmt::format("all {} errors stayed within their radius, the closest at {} of it",
                        count(checks.compared), fraction(checks.closest));
  else
    text += fmt::format(
        "FAILED: {} of {} errors left their radius{}; {} of the kernel's results were "
        "not the emulation's or the radius's, {} errors left the bound of a theorem",
        count(checks.exceeded), count(checks.compared), first_violation(runs),
        count(checks.other_bits), count(checks.beyond_theorem));
  if (checks.unbounded > 0)
    text += fmt::format("; {} had no finite radius and say nothing", count(checks.unbounded));
  return text + ".\n";
}

std::string of_setup(std::span<const Run> runs, std::size_t index) {
  std::vector<std::string> lost, not_finite;
  OutOfRange out_of_range;
  for (std::size_t quantity = 0; quantity < runs.front().readings[index].series.size();
       ++quantity) {
    Updates updates;
    for (const Run& run : runs) updates += run.readings[index].series[quantity].updates;
    const auto& name = runs.front().readings[index].series[quantity].quantity;
    lost.push_back(fmt::format("{} of {}'s", percent(updates.lost, updates.exact), name));
    if (updates.not_finite > 0)
      not_finite.push_back(
          fmt::format("{} of {}'s", percent(updates.not_finite, updates.values), name));
  }
  for (const Run& run : runs) out_of_range += run.readings[index].out_of_range;

  std::string text =
      fmt::format("{} in {}: of the updates in {} steps on {} workload{}, {} were lost",
                  runs.front().rule, runs.front().readings[index].setup.name(), runs.front().steps,
                  runs.size(), runs.size() == 1 ? "" : "s", fmt::join(lost, ", "));
  if (!not_finite.empty())
    text += fmt::format("; of the values, {} were infinite or NaN", fmt::join(not_finite, ", "));
  text += fmt::format("; in the end theta's relative error is at most {} (median {}){}",
                      number(worst(runs, index, [](const Drift& d) { return d.relative.largest; })),
                      number(worst(runs, index, [](const Drift& d) { return d.relative.median; })),
                      on_the_worse(runs));
  for (const Run& run : runs) {
    const Attribution& attribution = run.readings[index].series.front().attribution;
    if (attribution.shares.empty()) continue;
    const auto& [source, contribution] = attribution.shares.front();
    text += fmt::format("; on {} {} of theta's drift comes from {}", run.workload,
                        share(attribution, contribution), source);
  }
  text += fmt::format("; {} results underflowed, {} overflowed, {} were subnormal.",
                      count(out_of_range.underflows), count(out_of_range.overflows),
                      count(out_of_range.subnormals));
  for (const Run& run : runs)
    for (const auto& sentence :
         firsts(run.readings[index], runs.size() == 1 ? "" : " on " + run.workload))
      text += " " + sentence;
  return text + "\n";
}

}  // namespace

std::string answer(std::span<const Run> runs, bool is_sound_alone) {
  const Checks checks = checks_of(runs);
  std::string text =
      !checks.passed()
          ? fmt::format(
                "No: {} of {} errors left their radius{}; {} of the kernels' results were "
                "not the emulation's or the radius's, {} errors left the bound of a "
                "theorem.",
                checks.exceeded, count(checks.compared), first_violation(runs),
                count(checks.other_bits), count(checks.beyond_theorem))
      : checks.compared > 0
          ? fmt::format(
                "{} {} errors of the kernels stayed within their rigorous radius, the "
                "closest at {} of it.",
                is_sound_alone ? "Yes: all" : "The kernels are sound: all", count(checks.compared),
                fraction(checks.closest))
          : std::string(
                "Measured: no error has a radius here, as no kernel runs, each set-up takes its "
                "own "
                "gradients, or no column of a first look's sample is among these.");
  if (std::any_of(runs.begin(), runs.end(), [](const Run& run) { return run.interrupted; }))
    text += fmt::format(" Interrupted after {} steps of the last run.", runs.back().steps);
  return text;
}

std::string conclusion(std::span<const Run> runs) {
  std::vector<std::string> workloads;
  for (const Run& run : runs)
    if (std::find(workloads.begin(), workloads.end(), run.workload) == workloads.end())
      workloads.push_back(run.workload);
  std::string text =
      fmt::format("After {} steps on {}{}:\n\n", runs.front().steps,
                  workloads.size() > 1 ? "the worst of " : "", fmt::join(workloads, "\n  and "));
  text += fmt::format("{:18} {:>18} {:>19} {:>9}  most of theta's\n", "", "error, ulp",
                      "error, relative", "updates");
  text += fmt::format(conclusion_line, "rule", "set-up", "largest", "median", "largest", "median",
                      "lost", "drift comes from");
  for_each_rule(runs, [&](std::span<const Run> of_rule) {
    for (std::size_t reading = 0; reading < of_rule.front().readings.size(); ++reading)
      text += conclusion_of(of_rule, reading);
  });
  return text;
}

std::string findings(std::span<const Run> runs) {
  std::string text;
  const auto& readings = runs.front().readings;
  for (std::size_t reading = 0; reading < readings.size(); ++reading)
    if (!readings[reading].has_radius) text += of_setup(runs, reading);
  return (readings.front().has_radius ? of_kernels(runs) : "") + text;
}

}  // namespace truestep::drift
