// SPDX-License-Identifier: Apache-2.0
// Adam: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include "facts/adam.hpp"
#include "support/known_answers.hpp"
#include "support/printed.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{.name = "adam",
                .hyperparameters = {{"learning_rate", Role::learning_rate, {1, 0}},
                                    {"beta1", Role::decay},
                                    {"beta2", Role::decay},
                                    {"epsilon", Role::epsilon, {0, 1}}},
                .states = {{"m", false, {0, 1}}, {"v", true, {0, 2}}},
                .quantities = {"m", "v", "numerator", "denominator", "update", "theta"},
                .bias_corrected = true};

const auto reference_at = reference_of<rules::Of<fast::Adam>>(
    [](const auto& now, const Hyperparameters& h, const auto& see) {
      see(now.m, now.v, Real(h[0]) * now.m_hat, now.denominator, now.update, now.theta);
    });

template <class Number>
States<Number> weighted_sums(const Hyperparameters& h, const std::vector<States<Number>>& g) {
  const Number beta1(h[1]), beta2(h[2]);
  return {(1 - beta1) * weighted_sum(beta1, g.size(), [&](auto i) { return g[i][0]; }),
          (1 - beta2) * weighted_sum(beta2, g.size(), [&](auto i) { return g[i][1] * g[i][1]; })};
}

