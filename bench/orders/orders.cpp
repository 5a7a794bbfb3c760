// SPDX-License-Identifier: Apache-2.0
// truestep_orders [RULE]: what each order of operations that a lane could have costs in error and
// in time. The comments in fast/*.lane.hpp quote it.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/loop/kernels.hpp>
#include <truestep/fast/target.hpp>

#include "orders/every_rule.hpp"
#include "speed/columns.hpp"

namespace truestep::bench {
namespace {

/// 2^-24: errors are printed in units of it. Double differs from float in the unit alone.
constexpr double u = 0x1p-24;

template <class T, std::size_t states>
void step(fast::Kernel<T> kernel, const std::vector<T>& coefficient, Columns<T, states>& columns) {
  // The first column is theta where there is no state.
  const auto state = columns.state();
  kernel(coefficient.data(), columns.theta(), columns.gradient(), columns.count, columns.column(0),
         state.data() + (states > 0 ? 1 : 0));
}

template <class T>
std::vector<T> rounded(const std::vector<Real>& exact) {
  std::vector<T> result;
  for (const Real& each : exact) result.push_back(static_cast<T>(each));
  return result;
}

/// The largest errors seen of each candidate and quantity, in u.
struct Errors {
  Errors(std::size_t candidates, std::size_t quantities)
      : against_truth(candidates, std::vector<double>(quantities)), of_rounding(against_truth) {}

