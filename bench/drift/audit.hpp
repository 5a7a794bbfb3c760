#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rounded.hpp"
#include "workload.hpp"

namespace truestep::drift {

/// Over the coordinates of a quantity.
struct Spread {
  double largest, median;
};

/// An error outside its rigorous radius, both in ulp.
struct Violation {
  std::string precision, quantity;
  std::uint64_t step;
  std::size_t coordinate;
  double error, radius;
};

/// What came of comparing every coordinate after every step.
struct Checks {
  std::uint64_t compared = 0;    ///< errors that had a finite radius to stay within
  std::uint64_t unbounded = 0;   ///< errors without one: an operation overflowed
  std::uint64_t exceeded = 0;    ///< errors that left their radius
  std::uint64_t other_bits = 0;  ///< centres of a radius that were not the kernel's own result
  double closest = 0;            ///< largest quotient of an error and its radius
  std::optional<Violation> first;

  bool passed() const { return exceeded == 0 && other_bits == 0; }
  Checks& operator+=(const Checks& other);
};

/// A format in which the lane runs beside the kernels.
struct Emulation {
  Format format;
  Rounding rounding = Rounding::nearest_even;
  std::uint64_t seed = 0;  ///< of stochastic rounding
};

/// What became of a quantity's updates in an emulated format, over all coordinates and steps.
struct Updates {
  std::uint64_t exact = 0;       ///< moves of the exact quantity
  std::uint64_t lost = 0;        ///< those at which the format's value, being finite, did not move
  std::uint64_t values = 0;      ///< results
  std::uint64_t not_finite = 0;  ///< those that are infinite or NaN

  Updates& operator+=(const Updates& other);
};

/// Results of a format's operations that were out of its range.
struct OutOfRange {
  std::uint64_t underflows = 0, overflows = 0;

  OutOfRange& operator+=(const OutOfRange& other);
};

/// How far a quantity is from the exact run after some steps. An ulp is that of the quantity's
/// precision at the exact value.
struct Drift {
  std::uint64_t step;
  Spread ulp, relative;
  double rounding;      ///< largest error in ulp against the exact run of the rounded coefficients
  double coefficients;  ///< largest difference in ulp that rounding the coefficients alone makes
  double radius;        ///< largest rigorous radius in ulp; NaN in an emulated format
  double closest;       ///< largest quotient of an error and its radius at any step so far; or NaN
};

/// One quantity (theta or a state) in one precision.
struct Series {
  std::string precision, quantity;
  std::vector<Drift> drift;
  Checks checks;
  std::optional<Updates> updates;  ///< of an emulated format
};

/// One rule on one workload.
struct Run {
  std::string rule, workload;
  std::vector<std::pair<std::string, double>> hyperparameters;
  std::size_t parameters;
  std::uint64_t steps;
  Classifier::Score before, after;       ///< of the float kernel's parameters
  std::vector<Series> series;            ///< of float, double, then each emulated format
  std::vector<OutOfRange> out_of_range;  ///< of each emulated format

  /// Of all series.
  Checks checks() const;
};

std::vector<std::string> rule_names();

/// Called now and then with the number of steps done.
using Progress = std::function<void(std::uint64_t)>;

/// Trains `model` by the float kernel of `rule`, and feeds the very gradients that it saw to the
/// float kernel, the double kernel and the reference, so that what differs is the rule's own
/// arithmetic (open loop). Reports after 1, 10, 100, ... steps and after the last.
///
/// In an emulated format the lane starts at the nearest point, has each coefficient rounded to
/// nearest once, and rounds the gradient like the result of an operation.
///
/// @param rule  one of rule_names()
Run audit(std::string_view rule, const Classifier& model, std::span<const Digit> digits,
          std::uint64_t steps, std::span<const Emulation> emulations, const Progress& progress);

}  // namespace truestep::drift
