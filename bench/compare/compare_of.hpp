// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "compare.hpp"

#include <truestep/reference/real.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "runs/parallel.hpp"
#include "runs/float_formula.hpp"
#include "runs/equations.hpp"

namespace truestep::compare {

using reference::Real;

template <class Rule, class Number>
using Formula = typename Rule::template Formula<Number>;

/// A coordinate before step 1, or after a step.
template <class Rule, class Number>
using Point = typename Formula<Rule, Number>::Step;

template <class Rule, class Number>
Point<Rule, Number> start(const typename Rule::Hyperparameters& h, float theta) {
  Point<Rule, Number> point{};
  static_cast<typename Formula<Rule, Number>::State&>(point) = Formula<Rule, Number>::start(h);
  point.theta = Number(theta);
  return point;
}

template <class Rule>
Point<Rule, Float> start_in_float(const typename Rule::Hyperparameters& h, float theta) {
  auto point = start<Rule, Float>(h, theta);
  for (const auto& [name, member, state] : Rule::template Formula<Float>::quantities)
    point.*member = Float::data((point.*member).value());
  return point;
}

inline double distance(const Real& a, const Real& b) {
  if (isnan(a) && isnan(b)) return 0;
  const auto d = static_cast<double>(Real(abs(a - b)));
  return std::isnan(d) ? std::numeric_limits<double>::infinity() : d;
}

/// How far the two, and float, are from the first's exact value, whose size is the last member.
struct Sample {
  double between = 0, rounding = 0, size = 0;

  Sample() = default;
  Sample(const Real& first, const Real& second, float in_float)
      : between(distance(first, second)),
        rounding(distance(first, in_float)),
        size(static_cast<double>(Real(abs(first)))) {}
};

/// The first description in float, all coordinates.
template <class Rule>
class FloatRun {
 public:
  FloatRun(const typename Rule::Hyperparameters& h, std::span<const float> initial) : h_(h) {
    for (const float theta : initial) points_.push_back(start_in_float<Rule>(h, theta));
  }

  std::vector<float> gradient_point(std::uint64_t t) const {
    const auto formula = Rule::template formula<Float>(h_, t);
    std::vector<float> result;
    for (const auto& point : points_) result.push_back(asked_at(formula, point).value());
    return result;
  }

  void step(std::uint64_t t, std::span<const float> gradient) {
    const auto formula = Rule::template formula<Float>(h_, t);
    for (std::size_t i = 0; i < points_.size(); ++i)
      points_[i] = formula.step(points_[i].theta, points_[i], Float::data(gradient[i]));
  }

  std::vector<float> all(std::size_t quantity) const {
    const auto member = Rule::template Formula<Float>::quantities[quantity].member;
    std::vector<float> result;
    for (const auto& point : points_) result.push_back((point.*member).value());
    return result;
  }

 private:
  Float asked_at(const Formula<Rule, Float>& formula, const Point<Rule, Float>& point) const {
    if constexpr (requires { h_.nesterov; })
      if (h_.nesterov == fast::NesterovForm::look_ahead)
        return formula.look_ahead(point.theta, point);
    return point.theta;
  }

  typename Rule::Hyperparameters h_;
  std::vector<Point<Rule, Float>> points_;
};

/// What a step of all coordinates is compared with, and made of.
template <class Rule>
struct Recorded {
  Formula<Rule, Real> first, second;
  std::vector<float> gradient;
  std::vector<std::vector<float>> in_float;  ///< of each quantity that is compared
};

/// Some coordinates, exactly. Given its gradients a coordinate depends on no other, so that blocks
/// run on as many threads as there are.
template <class Rule>
class Block {
 public:
  static constexpr std::size_t size = 64;

  Block(const typename Rule::Hyperparameters& first, const typename Rule::Hyperparameters& second,
        std::span<const float> initial, std::size_t begin, const std::vector<std::size_t>& compared)
      : begin_(begin), compared_(compared) {
    for (std::size_t i = begin; i < std::min(begin + size, initial.size()); ++i) {
      first_.push_back(start<Rule, Real>(first, initial[i]));
      second_.push_back(start<Rule, Real>(second, initial[i]));
    }
  }

  void run(const std::vector<Recorded<Rule>>& steps) {
    largest_.assign(steps.size(), std::vector<Sample>(compared_.size()));
    for (std::size_t t = 0; t < steps.size(); ++t) {
      step(steps[t]);
      for (std::size_t q = 0; q < compared_.size(); ++q)
        for (const Sample& sample : samples_[q]) enlarge(largest_[t][q], sample);
    }
  }

  /// After the last step.
  const std::vector<Sample>& samples(std::size_t q) const { return samples_[q]; }
  /// After a step of the last run.
  const Sample& largest(std::size_t t, std::size_t q) const { return largest_[t][q]; }

  static void enlarge(Sample& largest, const Sample& by) {
    largest.between = std::max(largest.between, by.between);
    largest.rounding = std::max(largest.rounding, by.rounding);
  }

 private:
  void step(const Recorded<Rule>& with) {
    const auto all = Rule::template Formula<Real>::quantities;
    samples_.assign(compared_.size(), std::vector<Sample>(first_.size()));
    for (std::size_t i = 0; i < first_.size(); ++i) {
      const Real g = with.gradient[begin_ + i];
      first_[i] = with.first.step(first_[i].theta, first_[i], g);
      second_[i] = with.second.step(second_[i].theta, second_[i], g);
      for (std::size_t q = 0; q < compared_.size(); ++q) {
        const auto member = all[compared_[q]].member;
        samples_[q][i] =
            Sample(first_[i].*member, second_[i].*member, with.in_float[q][begin_ + i]);
      }
    }
  }

