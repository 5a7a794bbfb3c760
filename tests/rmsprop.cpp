// SPDX-License-Identifier: Apache-2.0
// RMSprop: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include "facts/rmsprop.hpp"
#include "support/known_answers.hpp"
#include "support/printed.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{.name = "rmsprop",
                .hyperparameters = {{"learning_rate", Role::learning_rate, {1, 0}},
                                    {"rho", Role::decay},
                                    {"epsilon", Role::epsilon, {0, 2}}},
                .states = {{"s", true, {0, 2}}},
                .quantities = {"s", "sigma", "update", "theta"}};

const auto reference_at = reference_of<rules::Of<fast::Rmsprop>>(
    [](const auto& now, const Hyperparameters&, const auto& see) {
      see(now.s, now.sigma, now.update, now.theta);
    });

template <class Number>
States<Number> weighted_sums(const Hyperparameters& h, const std::vector<States<Number>>& g) {
  const Number rho(h[1]), epsilon(h[2]);
  return {weighted_sum(rho, g.size(), [&](auto i) -> Number {
    return (i == 0 ? Number(1) : 1 - rho) * g[i][0] * g[i][0] + epsilon;
  })};
}

/// The square of the gradient, and epsilon (1 - rho^t) / (1 - rho), which tends to epsilon / (1 -
/// rho).
std::vector<std::pair<std::size_t, Real>> after_constant_gradient(const Hyperparameters& h,
                                                                  std::uint64_t t, const Real& g) {
  const Real rho(h[1]), accumulated = Real(h[2]) * (1 - pow(rho, t)) / (1 - rho);
  const Real sigma = sqrt(Real(g * g + accumulated));
  return {{position(rule, "s"), g * g + accumulated},
          {position(rule, "sigma"), sigma},
          {position(rule, "update"), Real(h[0]) * g / sigma}};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {1, 0.9, 1}, {"0.7071", "0.5872", "0.5192", "0.4746"}),
      constant_steps(subject, {1, 0.9, 1e-8},
                     {"0.999999995", "0.9999999905", "0.99999998645", "0.999999982805"}),
      // By hand: 9 + 7 = 16, then 3/4 16 + 1/4 324 + 7 = 100.
      trajectory<T>(subject, {1, 0.75, 7}, 0, {3, 18}, {"-3/4", "-51/20"}),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Of<fast::Rmsprop>, T>(rule);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    return {formula<rules::Of<fast::Rmsprop>, Rational>(h, t).accumulate(before[0], g[0])};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t t) -> std::vector<Real> {
    return {t == 1 ? Real(1) : 1 - Real(h[1]), Real(h[0]), Real(h[2])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.constant_gradient = after_constant_gradient;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& rmsprop() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

/// Epsilon / (1 - rho) is reached: with no gradient at all, sigma^2 stops there.
template <class T>
void expect_accumulated_epsilon() {
  const fast::RmspropHyperparameters h{.learning_rate = 1, .rho = 0.5, .epsilon = 0.25};
  std::vector<T> theta{0}, s{0}, gradient{0};
  for (std::uint64_t t = 1; t <= 80; ++t)
    fast::step(h, t, fast::RmspropTensor<T>{.theta = theta, .s = s, .gradient = gradient});
  EXPECT_EQ(s[0], T(0.5));
}

/// The first step forgets whatever finite state it finds.
template <class T>
void expect_forgotten_state() {
  std::vector<T> theta{1}, s{123}, gradient{3};
  fast::step({.learning_rate = 1, .rho = 0.9, .epsilon = 7}, 1,
             fast::RmspropTensor<T>{.theta = theta, .s = s, .gradient = gradient});
  EXPECT_EQ(s[0], T(16));
  EXPECT_EQ(theta[0], T(0.25));
}

}  // namespace

TEST(Rmsprop, ForgetsTheStateAtTheFirstStep) {
  expect_forgotten_state<float>();
  expect_forgotten_state<double>();
}

TEST(Rmsprop, AccumulatesEpsilon) {
  expect_accumulated_epsilon<float>();
  expect_accumulated_epsilon<double>();
}

namespace {

enum class Slip {
  epsilon_outside,
  epsilon_not_stored,
  epsilon_dropped,
  g_for_g_squared,
  old_s,
  s_reset,
  uphill,
  one_rounding_more,
  other_order,
};

/// The lane with one slip.
template <Slip slip>
struct Slipped {
  static constexpr std::size_t coefficients = 3, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using fast::decay;
    using std::fma;
    using std::sqrt;
    const auto& [w, learning_rate, epsilon] = coefficient;
    auto& [s] = state;
    const Number old_s = s;
    const Number mean = fma(w * gradient, gradient, decay(w, s));
    s = decay(w, s) + fma(w * gradient, gradient, epsilon);
    if (slip == Slip::g_for_g_squared) s = decay(w, old_s) + fma(w, gradient, epsilon);
    if (slip == Slip::s_reset) s = fma(w * gradient, gradient, epsilon);
    if (slip == Slip::one_rounding_more) s = decay(w, old_s) + (w * gradient * gradient + epsilon);
    if (slip == Slip::other_order) s = decay(w, old_s) + fma(w, gradient * gradient, epsilon);
    if (slip == Slip::epsilon_outside || slip == Slip::epsilon_not_stored ||
        slip == Slip::epsilon_dropped)
      s = mean;
    observe("s", s);
    Number sigma = sqrt(slip == Slip::old_s ? old_s : s);
    if (slip == Slip::epsilon_outside) sigma = sqrt(mean) + epsilon;
    if (slip == Slip::epsilon_not_stored) sigma = sqrt(mean + epsilon);
    observe("sigma", sigma);
    const Number update = learning_rate * gradient / sigma;
    observe("update", update);
    theta = slip == Slip::uphill ? theta + update : theta - update;
    observe("theta", theta);
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

/// The first step like the others, from a zero state.
StepAt<Real> reference_without_first_step(const Hyperparameters& h, std::uint64_t t) {
  return reference_at(h, std::max(t, std::uint64_t{2}));
}

/// The mean square is stored without its epsilon.
StepAt<Real> reference_with_epsilon_not_stored(const Hyperparameters& h, std::uint64_t t) {
  return [shipped = reference_at(h, t), epsilon = Real(h[2])](Point<Real>& point, const Real& g,
                                                              Seen<Real>& seen) {
    shipped(point, g, seen);
    point.state[0] = seen[0] -= epsilon;
  };
}

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real state_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::rmsprop_s<Real>(f.u, f.eta, 1 - Real(h[1]), h[2], run.largest_g).value();
}

// Without underflow.

template <class T>
Real buffered_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::rmsprop_v<Real>(f.u, 1 - Real(h[1]), h[2], h[0], h[3], run.largest_g).value();
}

template <class T>
Real theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::rmsprop_theta<Real>(f.u, 1 - Real(h[1]), h[2], h[0], run.largest_g,
                                     run.largest_theta, run.t)
      .value();
}

