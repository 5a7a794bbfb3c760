// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "format.hpp"

#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "beginning.hpp"
#include "truth_row.hpp"

namespace truestep::drift {

using proofs::Certified;
using reference::Real;

template <class Rule>
using Formula = typename Rule::template Formula<Real>;

/// A rule's quantities are numbered: 0 is theta, then its states. What a convention has is known at
/// run time, so that an audit is compiled once for a rule, whatever its lanes.
template <class Rule>
constexpr std::size_t most_quantities =
    1 + Rule::template states<Real>.size() + Rule::template further_states<Real>.size();

template <class Rule>
std::size_t quantities(const typename Rule::Hyperparameters& h) {
  return 1 + rules::states_of<Rule, Real>(h).size();
}

template <class Rule>
const char* quantity_name(const typename Rule::Hyperparameters& h, std::size_t quantity) {
  return quantity == 0 ? "theta" : rules::states_of<Rule, Real>(h)[quantity - 1].name;
}

/// The states before the first step, in the lane's order.
template <class Rule>
std::vector<double> start_of(const typename Rule::Hyperparameters& h) {
  const auto start = Formula<Rule>::start(h);
  std::vector<double> values;
  for (const auto& state : rules::states_of<Rule, Real>(h))
    values.push_back(static_cast<double>(start.*state.member));
  return values;
}

/// Whether the rule wants its gradient elsewhere than at theta.
template <class Hyperparameters>
bool looks_ahead(const Hyperparameters& h) {
  if constexpr (requires { h.nesterov; }) return h.nesterov == fast::NesterovForm::look_ahead;
  return false;
}

/// The formula in 50 digits at each step; those that were made are kept, up to a number of steps,
/// because powers of t cost more than a step.
template <class Rule>
class RealFormulas {
 public:
  explicit RealFormulas(const typename Rule::Hyperparameters& h) : h_(h) {}

  Formula<Rule> at(std::uint64_t t) const {
    constexpr std::size_t most = 10'000;
    {
      const std::scoped_lock lock(mutex_);
      const auto known = made_.find(t);
      if (known != made_.end()) return known->second;
    }
    auto formula = Rule::template formula<Real>(h_, t);
    const std::scoped_lock lock(mutex_);
    if (made_.size() < most) made_.emplace(t, formula);
    return formula;
  }

 private:
  typename Rule::Hyperparameters h_;
  mutable std::mutex mutex_;
  mutable std::map<std::uint64_t, Formula<Rule>> made_;
};

/// The gradients of an open loop that runs have seen, for columns that are run again.
class Past {
 public:
  Past() = default;
  Past(const Past&) = delete;
  Past& operator=(const Past&) = delete;
  virtual ~Past() = default;

  /// @param index  of the step, 0 for the first
  virtual double gradient(std::uint64_t index, std::size_t coordinate) const = 0;
};

/// What a run in 50 digits from the start needs.
template <class Rule>
struct Again {
  std::shared_ptr<const RealFormulas<Rule>> formulas;
  std::shared_ptr<const Past> past;
  std::uint64_t first_step = 1;
};

/// At most row_size coordinates under the formula: in certified double-doubles, and in 50 digits
/// where their certificate does not suffice, coordinate by coordinate.
///
/// Such a coordinate is run again from the start, and stays in 50 digits. Whoever reads the others
/// has to see that their radius leaves no doubt about the answer, or `demand` them.
template <class Rule>
class ExactRun {
 public:
  enum Moved : unsigned char { no, yes, unknown };
  using CertifiedFormula = typename Rule::template Formula<TruthRow>;