/// m_hat = g and v_hat = g^2, whatever the betas.
std::vector<std::pair<std::size_t, Real>> after_constant_gradient(const Hyperparameters& h,
                                                                  std::uint64_t, const Real& g) {
  const Real numerator = Real(h[0]) * g, denominator = abs(g) + Real(h[3]);
  return {{position(rule, "numerator"), numerator},
          {position(rule, "denominator"), denominator},
          {position(rule, "update"), numerator / denominator}};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {1, 0.9, 0.999, 0}, {"1.0000", "1.0000", "1.0000", "1.0000"}),
      // By hand: v_hat is 9, then (27/16 + 289/4) / (7/16) = 169; m_hat is 3, then 37/3.
      trajectory<T>(subject, {0.25, 0.5, 0.75, 1}, 0, {3, 17}, {"-3/16", "-137/336"}),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Of<fast::Adam>, T>(rule);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    const auto now =
        formula<rules::Of<fast::Adam>, Rational>(h, t).moments({before[0], before[1]}, g[0]);
    return {now.m, now.v};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t t) -> std::vector<Real> {
    const Real beta1(h[1]), beta2(h[2]), steps(t);
    return {1 - beta1, 1 - beta2, Real(h[0]) / (1 - pow(beta1, steps)),
            1 / sqrt(Real(1 - pow(beta2, steps))), Real(h[3])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.constant_gradient = after_constant_gradient;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& adam() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

}  // namespace

/// Rounded to a double below the smallest normal one, and by ldexp a second time up to it.
TEST(Adam, CoefficientOfATinyLearningRateIsWithinItsRadius) {
  const Hyperparameters h{0x0.ddba42a044979p-1022, 0x1.122deafddb434p-3, 0.999, 0};
  const double alpha = adam().twice.coefficients(h, 1)[2];
  const Real error = abs(Real(alpha) - adam().twice.exact_coefficients(h, 1)[2]);
  EXPECT_GT(error, Real(proofs::half_ulp(alpha)));
  EXPECT_LE(error, Real(Ball<double>::coefficient(alpha).radius));
}

namespace {

enum class Slip {
  epsilon_inside,
  epsilon_dropped,
  epsilon_in_state,
  g_for_g_squared,
  old_m,
  old_v,
  m_reset,
  v_hat_fed_back,
  uphill,
  one_rounding_more,
  other_order,
  beta_rounded,
};

/// The lane with one slip.
template <Slip slip>
struct Slipped {
  static constexpr std::size_t coefficients = 5, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using fast::decay;
    using std::fma;
    using std::sqrt;
    const auto& [w1, w2, alpha_t, c_t, epsilon] = coefficient;
    auto& [m, v] = state;
    const Number old_m = m, old_v = v;
    m = fma(w1, gradient, decay(w1, m));
    if (slip == Slip::m_reset) m = w1 * gradient;
    if (slip == Slip::beta_rounded) m = fma(w1, gradient, (Number(1) - w1) * old_m);
    observe("m", m);
    v = fma(w2 * gradient, gradient, decay(w2, v));
    if (slip == Slip::g_for_g_squared) v = fma(w2, gradient, decay(w2, old_v));
    if (slip == Slip::one_rounding_more) v = w2 * gradient * gradient + decay(w2, old_v);
    if (slip == Slip::other_order) v = fma(w2, gradient * gradient, decay(w2, old_v));
    if (slip == Slip::epsilon_in_state) v = v + epsilon;
    observe("v", v);
    const Number numerator = alpha_t * (slip == Slip::old_m ? old_m : m);
    observe("numerator", numerator);
    const Number& seen_v = slip == Slip::old_v ? old_v : v;
    Number denominator = fma(c_t, sqrt(seen_v), epsilon);
    if (slip == Slip::epsilon_inside) denominator = sqrt(fma(c_t * c_t, seen_v, epsilon));
    if (slip == Slip::epsilon_dropped || slip == Slip::epsilon_in_state)
      denominator = c_t * sqrt(seen_v);
    observe("denominator", denominator);
    const Number update = numerator / denominator;
    observe("update", update);
    theta = slip == Slip::uphill ? theta + update : theta - update;
    observe("theta", theta);
    if (slip == Slip::v_hat_fed_back) v = c_t * c_t * v;
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

/// The shipped coefficients at other arguments.
template <class Change>
auto coefficients_at(Change change) {
  return with_coefficients([change](auto& shipped, Hyperparameters h, std::uint64_t t) {
    change(h, t);
    return shipped(h, t);
  });
}

/// The shipped coefficients, one of them multiplied.
template <class Factor>
auto coefficient_times(std::size_t index, Factor factor) {
  return with_coefficients([=](auto& shipped, const Hyperparameters& h, std::uint64_t t) {
    auto coefficients = shipped(h, t);
    coefficients[index] = static_cast<std::remove_reference_t<decltype(coefficients[0])>>(
        static_cast<double>(coefficients[index]) * factor(h, static_cast<double>(t)));
    return coefficients;
  });
}

/// The reference at other arguments.
template <class Change>
auto reference_with(Change change) {
  return with_reference([change](Hyperparameters h, std::uint64_t t) {
    change(h, t);
    return reference_at(h, t);
  });
}

StepAt<Real> reference_with_epsilon_inside(const Hyperparameters& h, std::uint64_t t) {
  return [adam = formula<rules::Of<fast::Adam>, Real>(h, t), alpha = Real(h[0]),
          epsilon = Real(h[3])](Point<Real>& point, const Real& g, Seen<Real>& seen) {
    const auto now = adam.step(point.theta, {point.state[0], point.state[1]}, g);
    const Real denominator = sqrt(Real(now.v_hat + epsilon));
    const Real update = alpha * now.m_hat / denominator, theta = point.theta - update;
    seen = {now.m, now.v, alpha * now.m_hat, denominator, update, theta};
    point = {theta, {now.m, now.v}};
  };
}

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real first_moment_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::adam_m<Real>(f.u, f.eta, 1 - Real(h[1]), run.largest_g).value();
}

template <class T>
Real second_moment_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::adam_v<Real>(f.u, f.eta, 1 - Real(h[2]), run.largest_g).value();
}

template <class T>
std::vector<Claims<T>> drift() {
  return {{shipped<T>(),
           {0.001, 0.9, 0.999, 1e-8},
           {{"m", first_moment_drift<T>}, {"v", second_moment_drift<T>}}}};
}

}  // namespace

