// SPDX-License-Identifier: Apache-2.0
#include "report.hpp"

#include <truestep/fast/target.hpp>
#include <truestep/reference/real.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

namespace truestep::drift {
namespace {

bool is_power_of_ten(std::uint64_t n) {
  while (n % 10 == 0) n /= 10;
  return n == 1;
}

std::string score(const Score& score) {
  std::string text = std::isnan(score.loss) ? "loss NaN" : fmt::format("loss {:.4g}", score.loss);
  if (score.accuracy) text += fmt::format(", accuracy {:.1f} %", 100 * *score.accuracy);
  return text;
}

std::string growth_of(const Series& series) {
  if (!series.growth) return "no growth to be seen";
  return fmt::format("mean error grows as t^({:.2f} +- {:.2f}): {}", series.growth->exponent,
                     series.growth->standard_error, series.growth->kind());
}

/// The last three digits to go, and when half of the coordinates had lost them.
std::string digits_of(const Series& series) {
  std::vector<int> digits;
  std::vector<std::uint64_t> steps;
  for (const DigitLoss& loss : series.digits) {
    if (!loss.half) continue;
    digits.push_back(loss.digit);
    steps.push_back(*loss.half);
  }
  if (digits.empty()) return "no digit lost in half of the coordinates";
  const auto last_three = [](const auto& all) {
    return fmt::join(all.end() - std::min<std::ptrdiff_t>(3, std::ssize(all)), all.end(), ", ");
  };
  return fmt::format("digits {} lost in half of the coordinates by step {}", last_three(digits),
                     last_three(steps));
}

/// The shares that make out at least a hundredth of the drift, at most five.
std::string attribution_of(const Series& series) {
  const Attribution& attribution = series.attribution;
  if (attribution.drift == 0) return unattributed(series);
  std::vector<std::string> parts;
  for (const auto& [source, contribution] : attribution.shares)
    if (parts.size() < 5 && std::fabs(contribution) >= attribution.drift / 100)
      parts.push_back(share(attribution, contribution) + " " + source);
  return fmt::format("drift: {}; residual {}{}", fmt::join(parts, ", "),
                     share(attribution, attribution.residual), left_out_of(attribution));
}

std::string updates_of(const Series& series) {
  const Updates& updates = series.updates;
  std::string text =
      fmt::format("{} of its updates were lost", percent(updates.lost, updates.exact));
  if (updates.not_finite > 0)
    text += fmt::format(", {} of its values infinite or NaN",
                        percent(updates.not_finite, updates.values));
  return text;
}

/// What the theorem about a state, or theta, says of it, "" where there is none.
std::string theorem_of(const Series& series) {
  const Drift& last = series.drift.back();
  if (std::isnan(last.theorem)) return "";
  return fmt::format("; proved to be within {}, at most {:.2g} of that", number(last.theorem),
                     last.of_theorem);
}

}  // namespace

// The reference's own digits end some 30 places below an ulp of double, and what is seen there is
// not the kernel's.
std::string number(double x) {
  if (std::isnan(x)) return "-";
  if (std::fabs(x) < 1e-20) return "0";
  return x >= 1e3 && x < 1e6 ? fmt::format("{:.0f}", x) : fmt::format("{:.3g}", x);
}

std::string fraction(double x) {
  return x < 1 ? fmt::format("{:.3f}", std::floor(x * 1000) / 1000) : number(x);
}

std::string share(const Attribution& attribution, double contribution) {
  return fmt::format("{:.3g} %", 100 * contribution / attribution.drift);
}

std::string percent(std::uint64_t part, std::uint64_t n) {
  if (part == 0 || part == n) return part == 0 ? "none" : "all";
  const double share = 100 * static_cast<double>(part) / static_cast<double>(n);
  return fmt::format("{:.3g} %", std::min(share, 99.9));
}

std::vector<std::string> firsts(const Reading& reading, const std::string& where) {
  std::vector<std::string> all;
  for (const Series& series : reading.series) {
    if (const auto& lost = series.updates.first_lost)
      all.push_back(fmt::format(
          "The first update of {} to be lost{}: coordinate {} at step {}, which stayed at {:.6g}, "
          "exactly {:.6g}.",
          series.quantity, where, lost->coordinate, lost->step, lost->stored, lost->exact));
    if (const auto& flushed = series.updates.first_flushed)
      all.push_back(
          fmt::format("The first {} to be stored as 0{}: coordinate {} at step {}, exactly {:.3g}.",
                      series.quantity, where, flushed->coordinate, flushed->step, flushed->exact));
  }
  return all;
}

std::vector<Other> others_by_distance(const Run& run) {
  std::vector<Other> result;
  for (const Other& other : run.others) {
    const auto same = std::find_if(result.begin(), result.end(), [&](const Other& known) {
      return number(known.distance) == number(other.distance);
    });
    if (same == result.end())
      result.push_back(other);
    else
      same->conventions.insert(same->conventions.end(), other.conventions.begin(),
                               other.conventions.end());
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const Other& a, const Other& b) { return a.distance < b.distance; });
  return result;
}

std::string times_drift(const Run& run, const Other& other) {
  return other.distance < 1e-20 ? "0" : number(other.distance / run.float_drift);
}

std::string unattributed(const Series& series) {
  if (series.drift.back().absolute.largest == 0) return "no drift";
  return "not attributed" + left_out_of(series.attribution);
}

std::string left_out_of(const Attribution& attribution) {
  if (attribution.left_out == 0) return "";
  return fmt::format("; {} {} with an infinity or NaN left out", attribution.left_out,
                     attribution.left_out == 1 ? "coordinate" : "coordinates");
}