  /// @param again  for an open loop; a run without it is one in 50 digits
  ExactRun(const typename Rule::Hyperparameters& h, std::size_t first_coordinate,
           const Beginning& initial, std::optional<Again<Rule>> again = {})
      : looks_ahead_(looks_ahead(h)),
        first_(first_coordinate),
        count_(initial.size()),
        initial_(initial.theta().begin(), initial.theta().end()),
        start_(Formula<Rule>::start(h)),
        again_(std::move(again)),
        theta_(TruthRow::of(initial_)),
        state_(CertifiedFormula::start(h)) {
    for (const auto& state : rules::states_of<Rule, Real>(h)) members_.push_back(state.member);
    for (const auto& state : rules::states_of<Rule, TruthRow>(h)) rows_.push_back(state.member);
    for (std::size_t state = 0; state < rows_.size(); ++state) {
      (state_.*rows_[state]).own_row();
      if (!initial.has_states()) continue;
      states_.push_back(initial.state(state, 0));
      state_.*rows_[state] = TruthRow::of(states_.back());
    }
    if (!again_)
      for (std::size_t i = 0; i < count_; ++i) real_.emplace(i, beginning(i));
    for (const auto& [i, coordinate] : real_) remember(i, coordinate);
  }

  /// A step of an open loop.
  void step(const CertifiedFormula& formula, std::span<const double> gradient) {
    ++steps_;
    std::vector<TruthRow> before;
    for (std::size_t quantity = 0; quantity <= rows_.size(); ++quantity)
      before.push_back(row(quantity));
    const auto now = formula.step(theta_, state_, TruthRow::of(gradient));
    theta_ = now.theta;
    state_ = now;
    for (std::size_t quantity = 0; quantity <= rows_.size(); ++quantity) {
      own(quantity);
      for (std::size_t i = 0; i < count_; ++i)
        moved_[quantity][i] = moved(before[quantity].at(i), row(quantity).at(i));
    }
    for (std::size_t i = 0; i < count_; ++i)
      path_[i] += std::fabs(high(0)[i] - before[0].row().high[i]);
    if (real_.empty()) return;
    const auto of_step = again_->formulas->at(again_->first_step + steps_ - 1);
    for (auto& [i, coordinate] : real_) {
      step_one(coordinate, i, of_step, Real(gradient[i]));
      remember(i, coordinate);
    }
  }

  /// A step in 50 digits.
  void step(const Formula<Rule>& formula, std::span<const Real> gradient) {
    for (auto& [i, coordinate] : real_) {
      step_one(coordinate, i, formula, gradient[i]);
      remember(i, coordinate);
    }
  }

  const double* high(std::size_t quantity) const { return row(quantity).row().high.data(); }
  const double* low(std::size_t quantity) const { return row(quantity).row().low.data(); }
  const double* radius(std::size_t quantity) const { return row(quantity).row().radius.data(); }

  bool is_real(std::size_t i) const { return real_.find(i) != real_.end(); }
  bool any_is_real() const { return !real_.empty(); }
  std::size_t in_digits() const { return real_.size(); }

  Real at(std::size_t quantity, std::size_t i) const {
    const auto found = real_.find(i);
    if (found == real_.end()) return Real(row(quantity).at(i));
    return quantity == 0 ? found->second.theta : found->second.state.*members_[quantity - 1];
  }
  double nearest(std::size_t quantity, std::size_t i) const { return high(quantity)[i]; }

  /// The largest of how large theta began, how large it is, and how far its steps have carried it
  /// one after another: who never moved, or is 0, is off by no more.
  double reach(std::size_t i) const {
    return std::max({std::fabs(initial_[i]), std::fabs(high(0)[i]), path_[i]});
  }

  /// Whether the last step changed it.
  Moved moved(std::size_t quantity, std::size_t i) const { return moved_[quantity][i]; }

  /// Runs a coordinate in 50 digits from now on.
  void demand(std::size_t i) {
    if (is_real(i)) return;
    auto coordinate = beginning(i);
    for (std::uint64_t index = 0; index < steps_; ++index)
      step_one(coordinate, i, again_->formulas->at(again_->first_step + index),
               Real(again_->past->gradient(index, first_ + i)));
    remember(i, coordinate);
    real_.emplace(i, std::move(coordinate));
  }

  /// Where the rule wants its gradient, in a closed loop.
  Real gradient_point(const Formula<Rule>& formula, std::size_t i) const {
    const auto& coordinate = real_.at(i);
    if constexpr (requires { formula.look_ahead(coordinate.theta, coordinate.state); })
      if (looks_ahead_) return formula.look_ahead(coordinate.theta, coordinate.state);
    return coordinate.theta;
  }