  std::size_t begin_;
  std::vector<std::size_t> compared_;
  std::vector<Point<Rule, Real>> first_, second_;
  std::vector<std::vector<Sample>> samples_, largest_;
};

inline Spread spread(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return {*std::max_element(middle, values.end()), *middle};
}

/// The spacing of floats at a number of this size.
inline double ulp(double size) {
  using Limits = std::numeric_limits<float>;
  int exponent = Limits::min_exponent;
  if (size != 0) std::frexp(size, &exponent);
  return std::ldexp(1.0, std::max(exponent, Limits::min_exponent) - Limits::digits);
}

inline Distance distances(const std::vector<Sample>& samples, double Sample::*member) {
  std::vector<double> absolute, relative, ulps;
  for (const Sample& sample : samples) {
    const double d = sample.*member;
    absolute.push_back(d);
    relative.push_back(d == 0 ? 0 : d / sample.size);
    ulps.push_back(d / ulp(sample.size));
  }
  return {spread(absolute), spread(relative), spread(ulps)};
}

/// The next step after which to report: 1, 2 or 5 times a power of ten, or the last.
inline std::uint64_t next_report(std::uint64_t done, std::uint64_t last) {
  for (std::uint64_t power = 1;; power *= 10)
    for (const std::uint64_t digit : {1u, 2u, 5u})
      if (digit * power > done) return std::min(digit * power, last);
}

inline bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Which quantities to compare: theta, then the states that both have in one unit.
template <class Rule>
std::vector<std::size_t> compared(const typename Rule::Hyperparameters& first,
                                  const typename Rule::Hyperparameters& second,
                                  std::vector<std::string>& not_comparable) {
  const auto all = Rule::template Formula<Real>::quantities;
  const auto of_first = equations_of<Rule>(first).states,
             of_second = equations_of<Rule>(second).states;
  std::vector<std::size_t> result{all.size() - 1};
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!contains(of_first, all[i].name) || !contains(of_second, all[i].name)) continue;
    if constexpr (requires { first.learning_rate_site; })
      if (all[i].name == std::string("v") &&
          first.learning_rate_site != second.learning_rate_site) {
        not_comparable.emplace_back(all[i].name);
        continue;
      }
    result.push_back(i);
  }
  return result;
}

template <class Rule>
Comparison compare(const typename Rule::Hyperparameters& first,
                   const typename Rule::Hyperparameters& second, std::span<const float> initial,
                   const Gradients& gradients, std::uint64_t steps) {
  // Steps are recorded a piece at a time, so that memory does not grow with their number.
  constexpr std::uint64_t piece = 128;

  Comparison result{initial.size(), {}, {}};
  const auto quantities = compared<Rule>(first, second, result.not_comparable);
  for (const std::size_t quantity : quantities)
    result.series.push_back({Rule::template Formula<Real>::quantities[quantity].name, {}, {}});
  FloatRun<Rule> in_float(first, initial);
  std::vector<Block<Rule>> blocks;
  for (std::size_t begin = 0; begin < initial.size(); begin += Block<Rule>::size)
    blocks.emplace_back(first, second, initial, begin, quantities);

  const auto record = [&](std::uint64_t t) {
    const auto g = gradients(in_float.gradient_point(t));
    if (g.size() != initial.size())
      throw std::invalid_argument(
          fmt::format("step {} has {} gradients for {} parameters", t, g.size(), initial.size()));
    in_float.step(t, g);
    Recorded<Rule> step{Rule::template formula<Real>(first, t),
                        Rule::template formula<Real>(second, t),
                        {g.begin(), g.end()},
                        {}};
    for (const std::size_t quantity : quantities) step.in_float.push_back(in_float.all(quantity));
    return step;
  };
  for (std::uint64_t done = 0; done < steps;) {
    const std::uint64_t report_at = next_report(done, steps);
    const std::uint64_t until = std::min(report_at, done + piece);
    std::vector<Recorded<Rule>> recorded;
    for (std::uint64_t t = done + 1; t <= until; ++t) recorded.push_back(record(t));
    drift::for_each_in_parallel(blocks, [&](Block<Rule>& block) { block.run(recorded); });
    for (std::size_t q = 0; q < quantities.size(); ++q) {
      Series& series = result.series[q];
      for (std::uint64_t t = done + 1; t <= until && !series.first_beyond_rounding; ++t) {
        Sample largest;
        for (const auto& block : blocks) block.enlarge(largest, block.largest(t - done - 1, q));
        if (largest.between > largest.rounding) series.first_beyond_rounding = t;
      }
      if (until != report_at) continue;
      std::vector<Sample> samples;
      for (const auto& block : blocks)
        samples.insert(samples.end(), block.samples(q).begin(), block.samples(q).end());
      series.rows.push_back(
          {until, distances(samples, &Sample::between), distances(samples, &Sample::rounding)});
    }
    done = until;
  }
  return result;
}

}  // namespace truestep::compare

namespace truestep {

template <class Rule>
proofs::Equations equations_of(const typename Rule::Hyperparameters& h) {
  return proofs::equations<Rule>(h);
}

}  // namespace truestep