std::string reference_name() {
  return fmt::format(
      "certified double-doubles, or {} digits by {}: in doubt, and in closed loop",
      std::numeric_limits<reference::Real>::digits10,
      std::is_same_v<reference::Real, reference::BinaryReal> ? "Boost's cpp_bin_float" : "MPFR");
}

double element_steps_per_second(std::span<const Run> runs) {
  double steps = 0, seconds = 0;
  for (const Run& run : runs) {
    steps += static_cast<double>(run.element_steps());
    seconds += run.seconds;
  }
  return steps / seconds;
}

std::string legend() {
  return fmt::format(
      R"(Each set-up runs a rule beside its formula (exact), which is computed in
{}.
In float and double a set-up is what the shipped kernel does, bit for bit. Open loop: the float
kernel trains a model, and all runs take the gradients that it saw; closed loop: each takes its own.

  error      distance from exact. An ulp is the spacing of the set-up's format for that quantity at
             the exact value: near a zero crossing it is tiny, and the same distance many of them.
             A relative error above 1: exact is nearly 0, a state's often below the smallest number
  updates    lost: those at which exact moved and the stored value stayed where it was
  rounding   largest share of an error, in ulp, of what operations, reading and storing round
  coeffs     the same of rounding the coefficients, and of the counter that they are computed at
  radius     largest rigorous bound of the error, by running-error analysis of the kernel's
             operations
  of radius  largest error / radius of any coordinate after any step so far; above 1, the kernel,
             the formula or the bound is wrong
  proved     the bound of a state's distance from exact after so many steps of gradients as large as
             the largest (proofs/theory/drift), and the largest distance / bound. Theta's is that of
             the theorem of a run (the pages in proofs/), from zero states and the largest parameter
             at first. It is there if the form has such a theorem, parameters and gradients are the
             same in both runs, no coefficient is subnormal, and the theorem's conditions hold
             (proofs/generated/run_bounds.hpp); then nothing overflows either
  mean error the mean of the distances; its growth by least squares over the last two decades of
             steps, with the standard error of the exponent. Digit n is lost once the relative error
             is 10^-n
  drift      what each source adds to the distances after the last step, in its direction: - where
             it makes them smaller. A source is an operation of the rule (the quantity that it is
             for, and its kind), a coefficient, the counter, the gradient as it is read, a quantity
             as it is stored; in closed loop also the gradient at another point than the exact
             run's, with the model's own rounding. What they leave unexplained, the residual, is the
             rounding of the shares

The conclusion is about the workload on which float, double or the set-up is farthest from exact;
--details has tables of all, with what the rounding did to each state.
Largest and median are over coordinates. SIMD target {}.
)",
      reference_name(), fast::target());
}

namespace {

constexpr const char* table_line = "{:9}{:7}{:>6} {:>9}{:>9} {:>9}{:>9} {:>9}{:>9} {:>9} {:>9}\n";

/// A line for each power of ten, and the last. The first has the names.
std::string lines_of(const Series& series, const std::string& setup) {
  std::string text;
  for (const Drift& drift : series.drift) {
    const bool first = &drift == &series.drift.front();
    if (!is_power_of_ten(drift.step) && &drift != &series.drift.back()) continue;
    text += fmt::format(table_line, first ? setup : "", first ? series.quantity : "", drift.step,
                        number(drift.ulp.largest), number(drift.ulp.median),
                        number(drift.relative.largest), number(drift.relative.median),
                        number(drift.rounding), number(drift.coefficients), number(drift.radius),
                        fraction(drift.closest));
  }
  return text;
}

}  // namespace

std::string table(const Run& run) {
  std::string text;
  std::vector<std::string> settings;
  for (const auto& [name, value] : run.hyperparameters)
    settings.push_back(fmt::format("{} = {}", name, value));
  text += fmt::format("\n{} ({}) on {}, {} parameters{}:\n  {}\n", run.rule, run.typed,
                      run.workload, run.parameters, run.closed_loop ? ", closed loop" : "",
                      fmt::join(settings, ", "));
  if (run.first_step != 1) text += fmt::format("the first step is counted as {}\n", run.first_step);
  if (run.interrupted) text += fmt::format("interrupted after {} steps\n", run.steps);
  if (run.before) text += fmt::format("{} at the start\n", score(*run.before));
  text += fmt::format(table_line, "", "", "after", "error,", "ulp", "error,", "relative", "share,",
                      "ulp", "radius,", "error,");
  text += fmt::format(table_line, "", "", "steps", "largest", "median", "largest", "median",
                      "rounding", "coeffs", "ulp", "of radius");
  for (const Reading& reading : run.readings) {
    std::string name = reading.setup.name();
    if (name.size() > 8) {
      text += fmt::format("{}\n", name);
      name.clear();
    }
    for (const Series& series : reading.series) {
      text += lines_of(series, name);
      name.clear();
    }
    for (const Series& series : reading.series)
      text += fmt::format("  {:7}{}\n         {}\n         {}{}\n         {}\n", series.quantity,
                          growth_of(series), digits_of(series), updates_of(series),
                          theorem_of(series), attribution_of(series));
    if (reading.after) text += fmt::format("  {} in the end\n", score(*reading.after));
  }
  if (!run.others.empty())
    text += fmt::format(
        "In proportion: float's theta is at most {} from exact. Others, exact and with its "
        "numbers:\n",
        number(run.float_drift));
  for (const Other& other : others_by_distance(run))
    text += fmt::format("  {:>10} away, {:>9} times that: {}\n", number(other.distance),
                        times_drift(run, other), fmt::join(other.conventions, ", "));
  return text;
}

}  // namespace truestep::drift