 private:
  struct Coordinate {
    Real theta;
    typename Formula<Rule>::State state;
    double path = 0;  ///< how far theta's steps have carried it
  };

  Coordinate beginning(std::size_t i) const {
    Coordinate coordinate{Real(initial_[i]), start_};
    for (std::size_t state = 0; state < states_.size(); ++state)
      coordinate.state.*members_[state] = Real(states_[state][i]);
    return coordinate;
  }

  const TruthRow& row(std::size_t quantity) const {
    return quantity == 0 ? theta_ : state_.*rows_[quantity - 1];
  }
  TruthRow::Node& own(std::size_t quantity) {
    return (quantity == 0 ? theta_ : state_.*rows_[quantity - 1]).own_row();
  }

  /// A number whose radius did not grow with it has met nothing but exact zeros, as every other
  /// operation adds to the radius.
  static Moved moved(const Certified& before, const Certified& now) {
    if (before == now && before.radius == now.radius && std::isfinite(now.radius)) return no;
    const double distance = std::fabs((now.high - before.high) + (now.low - before.low));
    return distance > (before.radius + now.radius) * (1 + 0x1p-40) ? yes : unknown;
  }

  void step_one(Coordinate& coordinate, std::size_t i, const Formula<Rule>& formula,
                const Real& gradient) {
    const auto now = formula.step(coordinate.theta, coordinate.state, gradient);
    moved_[0][i] = coordinate.theta != now.theta ? yes : no;
    for (std::size_t quantity = 1; quantity <= members_.size(); ++quantity) {
      const auto member = members_[quantity - 1];
      moved_[quantity][i] = coordinate.state.*member != now.*member ? yes : no;
    }
    coordinate.path += static_cast<double>(Real(abs(now.theta - coordinate.theta)));
    coordinate.theta = now.theta;
    coordinate.state = now;
  }

  /// The rows have what a coordinate is in 50 digits, as near as they can.
  void remember(std::size_t i, const Coordinate& coordinate) {
    for (std::size_t quantity = 0; quantity <= members_.size(); ++quantity) {
      const Real& exact =
          quantity == 0 ? coordinate.theta : coordinate.state.*members_[quantity - 1];
      TruthRow::Node& node = own(quantity);
      node.high[i] = static_cast<double>(exact);
      node.low[i] = static_cast<double>(Real(exact - node.high[i]));
      node.radius[i] = 0x1p-104 * std::fabs(node.high[i]);
    }
    path_[i] = coordinate.path;
  }

  bool looks_ahead_;
  std::size_t first_, count_;
  std::vector<double> initial_;
  std::vector<std::vector<double>> states_;  ///< that it begins with, if not as the rule says
  typename Formula<Rule>::State start_;
  std::optional<Again<Rule>> again_;
  std::vector<Real Formula<Rule>::State::*> members_;
  std::vector<TruthRow CertifiedFormula::State::*> rows_;
  TruthRow theta_;
  typename CertifiedFormula::State state_;
  std::uint64_t steps_ = 0;
  std::array<double, row_size> path_{};  ///< how far theta's steps have carried it
  std::array<std::array<Moved, row_size>, most_quantities<Rule>> moved_{};
  std::map<std::size_t, Coordinate> real_;
};

/// Infinite where there is none, as between two infinities; else rounded once.
inline long double distance(double a, const Real& b) {
  const auto d = static_cast<long double>(Real(abs(a - b)));
  return std::isnan(d) ? std::numeric_limits<long double>::infinity() : d;
}

/// The spacing of the format's numbers at x; below a power of two where its low part says so.
inline double ulp(const Format& format, const Certified& x) {
  int exponent = format.least_exponent;
  if (x.high != 0) {
    const double fraction = std::frexp(x.high, &exponent);
    exponent -= 1 + static_cast<int>(std::fabs(fraction) == 0.5 && x.low != 0 &&
                                     std::signbit(x.low) != std::signbit(x.high));
  }
  return std::ldexp(1.0, format.spacing(exponent));
}

/// No distance is 0 of anything, an infinite one infinitely many.
inline double in_units_of(double unit, double distance) {
  return distance == 0 || std::isinf(distance) ? distance : distance / unit;
}

}  // namespace truestep::drift
