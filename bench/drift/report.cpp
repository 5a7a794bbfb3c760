#include "report.hpp"

#include <truestep/fast/target.hpp>
#include <truestep/reference/real.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <type_traits>

namespace truestep::drift {
namespace {

using Json = nlohmann::ordered_json;

std::string reference_name() {
  return fmt::format(
      "{} decimal digits by {}", std::numeric_limits<reference::Real>::digits10,
      std::is_same_v<reference::Real, reference::BinaryReal> ? "Boost's cpp_bin_float" : "MPFR");
}

/// Three digits, more before the point. The reference's own digits end some 30 places below an ulp
/// of double, and what is seen there is not the kernel's.
std::string number(double x) {
  if (std::isnan(x)) return "-";
  if (x < 1e-20) return "0";
  return x >= 1e3 && x < 1e6 ? fmt::format("{:.0f}", x) : fmt::format("{:.3g}", x);
}

/// A part of 1, rounded down: no error within its radius looks like one that reached it.
std::string fraction(double x) {
  return x < 1 ? fmt::format("{:.3f}", std::floor(x * 1000) / 1000) : number(x);
}

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

/// The largest value of a figure of theta's last line, over the runs, in float or double.
template <class Figure>
double worst(std::span<const Run> runs, const std::string& precision, Figure figure) {
  double largest = 0;
  for (const Run& run : runs)
    for (const Series& series : run.series)
      if (series.precision == precision && series.quantity == "theta" && !series.updates)
        largest = std::max(largest, figure(series.drift.back()));
  return largest;
}

/// A share of n, which is none or all only where it is exactly that.
std::string percent(std::uint64_t part, std::uint64_t n) {
  if (part == 0 || part == n) return part == 0 ? "none" : "all";
  const double share = 100 * static_cast<double>(part) / static_cast<double>(n);
  return fmt::format("{:.3g} %", std::min(share, 99.9));
}

/// The series of a run in its emulated formats, one after the other.
std::span<const Series> emulated(const Run& run) {
  const auto first = std::find_if(run.series.begin(), run.series.end(),
                                  [](const Series& series) { return series.updates.has_value(); });
  return {first, run.series.end()};
}

Json out_of_range(const Run& run) {
  Json formats = Json::array();
  const auto series = emulated(run);
  for (std::size_t i = 0; i < run.out_of_range.size(); ++i)
    formats.push_back({{"format", series[i * series.size() / run.out_of_range.size()].precision},
                       {"underflows", run.out_of_range[i].underflows},
                       {"overflows", run.out_of_range[i].overflows}});
  return formats;
}

}  // namespace

std::string legend_of_formats() {
  return R"(
In a --format the rule's operations run one by one, each exact result rounded once. Coefficients and
starting point are rounded to nearest; the gradient is rounded as a result of an operation is, so that
its rounding counts as one. No radius is computed (-).

  lost       updates at which exact moved and the format's value stayed where it was
)";
}

std::string legend() {
  return fmt::format(
      R"(The float kernel of a rule trains a model. The gradients that it saw go through three runs of the rule:
the float kernel, the double kernel, and the formula in {} (exact).

  error      distance of the kernel from exact. An ulp is the spacing of the row's type at the exact
             value: near a zero crossing it is tiny, and the same distance many of them. A relative
             error above 1: exact is nearly 0, a state's often below the type's smallest number
  rounding   largest distance of the kernel from the exact run of its rounded coefficients: what its
             operations did
  coeffs     largest distance of that run from exact: what rounding the coefficients did
  radius     largest rigorous bound of the error, by running-error analysis of the kernel's operations
  of radius  largest error / radius of any coordinate after any step so far; above 1, the kernel, the
             formula or the bound is wrong

Largest and median are over coordinates. SIMD target {}.
)",
      reference_name(), fast::target());
}