Suite Facts<rules::Of<fast::Adam>>::suite() {
  const Pair& shipped = adam();
  const Witness usual{{0.001, 0.9, 0.3, 0.5}, 3, {1, {1.7, 0.7}}, 0.9};
  const Witness first{{0.001, 0.9, 0.3, 0.5}, 1, {1, {0, 0}}, 0.9};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("epsilon moved inside the root", "lane", lane_with<Slip::epsilon_inside>, usual);
  add("epsilon dropped", "lane", lane_with<Slip::epsilon_dropped>, usual);
  add("epsilon moved into the state", "lane", lane_with<Slip::epsilon_in_state>, usual);
  add("g for g^2", "lane", lane_with<Slip::g_for_g_squared>, usual);
  add("m used before its update", "lane", lane_with<Slip::old_m>, usual);
  add("v used before its update", "lane", lane_with<Slip::old_v>, usual);
  add("m reset at every step", "lane", lane_with<Slip::m_reset>, usual);
  add("v_hat fed back", "lane", lane_with<Slip::v_hat_fed_back>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("a rounding too many in v", "lane", lane_with<Slip::one_rounding_more>, usual);
  add("a product in another order", "lane", lane_with<Slip::other_order>, usual);
  add("beta1 rounded, then used", "lane", lane_with<Slip::beta_rounded>, usual);
  add("correction at t - 1", "coefficients", coefficients_at([](auto&, auto& t) { t -= t > 1; }),
      usual);
  add("correction at t + 1", "coefficients",
      coefficients_at([](auto&, auto& t) { t += t < std::uint64_t{1} << 63; }), usual);
  add("beta1 and beta2 swapped", "coefficients",
      coefficients_at([](auto& h, auto&) { std::swap(h[1], h[2]); }), usual);
  add("no correction of m", "coefficients",
      coefficient_times(2, [](auto& h, double t) { return 1 - std::pow(h[1], t); }), usual);
  add("no correction of v", "coefficients",
      coefficient_times(3, [](auto& h, double t) { return std::sqrt(1 - std::pow(h[2], t)); }),
      usual);
  add("epsilon before the correction", "coefficients",
      coefficient_times(4, [](auto& h, double t) { return 1 / std::sqrt(1 - std::pow(h[2], t)); }),
      usual);
  add("first step special-cased", "coefficients",
      with_coefficients([](auto& shipped_coefficients, const Hyperparameters& h, std::uint64_t t) {
        auto coefficients = shipped_coefficients(h, t);
        if (t == 1) coefficients[0] = coefficients[1] = 1;
        return coefficients;
      }),
      first);
  add("1 - beta2 formed in float", "coefficients",
      with_float_coefficient(1, [](auto& h) { return 1 - h[2]; }), usual);
  add("1 - beta2^t by float power", "coefficients",
      with_coefficients([](auto& shipped_coefficients, const Hyperparameters& h, std::uint64_t t) {
        auto coefficients = shipped_coefficients(h, t);
        coefficients[3] =
            1 / std::sqrt(1 - std::pow(static_cast<float>(h[2]), static_cast<float>(t)));
        return coefficients;
      }),
      usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("epsilon inside the root", "reference", with_reference(reference_with_epsilon_inside), usual);
  add("correction at t + 1", "reference",
      reference_with([](auto&, auto& t) { t += t < std::uint64_t{1} << 63; }), usual);
  add("beta1 and beta2 swapped", "reference",
      reference_with([](auto& h, auto&) { std::swap(h[1], h[2]); }), usual);
  return {shipped, faults, {drift<float>(), drift<double>()}};
}

namespace {

using reference::AdamAsPrinted;
using Exponent = AdamAsPrinted<Real>::Exponent;

AdamAsPrinted<Real>::Step printed_adam(std::uint64_t t, const AdamAsPrinted<Real>::Step& now,
                                       Exponent exponent) {
  return AdamAsPrinted<Real>({.learning_rate = 1, .beta1 = 0.9, .beta2 = 0.999, .epsilon = 0}, t,
                             exponent)
      .step(now.theta, now, 1);
}

/// The first step after which v exceeds the largest number of a format.
std::uint64_t overflows_at(double largest, Exponent exponent) {
  AdamAsPrinted<Real>::Step now{};
  now.theta = 0;
  std::uint64_t t = 0;
  while (now.v <= Real(largest)) now = printed_adam(++t, now, exponent);
  return t;
}

TEST(PrintedForms, AdamDiesOutAndOverflows) {
  for (const auto& [exponent, steps, travel] :
       {std::tuple{Exponent::of_the_first_rows, std::array{"1.0000", "0.2353", "0.0437", "0.0073"},
                   "1.288"},
        {Exponent::of_the_general_row, std::array{"1.0000", "0.3162", "0.0678", "0.0124"},
         "1.399"}}) {
    expect_steps(
        AdamAsPrinted<Real>::Step{},
        [which = exponent](auto t, const auto& now) { return printed_adam(t, now, which); },
        {steps[0], steps[1], steps[2], steps[3]});
    AdamAsPrinted<Real>::Step now{};
    now.theta = 0;
    for (std::uint64_t t = 1; t <= 100; ++t) now = printed_adam(t, now, exponent);
    expect_printed(-now.theta, travel);
  }
  EXPECT_EQ(overflows_at(std::numeric_limits<float>::max(), Exponent::of_the_first_rows), 20);
  EXPECT_EQ(overflows_at(std::numeric_limits<double>::max(), Exponent::of_the_first_rows), 329);
  EXPECT_EQ(overflows_at(std::numeric_limits<double>::max(), Exponent::of_the_general_row), 325);
  // The general row's divisor at the first step.
  EXPECT_EQ(1 - reference::power(Real(0.9), 0), 0);
}

}  // namespace

}  // namespace truestep::test
