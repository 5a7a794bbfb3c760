// SPDX-License-Identifier: Apache-2.0
// Adagrad: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <limits>
#include <vector>

#include <truestep/fast/target.hpp>

#include "facts/adagrad.hpp"
#include "support/generate.hpp"
#include "support/hard_roots.hpp"
#include "support/known_answers.hpp"
#include "support/printed.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{.name = "adagrad",
                .hyperparameters = {{"learning_rate", Role::learning_rate, {1, 0}},
                                    {"epsilon", Role::epsilon, {0, 2}}},
                .states = {{"sum", true, {0, 2}}},
                .quantities = {"sum", "denominator", "update", "theta"}};

const auto reference_at = reference_of<rules::Of<fast::Adagrad>>(
    [](const auto& now, const Hyperparameters&, const auto& see) {
      see(now.sum, now.denominator, now.update, now.theta);
    });

template <class Number>
States<Number> weighted_sums(const Hyperparameters&, const std::vector<States<Number>>& g) {
  return {weighted_sum(Number(1), g.size(), [&](auto i) { return g[i][0] * g[i][0]; })};
}

/// The sum of t squares.
std::vector<std::pair<std::size_t, Real>> after_constant_gradient(const Hyperparameters& h,
                                                                  std::uint64_t t, const Real& g) {
  const Real denominator = sqrt(Real(t * g * g + Real(h[1])));
  return {{position(rule, "denominator"), denominator},
          {position(rule, "update"), Real(h[0]) * g / denominator}};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {1, 0}, {"1.0000", "0.7071", "0.5774", "0.5000"}),
      // By hand: 9 + 16 = 25, then 9 + 144 + 16 = 169.
      trajectory<T>(subject, {1, 16}, 0, {3, 12}, {"-3/5", "-99/65"}),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Of<fast::Adagrad>, T>(rule);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    return {formula<rules::Of<fast::Adagrad>, Rational>(h, t).accumulate(before[0], g[0])};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t) -> std::vector<Real> {
    return {Real(h[0]), Real(h[1])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.constant_gradient = after_constant_gradient;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& adagrad() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

enum class Slip {
  epsilon_outside,
  epsilon_dropped,
  epsilon_in_state,
  g_for_g_squared,
  old_sum,
  sum_reset,
  uphill,
  divided_twice,
  one_rounding_more,
  other_order,
};

/// The lane with one slip.
template <Slip slip>
struct Slipped {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using std::fma;
    using std::sqrt;
    const auto& [learning_rate, epsilon] = coefficient;
    auto& [sum] = state;
    const Number old_sum = sum;
    sum = fma(gradient, gradient, sum);
    if (slip == Slip::g_for_g_squared) sum = gradient + old_sum;
    if (slip == Slip::sum_reset) sum = gradient * gradient;
    if (slip == Slip::one_rounding_more) sum = gradient * gradient + old_sum;
    if (slip == Slip::epsilon_in_state) sum = sum + epsilon;
    observe("sum", sum);
    Number denominator = sqrt((slip == Slip::old_sum ? old_sum : sum) + epsilon);
    if (slip == Slip::epsilon_dropped || slip == Slip::epsilon_in_state) denominator = sqrt(sum);
    if (slip == Slip::epsilon_outside) denominator = sqrt(sum) + epsilon;
    if (slip == Slip::divided_twice) denominator = denominator * denominator;
    observe("denominator", denominator);
    const Number update = slip == Slip::other_order ? learning_rate * (gradient / denominator)
                                                    : learning_rate * gradient / denominator;
    observe("update", update);
    theta = slip == Slip::uphill ? theta + update : theta - update;
    observe("theta", theta);
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

StepAt<Real> reference_with_epsilon_outside(const Hyperparameters& h, std::uint64_t t) {
  return [shipped = reference_at({h[0], 0}, t), alpha = Real(h[0]), epsilon = Real(h[1])](
             Point<Real>& point, const Real& g, Seen<Real>& seen) {
    const Real theta = point.theta;
    shipped(point, g, seen);
    seen[1] += epsilon;
    seen[2] = alpha * g / seen[1];
    point.theta = seen[3] = theta - seen[2];
  };
}

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real sum_drift(const Format<T>& f, const Hyperparameters&, const Run& run) {
  return proofs::adagrad_sum<Real>(f.u, f.eta, run.t, run.exact).value();
}

// Without underflow.

template <class T>
Real mean_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::adagrad_v<Real>(f.u, 1 - Real(h[2]), h[1], run.t).value();
}

template <class T>
Real theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::adagrad_theta<Real>(f.u, h[0], h[1], run.largest_theta, run.t, run.t).value();
}

template <class T>
Subject<T> averaged(fast::EpsilonPlace place) {
  return convention_subject<rules::Of<fast::Adagrad>, T, Facts>(
      {"averaged", {.epsilon_place = place, .momentum = 0.9}});
}

template <class T>
std::vector<Claims<T>> drift() {
  return {
      {shipped<T>(), {0.01, 1e-8}, {{"sum", sum_drift<T>}, {"theta", theta_drift<T>}}},
      {averaged<T>(fast::EpsilonPlace::inside), {0.01, 1e-8, 0.9}, {{"v", mean_drift<T>}}},
      {averaged<T>(fast::EpsilonPlace::outside), {0.01, 1e-8, 0.9}, {{"v", mean_drift<T>}}},
  };
}

}  // namespace