  /// Against the reference at the hyperparameters given.
  std::vector<std::vector<double>> against_truth;
  /// Against the same lane in 50 digits with the same rounded coefficients.
  std::vector<std::vector<double>> of_rounding;
};

void raise(double& largest, const Real& error, const Real& yardstick) {
  const Real relative = abs(error) / yardstick;
  largest = std::max(largest, static_cast<double>(relative) / u);
}

/// Calls work(Lane, index) for each candidate.
template <class Rule, class Work>
void for_each_candidate(const Work& work) {
  [&]<class... Lane>(std::type_identity<std::tuple<Lane...>>) {
    std::size_t index = 0;
    (work(std::type_identity<Lane>(), index++), ...);
  }(std::type_identity<typename Measured<Rule>::Orders>());
}

template <class Lane, std::size_t quantities>
std::array<Real, quantities> ideal_step(const std::vector<Real>& coefficient,
                                        const std::array<Real, quantities>& x, const Real& g) {
  std::array<Real, Lane::coefficients> c;
  std::copy_n(coefficient.begin(), c.size(), c.begin());
  std::array<Real, Lane::states> state;
  std::copy_n(x.begin(), Lane::states, state.begin());
  Real theta = x.back();
  Lane::step(c, theta, state, g, fast::Unobserved());
  std::array<Real, quantities> result;
  std::copy_n(state.begin(), Lane::states, result.begin());
  result.back() = theta;
  return result;
}

/// One step of 10^5 random coordinates. A rule with states starts at theta = 0, so that the error
/// of theta is that of its update.
template <class Rule>
Errors one_step(std::size_t candidates) {
  constexpr std::size_t quantities = Measured<Rule>::quantities.size(), states = quantities - 1;
  constexpr std::size_t block = 64, blocks = 1600;
  Random random;
  Errors errors(candidates, quantities);
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto h = Measured<Rule>::random(random);
    const auto t = static_cast<std::uint64_t>(random.decade(0, 4));
    const typename Measured<Rule>::Reference rule(h, t);
    const auto coefficient = rounded<float>(Measured<Rule>::coefficients(h, t));
    const std::vector<Real> as_exact(coefficient.begin(), coefficient.end());

    Columns<float, states> start(block);
    for (std::size_t i = 0; i < block; ++i) {
      const double g = random.normal() * random.decade(-3, 1);
      const auto x = Measured<Rule>::random_state(random, g);
      start.gradient()[i] = static_cast<float>(g);
      for (std::size_t q = 0; q < quantities; ++q) start.column(q)[i] = static_cast<float>(x[q]);
    }

    std::array<std::array<Real, quantities>, block> before, truth, magnitude;
    for (std::size_t i = 0; i < block; ++i) {
      for (std::size_t q = 0; q < quantities; ++q) before[i][q] = start.column(q)[i];
      const Real g = start.gradient()[i];
      truth[i] = Measured<Rule>::exact(rule, before[i], g);
      // With every sign such that no sum cancels, the step computes its own magnitudes.
      auto adding = before[i];
      adding.back() = -abs(adding.back());
      if (Measured<Rule>::like_theta) adding[0] = -abs(adding[0]);
      if (Measured<Rule>::like_gradient) adding[0] = abs(adding[0]);
      magnitude[i] = Measured<Rule>::exact(rule, adding, abs(g));
      for (Real& each : magnitude[i]) each = abs(each);
    }

    const auto of_float = kernels<Rule>().of_float;
    for_each_candidate<Rule>([&]<class Lane>(std::type_identity<Lane>, std::size_t c) {
      auto after = start;
      step(of_float[c], coefficient, after);
      for (std::size_t i = 0; i < block; ++i) {
        const auto ideal = ideal_step<Lane>(as_exact, before[i], Real(start.gradient()[i]));
        for (std::size_t q = 0; q < quantities; ++q) {
          const Real computed = after.column(q)[i];
          raise(errors.against_truth[c][q], computed - truth[i][q], magnitude[i][q]);
          raise(errors.of_rounding[c][q], computed - ideal[q], magnitude[i][q]);
        }
      }
    });
  }
  return errors;
}

/// 10^4 steps of 32 coordinates from zero states at the default hyperparameters, measured against
/// the largest value that the quantity has taken so far. Constant gradients drive theta away from
/// zero.
template <class Rule>
Errors many_steps(std::size_t candidates, bool constant) {
  constexpr std::size_t quantities = Measured<Rule>::quantities.size(), states = quantities - 1;
  constexpr std::size_t count = 32, steps = 10000;
  using Run = std::array<std::array<Real, quantities>, count>;
  Random random;
  Errors errors(candidates, quantities);
  if (states == 0) return errors;  // nothing is carried from step to step

  Columns<float, states> start(count);
  Run truth{}, largest{};
  std::array<double, count> scale;
  for (std::size_t i = 0; i < count; ++i) {
    scale[i] = random.decade(-2, 1) * (1 + random.decade(-3, 0));
    start.theta()[i] = static_cast<float>(1 + random.decade(-3, 0));
    truth[i].back() = start.theta()[i];
  }
  std::vector<Columns<float, states>> computed(candidates, start);
  std::vector<Run> ideal(candidates, truth);

  for (std::uint64_t t = 1; t <= steps; ++t) {
    const typename Measured<Rule>::Reference rule(Measured<Rule>::defaults, t);
    const auto coefficient =
        rounded<float>(Measured<Rule>::coefficients(Measured<Rule>::defaults, t));
    const std::vector<Real> as_exact(coefficient.begin(), coefficient.end());
    std::array<float, count> gradient;
    for (std::size_t i = 0; i < count; ++i) {
      gradient[i] = static_cast<float>(constant ? -scale[i] : random.normal() * scale[i]);
      truth[i] = Measured<Rule>::exact(rule, truth[i], gradient[i]);
      for (std::size_t q = 0; q < quantities; ++q)
        largest[i][q] = std::max(largest[i][q], Real(abs(truth[i][q])));
    }
    const auto of_float = kernels<Rule>().of_float;
    for_each_candidate<Rule>([&]<class Lane>(std::type_identity<Lane>, std::size_t c) {
      std::copy(gradient.begin(), gradient.end(), computed[c].gradient());
      step(of_float[c], coefficient, computed[c]);
      for (std::size_t i = 0; i < count; ++i) {
        ideal[c][i] = ideal_step<Lane>(as_exact, ideal[c][i], Real(gradient[i]));
        for (std::size_t q = 0; q < quantities; ++q) {
          const Real value = computed[c].column(q)[i];
          raise(errors.against_truth[c][q], value - truth[i][q], largest[i][q]);
          raise(errors.of_rounding[c][q], value - ideal[c][i][q], largest[i][q]);
        }
      }
    });
  }
  return errors;
}

/// Time of each candidate over that of the shipped lane, the first: the median over rounds, in each
/// of which all take their turn on the same arrays.
template <class Rule, class T>
std::vector<double> time_ratios(const std::vector<fast::Kernel<T>>& kernels) {
  constexpr std::size_t states = Measured<Rule>::quantities.size() - 1, count = 16384, steps = 20;
  constexpr std::size_t rounds = 81;
  Random random;
  Columns<T, states> columns(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double g = random.normal() * .1;
    columns.gradient()[i] = static_cast<T>(g);
    for (std::size_t s = 0; s < states; ++s) columns.column(s)[i] = static_cast<T>(g * g);
    columns.theta()[i] = 1;
  }
  const auto coefficient = rounded<T>(Measured<Rule>::coefficients(Measured<Rule>::defaults, 1000));

  std::vector<std::vector<double>> ratios(kernels.size());
  std::vector<double> time(kernels.size());
  for (std::size_t round = 0; round < rounds; ++round) {
    for (std::size_t turn = 0; turn < kernels.size(); ++turn) {
      const std::size_t c = (turn + round) % kernels.size();
      const auto begin = std::chrono::steady_clock::now();
      for (std::size_t n = 0; n < steps; ++n) step(kernels[c], coefficient, columns);
      time[c] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    }
    for (std::size_t c = 0; c < kernels.size(); ++c) ratios[c].push_back(time[c] / time[0]);
  }
  std::vector<double> medians;
  for (auto& each : ratios) {
    std::nth_element(each.begin(), each.begin() + rounds / 2, each.end());
    medians.push_back(each[rounds / 2]);
  }
  return medians;
}

template <class Rule>
void report(const std::vector<std::string>& targets) {
  std::vector<std::string> orders;
  for_each_candidate<Rule>(
      [&]<class Lane>(std::type_identity<Lane>, std::size_t) { orders.push_back(Lane::order); });

  const Errors single = one_step<Rule>(orders.size());
  const Errors random = many_steps<Rule>(orders.size(), false);
  const Errors constant = many_steps<Rule>(orders.size(), true);
  std::vector<std::vector<double>> times;
  for (const std::string& target : targets) {
    fast::use_target(target);
    times.push_back(time_ratios<Rule>(kernels<Rule>().of_float));
    times.push_back(time_ratios<Rule>(kernels<Rule>().of_double));
  }
  fast::use_target(targets.front());

  std::printf("\n%-15s%-43s %14s %16s %16s", Measured<Rule>::name, "", "one step", "drift, random",
              "drift, constant");
  for (const std::string& target : targets) std::printf("  %-4s f    d  ", target.c_str());
  std::printf("\n");
  for (std::size_t c = 0; c < orders.size(); ++c)
    for (std::size_t q = 0; q < Measured<Rule>::quantities.size(); ++q) {
      std::printf("%-50s%-8s %6.2f (%5.2f) %7.0f (%6.0f) %7.0f (%6.0f)",
                  q == 0 ? orders[c].c_str() : "", Measured<Rule>::quantities[q],
                  single.against_truth[c][q], single.of_rounding[c][q], random.against_truth[c][q],
                  random.of_rounding[c][q], constant.against_truth[c][q],
                  constant.of_rounding[c][q]);
      if (q == 0)
        for (const auto& time : times) std::printf(" %6.2f", time[c]);
      std::printf("\n");
    }
}

}  // namespace
}  // namespace truestep::bench

int main(int argc, char** argv) {
  using namespace truestep::bench;
  using truestep::fast::for_each_rule;
  const std::string wanted = argc > 1 ? argv[1] : "";
  std::vector<std::string> targets;
  for (const std::string& target : truestep::fast::targets())
    if (targets.empty() || target == "AVX2") targets.push_back(target);

  bool found = wanted.empty();
  for_each_rule([&]<class Rule>() { found = found || wanted == Measured<Rule>::name; });
  if (!found) {
    std::fprintf(stderr, "usage: truestep_orders [RULE]\n");
    return 2;
  }
  std::printf(
      "Largest errors of float lanes in u = 2^-24; in parentheses, with the rounded coefficients\n"
      "taken as exact. theta of one step starts at 0: its error is the update's. f, d: time over\n"
      "the shipped lane's for 16K floats and doubles.\n");
  for_each_rule([&]<class Rule>() {
    if (wanted.empty() || wanted == Measured<Rule>::name) report<Rule>(targets);
  });
}
