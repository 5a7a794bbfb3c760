// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "replay.hpp"

/// The numbers that a run was made with, as far as they are not given.
namespace truestep::identify {

/// Where f is least in [low, high], by golden section, to 10^-8 of the interval.
template <class Function>
double least_between(double low, double high, const Function& f) {
  const double golden = (std::sqrt(5.0) - 1) / 2;
  double left = high - golden * (high - low), right = low + golden * (high - low);
  double at_left = f(left), at_right = f(right);
  for (int i = 0; i < 40; ++i)
    if (at_left < at_right) {
      high = right, right = left, at_right = at_left;
      left = high - golden * (high - low), at_left = f(left);
    } else {
      low = left, left = right, at_left = at_right;
      right = low + golden * (high - low), at_right = f(right);
    }
  return low + (high - low) / 2;
}

/// The learning rates that the run allows, as far as it allows any.
struct Rates {
  Wide low = 0, high = std::numeric_limits<Wide>::infinity();
  bool fit = true;  ///< one of them all the way

  /// Narrowed to the rates whose step is `move`, within `noise`, at `size` per unit of rate, within
  /// `radius`; unchanged, and no fit, if there are none.
  void narrow(Wide move, Wide noise, Wide size, Wide radius) {
    if (!(std::fabs(size) > radius) || !fit) return;
    const Wide along = std::signbit(size) ? -move : move;
    const Wide least = std::max(low, (along - noise) / (std::fabs(size) + radius));
    const Wide most = std::min(high, (along + noise) / (std::fabs(size) - radius));
    fit = least <= most;
    if (fit) low = least, high = most;
  }
};

/// Every rule is linear in its learning rate, so that one replay tells what each rate would do. At
/// any rate, the radius is at most that much of the radius at rate 1 and two roundings of theta.
template <class Rule, class T>
Rates allowed_rates(Numbers<Rule> h, const Record& run) {
  constexpr double unit = 0.1;  // not a float, so that its rounding is in the radius
  constexpr Wide u = std::numeric_limits<T>::epsilon() / 2;
  h.learning_rate = unit;
  Rates rates;
  Replay<Rule, AnyOrder<T>> replay(h, run.coordinates);
  for (std::size_t t = 1; t <= run.steps && rates.fit; ++t)
    replay.step(run, t, [&](std::size_t i, const auto& theta) {
      const Wide before = run.parameters[(t - 1) * run.coordinates + i];
      const Wide after = run.parameters[t * run.coordinates + i];
      if (theta.bounded())
        rates.narrow(after - before,
                     2 * u * std::fabs(before) + proofs::half_ulp(static_cast<T>(after)),
                     (theta.value - before) / unit, theta.radius / unit);
    });
  return rates;
}

template <class Rule>
Rates allowed_rates(const Numbers<Rule>& h, const Record& run) {
  return run.in_double ? allowed_rates<Rule, double>(h, run) : allowed_rates<Rule, float>(h, run);
}

/// Values are tried on so many coordinates before they are on all.
inline constexpr std::size_t searched_coordinates = 16;

/// Whether a number of the rule is tried at other values than the default; a learning rate is
/// fitted.
inline bool is_sought(const std::string& name, const settings::Given& known) {
  return name != "learning_rate" && !known.contains(name);
}

inline const std::vector<double>& customary(const std::string& name) {
  static const std::vector<double> weights{0.9, 0.99, 0.999, 0.95, 0, 0.98, 0.5, 0.9999, 0.8};
  static const std::vector<double> epsilons{1e-8, 1e-7,  1e-6,  1e-10, 1e-5, 1e-4, 1e-3,
                                            0,    1e-12, 1e-11, 1e-9,  1e-2, 0.1,  1};
  return name == "epsilon" ? epsilons : weights;
}

/// What a convention makes of the run at the numbers that suit it best.
template <class Rule>
struct Attempt {
  Numbers<Rule> h;
  Outcome outcome;
  std::vector<std::string> estimated = {};  ///< names of the numbers that are not the default

  bool better_than(const Attempt& other) const {
    if (outcome.first.has_value() != other.outcome.first.has_value()) return !outcome.first;
    if (!outcome.first) return false;
    const auto rank = [](const Place& at) { return std::pair(at.step, -at.excess); };
    return rank(*outcome.first) > rank(*other.outcome.first);
  }
};

/// Looks for the numbers that are not given.
template <class Rule>
class Search {
 public:
  Search(const Numbers<Rule>& defaults, const Record& run, const settings::Given& known)
      : run_(run),
        few_(some_coordinates(run, searched_coordinates)),
        best_{defaults, replayed<Rule>(defaults, run)} {
    rate_missing_ = !known.contains("learning_rate");
    for (const auto& [name, member] : Rule::hyperparameters)
      if (is_sought(name, known)) missing_.push_back(name);
  }