Suite Facts<rules::Of<fast::Adagrad>>::suite() {
  const Pair& shipped = adagrad();
  const Witness usual{{0.001, 0.5}, 3, {1, {1.9}}, 1.3};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("epsilon moved outside the root", "lane", lane_with<Slip::epsilon_outside>, usual);
  add("epsilon dropped", "lane", lane_with<Slip::epsilon_dropped>, usual);
  add("epsilon moved into the state", "lane", lane_with<Slip::epsilon_in_state>, usual);
  add("g for g^2", "lane", lane_with<Slip::g_for_g_squared>, usual);
  add("sum used before its update", "lane", lane_with<Slip::old_sum>, usual);
  add("sum reset at every step", "lane", lane_with<Slip::sum_reset>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("divided by the root twice", "lane", lane_with<Slip::divided_twice>, usual);
  add("a rounding too many in the sum", "lane", lane_with<Slip::one_rounding_more>, usual);
  add("a product in another order", "lane", lane_with<Slip::other_order>, usual);
  add("learning rate rounded to float", "coefficients",
      with_float_coefficient(0, [](auto& h) { return h[0]; }), usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("epsilon outside the root", "reference", with_reference(reference_with_epsilon_outside),
      usual);
  return {shipped, faults, {drift<float>(), drift<double>()}};
}

namespace {

using reference::AdagradAsPrinted;

TEST(PrintedForms, AdagradDividesTwice) {
  using Printed = AdagradAsPrinted<Real>;
  // The gradient is 1 everywhere, so that the one at the point being computed is known.
  Printed::Step start{};
  start.sum = 1;
  start.alpha = 1;
  expect_steps(start,
               [](auto, const auto& now) { return Printed::both_lines(now.theta, now, 1, 1); },
               {"0.5000", "0.2357", "0.1021", "0.0408"});
  expect_steps(start,
               [](auto, const auto& now) { return Printed::last_line(now.theta, now, 0, 1, 1); },
               {"0.7071", "0.5774", "0.5000", "0.4472"});
}

/// The kernel on sums that hold every significand, each 1000th replaced by what the root
/// off the divider does not take: theta shows the root, because nothing else is lost.
template <class T>
void kernel_takes_roots_of(std::vector<T> sums) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  constexpr std::array<T, 8> special{0,
                                     -T(0),
                                     infinity,
                                     std::numeric_limits<T>::denorm_min(),
                                     -1,
                                     -infinity,
                                     std::numeric_limits<T>::quiet_NaN(),
                                     std::numeric_limits<T>::min()};
  for (std::size_t i = 0; i < sums.size(); i += 1000) sums[i] = special[i / 1000 % special.size()];
  const T gradient = std::numeric_limits<T>::epsilon() * std::numeric_limits<T>::epsilon();
  const std::vector<T> gradients(sums.size(), gradient);
  for (const auto& name : fast::targets()) {
    fast::use_target(name);
    auto sum = sums;
    std::vector<T> theta(sums.size(), 0);
    fast::step({.learning_rate = 1, .epsilon = 0}, 1,
               fast::AdagradTensor<T>{.theta = theta, .sum = sum, .gradient = gradients});
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < sums.size(); ++i)
      wrong +=
          bits(theta[i]) != bits(0 - gradient / std::sqrt(std::fma(gradient, gradient, sums[i])));
    EXPECT_EQ(wrong, 0u) << name;
  }
  fast::use_target(fast::targets().front());
}

TEST(Adagrad, KernelsTakeTheRoundedRoot) {
  std::vector<float> floats;
  for (auto pattern = std::bit_cast<std::uint32_t>(1.0f);
       pattern < std::bit_cast<std::uint32_t>(4.0f); pattern += 3)
    floats.push_back(std::bit_cast<float>(pattern));
  kernel_takes_roots_of(floats);
  kernel_takes_roots_of(next_to_midpoints());
}

}  // namespace

}  // namespace truestep::test
