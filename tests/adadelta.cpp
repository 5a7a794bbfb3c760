// SPDX-License-Identifier: Apache-2.0
// Adadelta: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include "facts/adadelta.hpp"
#include "support/known_answers.hpp"
#include "support/printed.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{.name = "adadelta",
                .hyperparameters = {{"rho", Role::decay}, {"epsilon", Role::epsilon, {0, 2}}},
                .states = {{"s", true, {0, 2}}, {"u", true, {0, 2}, "delta"}},
                .quantities = {"s", "rate", "delta", "u", "theta"},
                .theta_unit = {0, 1}};

const auto reference_at = reference_of<rules::Of<fast::Adadelta>>(
    [](const auto& now, const Hyperparameters&, const auto& see) {
      see(now.s, now.rms_delta / now.rms_g, now.delta, now.u, now.theta);
    });

template <class Number>
States<Number> weighted_sums(const Hyperparameters& h, const std::vector<States<Number>>& x) {
  const Number rho(h[0]);
  const auto mean_square = [&](std::size_t s) -> Number {
    return (1 - rho) * weighted_sum(rho, x.size(), [&](auto i) { return x[i][s] * x[i][s]; });
  };
  return {mean_square(0), mean_square(1)};
}

/// The first step, sqrt(epsilon) / sqrt((1 - rho) g^2 + epsilon) g: the gradient itself where it is
/// small, sqrt(epsilon / (1 - rho)) where it is large. Later steps have no closed form.
std::vector<std::pair<std::size_t, Real>> after_constant_gradient(const Hyperparameters& h,
                                                                  std::uint64_t t, const Real& g) {
  if (t > 1) return {};
  const Real rho(h[0]), epsilon(h[1]);
  const Real rate = sqrt(Real(epsilon / ((1 - rho) * g * g + epsilon)));
  return {{position(rule, "rate"), rate}, {position(rule, "delta"), -rate * g}};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {0.95, 1e-6}, {"0.004472", "0.004529", "0.004568", "0.004597"}),
      // By hand: sqrt(4) / sqrt(32 + 4) 8.
      trajectory<T>(subject, {0.5, 4}, 0, {8}, {"-8/3"}),
      published(subject, "adadelta", "theta"),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Of<fast::Adadelta>, T>(rule);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& x) -> States<Rational> {
    const auto adadelta = formula<rules::Of<fast::Adadelta>, Rational>(h, t);
    return {adadelta.mean_square(before[0], x[0]), adadelta.mean_square(before[1], x[1])};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t) -> std::vector<Real> {
    return {1 - Real(h[0]), Real(h[1])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.constant_gradient = after_constant_gradient;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& adadelta() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

enum class Slip {
  epsilon_outside,
  epsilon_below_only,
  epsilon_in_state,
  g_for_g_squared,
  old_s,
  new_u,
  u_of_gradients,
  s_reset,
  uphill,
  one_rounding_more,
  other_order,
};

/// The lane with one slip.
template <Slip slip>
struct Slipped {
  static constexpr std::size_t coefficients = 2, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using fast::decay;
    using std::fma;
    using std::sqrt;
    const auto& [w, epsilon] = coefficient;
    auto& [s, u] = state;
    const Number old_s = s;
    s = fma(w * gradient, gradient, decay(w, s));
    if (slip == Slip::g_for_g_squared) s = fma(w, gradient, decay(w, old_s));
    if (slip == Slip::s_reset) s = w * gradient * gradient;
    if (slip == Slip::one_rounding_more) s = w * gradient * gradient + decay(w, old_s);
    if (slip == Slip::other_order) s = fma(w, gradient * gradient, decay(w, old_s));
    if (slip == Slip::epsilon_in_state) s = s + epsilon;
    observe("s", s);
    const Number& seen_s = slip == Slip::old_s ? old_s : s;
    const Number seen_u = slip == Slip::new_u ? decay(w, u) : u;
    Number rate = sqrt((seen_u + epsilon) / (seen_s + epsilon));
    if (slip == Slip::epsilon_outside) rate = (sqrt(u) + epsilon) / (sqrt(s) + epsilon);
    if (slip == Slip::epsilon_below_only) rate = sqrt(u / (s + epsilon));
    if (slip == Slip::epsilon_in_state) rate = sqrt((u + epsilon) / s);
    observe("rate", rate);
    const Number delta = -(rate * gradient);
    observe("delta", delta);
    const Number& squared = slip == Slip::u_of_gradients ? gradient : delta;
    u = fma(w * squared, squared, decay(w, u));
    observe("u", u);
    theta = slip == Slip::uphill ? theta - delta : theta + delta;
    observe("theta", theta);
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

/// The gradient enters its mean after it was divided by it.
StepAt<Real> reference_with_old_s(const Hyperparameters& h, std::uint64_t t) {
  return [adadelta = formula<rules::Of<fast::Adadelta>, Real>(h, t), epsilon = Real(h[1])](
             Point<Real>& point, const Real& g, Seen<Real>& seen) {
    const Real s = adadelta.mean_square(point.state[0], g);
    const Real rate = sqrt(Real((point.state[1] + epsilon) / (point.state[0] + epsilon)));
    const Real delta = -rate * g, u = adadelta.mean_square(point.state[1], delta);
    const Real theta = point.theta + delta;
    seen = {s, rate, delta, u, theta};
    point = {theta, {s, u}};
  };
}

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real state_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::adadelta_s<Real>(f.u, f.eta, 1 - Real(h[0]), run.largest_g).value();
}

template <class T>
std::vector<Claims<T>> drift() {
  return {{shipped<T>(), {0.95, 1e-6}, {{"s", state_drift<T>}}}};
}

}  // namespace

Suite Facts<rules::Of<fast::Adadelta>>::suite() {
  const Pair& shipped = adadelta();
  const Witness usual{{0.3, 0.5}, 3, {1, {0.7, 0.2}}, 0.9};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("epsilon moved outside the roots", "lane", lane_with<Slip::epsilon_outside>, usual);
  add("epsilon in the denominator alone", "lane", lane_with<Slip::epsilon_below_only>, usual);
  add("epsilon moved into the state", "lane", lane_with<Slip::epsilon_in_state>, usual);
  add("g for g^2", "lane", lane_with<Slip::g_for_g_squared>, usual);
  add("s used before its update", "lane", lane_with<Slip::old_s>, usual);
  add("u decayed before its use", "lane", lane_with<Slip::new_u>, usual);
  add("u accumulates gradients", "lane", lane_with<Slip::u_of_gradients>, usual);
  add("s reset at every step", "lane", lane_with<Slip::s_reset>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("a rounding too many in s", "lane", lane_with<Slip::one_rounding_more>, usual);
  add("a product in another order", "lane", lane_with<Slip::other_order>, usual);
  add("1 - rho formed in float", "coefficients",
      with_float_coefficient(0, [](auto& h) { return 1 - h[0]; }), usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("s used before its update", "reference", with_reference(reference_with_old_s), usual);
  return {shipped, faults, {drift<float>(), drift<double>(), {"u"}}};
}

namespace {

using reference::AdadeltaAsPrinted;

/// By how much a step of Adadelta changes the distance between two exact runs whose u differ.
Real distance_factor(const Real& s, const Real& u, const Real& gradient) {
  const reference::Adadelta<Real> exact({.rho = 0.95, .epsilon = 1e-6}, 1);
  const Real other = u * 2;
  return (exact.step(0, {s, other}, gradient).u - exact.step(0, {s, u}, gradient).u) / (other - u);
}

/// rules/adadelta_theory.v, adadelta_u_does_not_contract: as soon as g^2 >= s' + epsilon. A
/// constant gradient is the case, as s tends to g^2 from below, for 270 steps or so; then, and
/// without gradients, u forgets.
TEST(Adadelta, LosesContractionAsProved) {
  const reference::Adadelta<Real> exact({.rho = 0.95, .epsilon = 1e-6}, 1);
  reference::Adadelta<Real>::State state;
  int without = 0;
  for (int t = 1; t <= 1000; ++t) {
    const Real before = state.u;
    const auto now = exact.step(0, state, 1);
    const bool as_proved = 1 >= now.s + Real(1e-6);
    if (before != 0) {
      EXPECT_EQ(distance_factor(state.s, before, 1) >= 1, as_proved) << t;
    }
    without += as_proved;
    state = now;
  }
  EXPECT_GT(without, 200);
  EXPECT_LT(without, 1000);
  EXPECT_LT(distance_factor(state.s, state.u, 0), 1);
}

TEST(PrintedForms, AdadeltaStartsAThousandTimesTooFar) {
  expect_steps(AdadeltaAsPrinted<Real>::Step{},
               [](auto t, const auto& now) {
                 return AdadeltaAsPrinted<Real>({.rho = 0.95, .epsilon = 1e-6}, 1, t)
                     .step(now.theta, now, 1);
               },
               {"1000.000000", "0.004472", "0.004529", "0.004568"});
}

TEST(PrintedForms, AdadeltaForgetsTheFirstGradientAndTheFirstMove) {
  const auto second_move = [](auto at, double first_gradient) {
    auto now = at(1).step(0, {}, first_gradient);
    return Real(at(2).step(0, now, 4).theta);
  };
  const reference::AdadeltaHyperparameters h{.rho = 0.95, .epsilon = 1e-6};
  const auto printed = [&](std::uint64_t t) { return AdadeltaAsPrinted<Real>(h, 1, t); };
  const auto repaired = [&](std::uint64_t t) { return reference::Adadelta<Real>(h, t); };
  expect_printed(-second_move(printed, 3), "0.004472");
  expect_printed(-second_move(printed, 300), "0.004472");
  expect_printed(-second_move(repaired, 3), "0.005106");
  expect_printed(-second_move(repaired, 300), "0.000087");
}

}  // namespace

}  // namespace truestep::test