std::string table(const Run& run) {
  std::string text;
  const auto out = std::back_inserter(text);
  std::vector<std::string> settings;
  for (const auto& [name, value] : run.hyperparameters)
    settings.push_back(fmt::format("{} = {}", name, value));
  fmt::format_to(out, "\n{} on {}, {} parameters: {}\n", run.rule, run.workload, run.parameters,
                 fmt::join(settings, ", "));
  fmt::format_to(out, "loss {:.3f} -> {:.3f}, accuracy {:.1f} % -> {:.1f} %\n", run.before.loss,
                 run.after.loss, 100 * run.before.accuracy, 100 * run.after.accuracy);
  // The first column is as wide as the longest precision asks.
  std::size_t width = 7;
  for (const Series& series : run.series) width = std::max(width, series.precision.size() + 1);
  fmt::format_to(out, "{:{}}{:>6} {:>18} {:>20} {:>20} {:>10} {:>10}\n", "", width + 7, "after",
                 "error, ulp", "error, relative", "largest share, ulp", "radius,", "error,");
  fmt::format_to(out, "{:{}}{:>6} {:>9}{:>9} {:>10}{:>10} {:>10}{:>10} {:>10} {:>10}\n", "",
                 width + 7, "steps", "largest", "median", "largest", "median", "rounding", "coeffs",
                 "ulp", "of radius");
  for (const Series& series : run.series)
    for (const Drift& drift : series.drift) {
      const bool first = &drift == &series.drift.front();
      fmt::format_to(out, "{:{}}{:7}{:>6} {:>9}{:>9} {:>10}{:>10} {:>10}{:>10} {:>10} {:>10}\n",
                     first ? series.precision : "", width, first ? series.quantity : "", drift.step,
                     number(drift.ulp.largest), number(drift.ulp.median),
                     number(drift.relative.largest), number(drift.relative.median),
                     number(drift.rounding), number(drift.coefficients), number(drift.radius),
                     fraction(drift.closest));
    }
  return text;
}

std::string finding(std::span<const Run> runs) {
  Checks checks;
  for (const Run& run : runs) checks += run.checks();
  std::string text = fmt::format("{}: after {} steps, on the worse workload,", runs.front().rule,
                                 runs.front().steps);
  const auto out = std::back_inserter(text);
  for (const std::string precision : {"float", "double"})
    fmt::format_to(out,
                   "{} {}'s theta is at most {} ulp (median {}) from exact, its coefficients alone "
                   "move it by {}",
                   precision == "float" ? "" : ";", precision,
                   number(worst(runs, precision, [](const Drift& d) { return d.ulp.largest; })),
                   number(worst(runs, precision, [](const Drift& d) { return d.ulp.median; })),
                   number(worst(runs, precision, [](const Drift& d) { return d.coefficients; })));
  fmt::format_to(out, "; ");
  if (checks.passed())
    fmt::format_to(out, "all {} errors stayed within their radius, the closest at {} of it",
                   count(checks.compared), fraction(checks.closest));
  else
    fmt::format_to(out,
                   "FAILED: {} of {} errors left their radius{}; {} radii were not centred on the "
                   "kernel's result",
                   count(checks.exceeded), count(checks.compared), first_violation(runs),
                   count(checks.other_bits));
  if (checks.unbounded > 0)
    fmt::format_to(out, "; {} had no finite radius and say nothing", count(checks.unbounded));
  return text + ".";
}

std::string finding(std::span<const Run> runs, const Emulation& emulation, std::size_t index) {
  const std::size_t quantities = emulated(runs.front()).size() / runs.front().out_of_range.size();
  std::vector<std::string> names, lost, not_finite;
  Spread relative{0, 0};
  for (std::size_t quantity = 0; quantity < quantities; ++quantity) {
    Updates updates;
    for (const Run& run : runs) {
      const Series& series = emulated(run)[index * quantities + quantity];
      updates += *series.updates;
      if (quantity > 0) continue;
      relative.largest = std::max(relative.largest, series.drift.back().relative.largest);
      relative.median = std::max(relative.median, series.drift.back().relative.median);
    }
    const auto& name = emulated(runs.front())[quantity].quantity;
    lost.push_back(fmt::format("{} of {}'s", percent(updates.lost, updates.exact), name));
    if (updates.not_finite > 0)
      not_finite.push_back(
          fmt::format("{} of {}'s", percent(updates.not_finite, updates.values), name));
  }
  OutOfRange out_of_range;
  for (const Run& run : runs) out_of_range += run.out_of_range[index];

  std::string text = fmt::format(
      "{} in {}: of the updates in {} steps on {} workloads, {} were lost", runs.front().rule,
      emulation.format.name, runs.front().steps, runs.size(), fmt::join(lost, ", "));
  const auto out = std::back_inserter(text);
  if (!not_finite.empty())
    fmt::format_to(out, "; of the values, {} were infinite or NaN", fmt::join(not_finite, ", "));
  fmt::format_to(
      out,
      "; in the end theta's relative error is at most {} (median {}) on the worse workload; {} "
      "operations underflowed, {} overflowed.",
      number(relative.largest), number(relative.median), count(out_of_range.underflows),
      count(out_of_range.overflows));
  return text;
}