  Attempt<Rule> best() {
    if (!best_.outcome.first) return best_;
    try_at(best_.h, {});
    if (found()) return best_;
    customary_values(best_.h, 0, {});
    for (std::size_t i = 0; !found() && i < missing_.size(); ++i) refine(missing_[i]);
    return best_;
  }

 private:
  bool found() const { return !best_.outcome.first; }

  /// The numbers with the learning rate fitted, if that is missing and the few coordinates allow.
  std::optional<Numbers<Rule>> with_rate(Numbers<Rule> h, const Record& run) const {
    if (!rate_missing_) return h;
    const Rates rates = allowed_rates<Rule>(h, run);
    if (std::isinf(rates.high) || !(rates.high > 0)) return {};
    h.learning_rate =
        shortest_between(static_cast<double>(rates.low), static_cast<double>(rates.high));
    return h;
  }

  void try_at(const Numbers<Rule>& h, std::vector<std::string> changed) {
    const auto complete = with_rate(h, run_);
    if (!complete) return;
    if (rate_missing_) changed.push_back("learning_rate");
    const Attempt<Rule> attempt{*complete, replayed<Rule>(*complete, run_), changed};
    if (attempt.better_than(best_)) best_ = attempt;
  }

  bool fits_few(const Numbers<Rule>& h) const {
    return rate_missing_ ? allowed_rates<Rule>(h, few_).fit : !replayed<Rule>(h, few_).first;
  }

  /// All combinations of the customary values of what is missing, its default first.
  void customary_values(const Numbers<Rule>& h, std::size_t i,
                        const std::vector<std::string>& changed) {
    if (found()) return;
    if (i == missing_.size()) {
      if (fits_few(h)) try_at(h, changed);
      return;
    }
    customary_values(h, i + 1, changed);
    auto with_this = changed;
    with_this.push_back(missing_[i]);
    for (const double value : customary(missing_[i])) {
      Numbers<Rule> other = h;
      *number<Rule>(other, missing_[i]) = value;
      customary_values(other, i + 1, with_this);
    }
  }

  /// How far the few coordinates are from the run, at the learning rate that their beginning has.
  double misfit(const Numbers<Rule>& h) const {
    const auto complete = with_rate(h, few_);
    if (!complete) return std::numeric_limits<double>::infinity();
    return replayed<Rule>(*complete, few_, Extent::whole_run).worst.excess;
  }

  /// Seeks one number x on the scale of -log x, or of -log (1 - x) for a weight, first in steps,
  /// then by golden section about the best; then takes the shortest decimal near it that agrees.
  void refine(const std::string& name) {
    const bool weight = name != "epsilon";
    const auto at = [&](double scaled) {
      Numbers<Rule> h = best_.h;
      *number<Rule>(h, name) = weight ? -std::expm1(-scaled) : std::exp(-scaled);
      return h;
    };
    constexpr double step = 0.25, last_weight = 12, last_epsilon = 30;
    double best = 0, least = std::numeric_limits<double>::infinity();
    for (double scaled = step; scaled < (weight ? last_weight : last_epsilon); scaled += step)
      if (const double here = misfit(at(scaled)); here < least) least = here, best = scaled;
    if (best == 0) return;
    const double scaled =
        least_between(best - step, best + step, [&](double x) { return misfit(at(x)); });
    Numbers<Rule> h = at(scaled);
    const double value = *number<Rule>(h, name);
    for (int digits = 1; digits <= 17 && !found(); ++digits) {
      const double decimal = rounded(value, digits);
      *number<Rule>(h, name) = decimal;
      if (!(weight && decimal >= 1) && fits_few(h)) try_at(h, {name});
    }
  }

  const Record& run_;
  Record few_;
  Attempt<Rule> best_;
  bool rate_missing_;
  std::vector<std::string> missing_;
};

/// The customary values of a number, other than the one taken, that some coordinates allow as well.
template <class Rule>
std::vector<std::string> alternatives(const Numbers<Rule>& h, const std::string& name,
                                      const Record& few) {
  std::vector<std::string> others;
  for (const double value : customary(name)) {
    Numbers<Rule> other = h;
    double& at = *number<Rule>(other, name);
    if (at == value) continue;
    at = value;
    if (!replayed<Rule>(other, few).first) others.push_back(shortest(value));
  }
  return others;
}

}  // namespace truestep::identify
