// SPDX-License-Identifier: Apache-2.0
// truestep_orders [RULE]: what each order of operations that a lane could have costs in error and
// in time. The comments in fast/*.lane.hpp quote it.

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <truestep/fast/loop/kernels.hpp>
#include <truestep/fast/target.hpp>
#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/momentum.hpp>
#include <truestep/reference/nag.hpp>
#include <truestep/reference/real.hpp>
#include <truestep/reference/rmsprop.hpp>

#include "orders/orders.hpp"
#include "speed/columns.hpp"

namespace truestep::bench {
namespace {

using reference::Real;

/// 2^-24: errors are printed in units of it. Double differs from float in the unit alone.
constexpr double u = 0x1p-24;

class Random {
 public:
  double normal() { return std::normal_distribution<double>()(engine_); }
  double sign() { return engine_() % 2 == 0 ? 1 : -1; }
  /// 10^x for x uniform in [low, high].
  double decade(double low, double high) {
    return std::pow(10, std::uniform_real_distribution<double>(low, high)(engine_));
  }

 private:
  std::mt19937_64 engine_{2026};
};

/// What rounding to float takes from x.
Real low(const Real& x) { return x - static_cast<float>(x); }

/// The states of one coordinate, then its theta.
template <std::size_t states>
using Coordinate = std::array<Real, states + 1>;

// What the measurements need to know of each rule. With theta negative and the gradient positive,
// no sum of its step cancels if the first quantity is negative too (`like_theta`) or positive
// (`like_gradient`), where its sign matters.

struct MomentumRule {
  static constexpr const char* name = "momentum";
  static constexpr std::array quantities{"v", "theta"};
  static constexpr bool like_theta = true, like_gradient = false;
  using Orders = lane::MomentumOrders;
  using Reference = reference::Momentum<Real>;
  using Hyperparameters = reference::MomentumHyperparameters;
  static constexpr Hyperparameters defaults{.01, .9};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), 1 - r.decade(-3, -.05)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.momentum, h.learning_rate};
  }
  static Coordinate<1> random_state(Random& r, double g) {
    return {r.sign() * std::fabs(g) * r.decade(-4, 0)};
  }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.v, step.theta};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