template <class T>
Subject<T> buffered() {
  return convention_subject<rules::Of<fast::Rmsprop>, T, Facts>(
      {"buffered", {.momentum = 0.9, .learning_rate_site = fast::LearningRateSite::buffer}});
}

template <class T>
std::vector<Claims<T>> drift() {
  return {
      {shipped<T>(), {0.001, 0.99, 1e-2}, {{"s", state_drift<T>}, {"theta", theta_drift<T>}}},
      {buffered<T>(), {0.001, 0.99, 1e-2, 0.9}, {{"v", buffered_drift<T>}}},
  };
}

}  // namespace

Suite Facts<rules::Of<fast::Rmsprop>>::suite() {
  const Pair& shipped = rmsprop();
  const Witness usual{{0.001, 0.3, 0.5}, 3, {1, {0.7}}, 0.9};
  const Witness first{{0.001, 0.3, 0.5}, 1, {1, {0}}, 0.9};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("epsilon moved outside the root", "lane", lane_with<Slip::epsilon_outside>, usual);
  add("epsilon under the root, not stored", "lane", lane_with<Slip::epsilon_not_stored>, usual);
  add("epsilon dropped", "lane", lane_with<Slip::epsilon_dropped>, usual);
  add("g for g^2", "lane", lane_with<Slip::g_for_g_squared>, usual);
  add("s used before its update", "lane", lane_with<Slip::old_s>, usual);
  add("s reset at every step", "lane", lane_with<Slip::s_reset>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("a rounding too many in s", "lane", lane_with<Slip::one_rounding_more>, usual);
  add("a product in another order", "lane", lane_with<Slip::other_order>, usual);
  add("first step like the others", "coefficients",
      with_coefficients([](auto& shipped_coefficients, const Hyperparameters& h, std::uint64_t t) {
        return shipped_coefficients(h, std::max(t, std::uint64_t{2}));
      }),
      first);
  add("1 - rho formed in float", "coefficients",
      with_coefficients([](auto& shipped_coefficients, const Hyperparameters& h, std::uint64_t t) {
        auto coefficients = shipped_coefficients(h, t);
        if (t > 1) coefficients[0] = 1 - static_cast<float>(h[1]);
        return coefficients;
      }),
      usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("first step like the others", "reference", with_reference(reference_without_first_step),
      first);
  add("epsilon not stored", "reference", with_reference(reference_with_epsilon_not_stored), usual);
  return {shipped, faults, {drift<float>(), drift<double>()}};
}

namespace {

using reference::RmspropAsPrinted;

TEST(PrintedForms, RmspropStepsUphill) {
  const auto take = [](double epsilon, double g) {
    return [=](std::uint64_t t, const auto& now) {
      return RmspropAsPrinted<Real>({.learning_rate = 1, .rho = 0.9, .epsilon = epsilon}, t)
          .step(now.theta, now, Real(g));
    };
  };
  const RmspropAsPrinted<Real>::Step start{};
  expect_steps(start, take(1, 1), {"1.0000", "0.7071", "0.5872", "0.5192"});
  expect_steps(start, take(1e-8, 1), {"1.0000", "1.0000", "1.0000", "1.0000"});
  // A negative gradient should raise theta, and does from the second step on.
  expect_steps(start, take(1, -1), {"1.0000", "-0.7071", "-0.5872", "-0.5192"});
  // A zero gradient should leave theta where it is.
  EXPECT_TRUE(isnan(take(1, 0)(1, start).theta));

  auto now = start;
  now.theta = 0;
  Real last = 0;
  for (std::uint64_t t = 1; t <= 300; ++t) {
    const auto next = take(1, 1)(t, now);
    last = now.theta - next.theta;
    now = next;
  }
  expect_printed(last, "0.3015");  // epsilon has grown to epsilon / (1 - beta) = 10
}

TEST(PrintedForms, RmspropsSecondRowDividesByTheSigmaOfTheThird) {
  // A gradient of 1 everywhere, so that the one at the point being computed is known.
  Real sigma2 = 1, sigma[4];
  for (std::uint64_t t = 2; t <= 3; ++t) {
    sigma2 = reference::Rmsprop<Real>({.learning_rate = 1, .rho = 0.9, .epsilon = 1}, t)
                 .accumulate(sigma2, 1);
    sigma[t] = sqrt(sigma2);
  }
  expect_printed(1 / sigma[2], "0.7071");  // the seed's sigma_1, by its other rows
  expect_printed(1 / sigma[3], "0.5872");  // the seed's sigma_2, as its second row has it
}

}  // namespace

}  // namespace truestep::test