std::string json(std::span<const Run> runs, std::uint64_t steps,
                 std::span<const Emulation> emulations, const std::string& rerun) {
  const auto spread = [](const Spread& s) {
    return Json{{"largest", s.largest}, {"median", s.median}};
  };
  Json all_runs = Json::array(), findings = Json::object();
  bool passed = true;
  for (const Run& run : runs) {
    passed = passed && run.checks().passed();
    Json quantities = Json::array();
    for (const Series& series : run.series) {
      Json drift = Json::array();
      for (const Drift& d : series.drift)
        drift.push_back({{"step", d.step},
                         {"error_ulp", spread(d.ulp)},
                         {"error_relative", spread(d.relative)},
                         {"rounding_ulp", d.rounding},
                         {"coefficients_ulp", d.coefficients},
                         {"radius_ulp", d.radius},
                         {"error_over_radius", d.closest}});
      Json first;
      if (const auto& violation = series.checks.first)
        first = {{"step", violation->step},
                 {"coordinate", violation->coordinate},
                 {"error_ulp", violation->error},
                 {"radius_ulp", violation->radius}};
      Json quantity{
          {"precision", series.precision}, {"quantity", series.quantity}, {"drift", drift}};
      if (const auto& updates = series.updates)
        quantity["updates"] = {{"exact", updates->exact},
                               {"lost", updates->lost},
                               {"values", updates->values},
                               {"not_finite", updates->not_finite}};
      else
        quantity["checks"] = {{"compared", series.checks.compared},
                              {"unbounded", series.checks.unbounded},
                              {"exceeded", series.checks.exceeded},
                              {"other_bits", series.checks.other_bits},
                              {"first", first}};
      quantities.push_back(quantity);
    }
    Json hyperparameters = Json::object();
    for (const auto& [name, value] : run.hyperparameters) hyperparameters[name] = value;
    all_runs.push_back(
        {{"rule", run.rule},
         {"workload", run.workload},
         {"parameters", run.parameters},
         {"hyperparameters", hyperparameters},
         {"loss", {{"before", run.before.loss}, {"after", run.after.loss}}},
         {"accuracy", {{"before", run.before.accuracy}, {"after", run.after.accuracy}}},
         {"quantities", quantities}});
    if (!emulations.empty()) all_runs.back()["formats"] = out_of_range(run);
  }
  for (auto from = runs.begin(); from != runs.end();) {
    const auto to =
        std::find_if(from, runs.end(), [&](const Run& run) { return run.rule != from->rule; });
    findings[from->rule] = finding({from, to});
    for (std::size_t i = 0; i < emulations.size(); ++i)
      findings[from->rule + " in " + emulations[i].format.name] =
          finding({from, to}, emulations[i], i);
    from = to;
  }
  Json object{{"passed", passed},
              {"steps", steps},
              {"rerun", rerun},
              {"reference", reference_name()},
              {"simd_target", fast::target()},
              {"runs", all_runs},
              {"findings", findings}};
  if (!emulations.empty()) {
    const Emulation& any = emulations.front();
    object["emulation"] = {{"rounding", rounding_names[static_cast<std::size_t>(any.rounding)]},
                           {"saturate", any.format.saturates},
                           {"seed", any.seed}};
  }
  return object.dump(2) + "\n";
}

}  // namespace truestep::drift