struct LookAheadRule {
  static constexpr const char* name = "nag_look_ahead";
  static constexpr std::array quantities{"point"};
  static constexpr bool like_theta = false, like_gradient = true;
  using Orders = lane::LookAheadOrders;
  using Reference = reference::Nag<Real>;
  using Hyperparameters = reference::NagHyperparameters;
  static constexpr Hyperparameters defaults{.01, .9};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), 1 - r.decade(-3, -.05)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.momentum};
  }
  static Coordinate<0> random_state(Random& r, double v) {
    return {r.sign() * v * r.decade(-1, 1)};
  }
  static Coordinate<0> exact(const Reference& rule, const Coordinate<0>& x, const Real& v) {
    return {rule.look_ahead(x[0], {v})};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

struct AdagradRule {
  static constexpr const char* name = "adagrad";
  static constexpr std::array quantities{"sum", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::AdagradOrders;
  using Reference = reference::Adagrad<Real>;
  using Hyperparameters = reference::AdagradHyperparameters;
  static constexpr Hyperparameters defaults{.01, 1e-8};

  static Hyperparameters random(Random& r) { return {r.decade(-4, 0), r.decade(-10, -2)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.learning_rate, h.epsilon};
  }
  static Coordinate<1> random_state(Random& r, double g) { return {g * g * r.decade(-2, 4)}; }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.sum, step.theta};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

struct AdadeltaRule {
  static constexpr const char* name = "adadelta";
  static constexpr std::array quantities{"s", "u", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::AdadeltaOrders;
  using Reference = reference::Adadelta<Real>;
  using Hyperparameters = reference::AdadeltaHyperparameters;
  static constexpr Hyperparameters defaults{.95, 1e-6};

  static Hyperparameters random(Random& r) { return {1 - r.decade(-3, -.05), r.decade(-8, -3)}; }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t) {
    return {h.rho, low(h.rho), 1 - Real(h.rho), h.epsilon};
  }
  static Coordinate<2> random_state(Random& r, double g) {
    return {g * g * r.decade(-2, 2), r.decade(-7, -1)};
  }
  static Coordinate<2> exact(const Reference& rule, const Coordinate<2>& x, const Real& g) {
    const auto step = rule.step(x[2], {x[0], x[1]}, g);
    return {step.s, step.u, step.theta};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

struct RmspropRule {
  static constexpr const char* name = "rmsprop";
  static constexpr std::array quantities{"s", "theta"};
  static constexpr bool like_theta = false, like_gradient = false;
  using Orders = lane::RmspropOrders;
  using Reference = reference::Rmsprop<Real>;
  using Hyperparameters = reference::RmspropHyperparameters;
  static constexpr Hyperparameters defaults{.001, .9, 1e-8};

  static Hyperparameters random(Random& r) {
    return {r.decade(-4, 0), 1 - r.decade(-3, -.05), r.decade(-10, -2)};
  }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t t) {
    const Real past = t == 1 ? 0 : h.rho;
    return {past, low(past), 1 - past, h.learning_rate, h.epsilon};
  }
  static Coordinate<1> random_state(Random& r, double g) { return {g * g * r.decade(-2, 2)}; }
  static Coordinate<1> exact(const Reference& rule, const Coordinate<1>& x, const Real& g) {
    const auto step = rule.step(x[1], {x[0]}, g);
    return {step.s, step.theta};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

struct AdamRule {
  static constexpr const char* name = "adam";
  static constexpr std::array quantities{"m", "v", "theta"};
  static constexpr bool like_theta = false, like_gradient = true;
  using Orders = lane::AdamOrders;
  using Reference = reference::Adam<Real>;
  using Hyperparameters = reference::AdamHyperparameters;
  static constexpr Hyperparameters defaults{.001, .9, .999, 1e-8};

  static Hyperparameters random(Random& r) {
    return {r.decade(-4, 0), 1 - r.decade(-3, -.05), 1 - r.decade(-5, -.3), r.decade(-10, -3)};
  }
  static std::vector<Real> coefficients(const Hyperparameters& h, std::uint64_t t) {
    const Real alpha = h.learning_rate, past1 = h.beta1, past2 = h.beta2;
    const Real correction1 = 1 / (1 - reference::power(past1, t));
    const Real correction2 = 1 / (1 - reference::power(past2, t));
    return {past1, low(past1),  1 - past1,           past2,       low(past2),        1 - past2,
            alpha, correction1, alpha * correction1, correction2, sqrt(correction2), h.epsilon};
  }
  static Coordinate<2> random_state(Random& r, double g) {
    return {r.sign() * g * r.decade(-1, 1), g * g * r.decade(-2, 2)};
  }
  static Coordinate<2> exact(const Reference& rule, const Coordinate<2>& x, const Real& g) {
    const auto step = rule.step(x[2], {x[0], x[1]}, g);
    return {step.m, step.v, step.theta};
  }
  static Kernels kernels() { return bench::kernels<Orders>(); }
};

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
  }(std::type_identity<typename Rule::Orders>());
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
  constexpr std::size_t quantities = Rule::quantities.size(), states = quantities - 1;
  constexpr std::size_t block = 64, blocks = 1600;
  Random random;
  Errors errors(candidates, quantities);
  for (std::size_t b = 0; b < blocks; ++b) {
    const auto h = Rule::random(random);
    const auto t = static_cast<std::uint64_t>(random.decade(0, 4));
    const typename Rule::Reference rule(h, t);
    const auto coefficient = rounded<float>(Rule::coefficients(h, t));
    const std::vector<Real> as_exact(coefficient.begin(), coefficient.end());

    Columns<float, states> start(block);
    for (std::size_t i = 0; i < block; ++i) {
      const double g = random.normal() * random.decade(-3, 1);
      const auto x = Rule::random_state(random, g);
      start.gradient()[i] = static_cast<float>(g);
      for (std::size_t q = 0; q < quantities; ++q) start.column(q)[i] = static_cast<float>(x[q]);
    }

    std::array<std::array<Real, quantities>, block> before, truth, magnitude;
    for (std::size_t i = 0; i < block; ++i) {
      for (std::size_t q = 0; q < quantities; ++q) before[i][q] = start.column(q)[i];
      const Real g = start.gradient()[i];
      truth[i] = Rule::exact(rule, before[i], g);
      // With every sign such that no sum cancels, the step computes its own magnitudes.
      auto adding = before[i];
      adding.back() = -abs(adding.back());
      if (Rule::like_theta) adding[0] = -abs(adding[0]);
      if (Rule::like_gradient) adding[0] = abs(adding[0]);
      magnitude[i] = Rule::exact(rule, adding, abs(g));
      for (Real& each : magnitude[i]) each = abs(each);
    }

    const auto kernels = Rule::kernels().of_float;
    for_each_candidate<Rule>([&]<class Lane>(std::type_identity<Lane>, std::size_t c) {
      auto after = start;
      step(kernels[c], coefficient, after);
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
  constexpr std::size_t quantities = Rule::quantities.size(), states = quantities - 1;
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
    const typename Rule::Reference rule(Rule::defaults, t);
    const auto coefficient = rounded<float>(Rule::coefficients(Rule::defaults, t));
    const std::vector<Real> as_exact(coefficient.begin(), coefficient.end());
    std::array<float, count> gradient;
    for (std::size_t i = 0; i < count; ++i) {
      gradient[i] = static_cast<float>(constant ? -scale[i] : random.normal() * scale[i]);
      truth[i] = Rule::exact(rule, truth[i], gradient[i]);
      for (std::size_t q = 0; q < quantities; ++q)
        largest[i][q] = std::max(largest[i][q], Real(abs(truth[i][q])));
    }
    const auto kernels = Rule::kernels().of_float;
    for_each_candidate<Rule>([&]<class Lane>(std::type_identity<Lane>, std::size_t c) {
      std::copy(gradient.begin(), gradient.end(), computed[c].gradient());
      step(kernels[c], coefficient, computed[c]);
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
  constexpr std::size_t states = Rule::quantities.size() - 1, count = 16384, steps = 20;
  constexpr std::size_t rounds = 81;
  Random random;
  Columns<T, states> columns(count);
  for (std::size_t i = 0; i < count; ++i) {
    const double g = random.normal() * .1;
    columns.gradient()[i] = static_cast<T>(g);
    for (std::size_t s = 0; s < states; ++s) columns.column(s)[i] = static_cast<T>(g * g);
    columns.theta()[i] = 1;
  }
  const auto coefficient = rounded<T>(Rule::coefficients(Rule::defaults, 1000));

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
    times.push_back(time_ratios<Rule>(Rule::kernels().of_float));
    times.push_back(time_ratios<Rule>(Rule::kernels().of_double));
  }
  fast::use_target(targets.front());

  std::printf("\n%-15s%-43s %14s %16s %16s", Rule::name, "", "one step", "drift, random",
              "drift, constant");
  for (const std::string& target : targets) std::printf("  %-4s f    d  ", target.c_str());
  std::printf("\n");
  for (std::size_t c = 0; c < orders.size(); ++c)
    for (std::size_t q = 0; q < Rule::quantities.size(); ++q) {
      std::printf("%-50s%-8s %6.2f (%5.2f) %7.0f (%6.0f) %7.0f (%6.0f)",
                  q == 0 ? orders[c].c_str() : "", Rule::quantities[q], single.against_truth[c][q],
                  single.of_rounding[c][q], random.against_truth[c][q], random.of_rounding[c][q],
                  constant.against_truth[c][q], constant.of_rounding[c][q]);
      if (q == 0)
        for (const auto& time : times) std::printf(" %6.2f", time[c]);
      std::printf("\n");
    }
}

}  // namespace
}  // namespace truestep::bench

int main(int argc, char** argv) {
  using namespace truestep::bench;
  const std::string wanted = argc > 1 ? argv[1] : "";
  std::vector<std::string> targets;
  for (const std::string& target : truestep::fast::targets())
    if (targets.empty() || target == "AVX2") targets.push_back(target);

  return [&]<class... Rule>(std::type_identity<std::tuple<Rule...>>) {
    if (!wanted.empty() && ((wanted != Rule::name) && ...)) {
      std::fprintf(stderr, "usage: truestep_orders [RULE]\n");
      return 2;
    }
    std::printf(
        "Largest errors of float lanes in u = 2^-24; in parentheses, with the rounded "
        "coefficients\n"
        "taken as exact. theta of one step starts at 0: its error is the update's. f, d: time "
        "over\n"
        "the shipped lane's for 16K floats and doubles.\n");
    ((wanted.empty() || wanted == Rule::name ? report<Rule>(targets) : void()), ...);
    return 0;
  }(std::type_identity<std::tuple<MomentumRule, LookAheadRule, AdagradRule, AdadeltaRule,
                                  RmspropRule, AdamRule>>());
}
