// SPDX-License-Identifier: Apache-2.0
// Momentum: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include "facts/momentum.hpp"
#include "support/known_answers.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{
    .name = "momentum",
    .hyperparameters = {{"learning_rate", Role::learning_rate, {1, -1}}, {"momentum", Role::decay}},
    .states = {{"v", false, {1, 0}}},
    .quantities = {"v", "theta"}};

const auto reference_at = reference_of<rules::Of<fast::Momentum>>(
    [](const auto& now, const Hyperparameters&, const auto& see) { see(now.v, now.theta); });

template <class Number>
States<Number> weighted_sums(const Hyperparameters& h, const std::vector<States<Number>>& g) {
  return {Number(-h[0]) * weighted_sum(Number(h[1]), g.size(), [&](auto i) { return g[i][0]; })};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {1, 0.9}, {"1.0000", "1.9000", "2.7100", "3.4390"}),
      quadratic(subject, {0.1, 0.9}, 1, {"0.9000", "0.7200", "0.4860", "0.2268"}),
      trajectory<T>(subject, {0.125, 0.5}, 1, {1, 3, -2}, {"7/8", "7/16", "15/32"}),
      published(subject, "momentum", "theta"),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Of<fast::Momentum>, T>(rule);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    return {formula<rules::Of<fast::Momentum>, Rational>(h, t).step(0, {before[0]}, g[0]).v};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t) -> std::vector<Real> {
    return {Real(h[1]), Real(h[0])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& momentum() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

enum class Slip { old_v, v_reset, uphill, damped, rate_outside, nesterov, fused, on_a_grid };

/// The lane with one slip.
template <Slip slip>
struct Slipped {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using std::fma;
    const auto& [momentum, learning_rate] = coefficient;
    auto& [v] = state;
    const Number old_v = v, step = learning_rate * gradient;
    v = momentum * v - step;
    if (slip == Slip::v_reset) v = -step;
    if (slip == Slip::uphill) v = momentum * old_v + step;
    if (slip == Slip::damped) v = momentum * old_v - (Number(1) - momentum) * step;
    if (slip == Slip::rate_outside) v = momentum * old_v - gradient;
    if (slip == Slip::fused) v = fma(momentum, old_v, -step);
    if (slip == Slip::on_a_grid) v = (v + Number(1024)) - Number(1024);
    observe("v", v);
    if (slip == Slip::old_v)
      theta = theta + old_v;
    else if (slip == Slip::rate_outside)
      theta = theta + learning_rate * v;
    else if (slip == Slip::nesterov)
      theta = theta + (momentum * v - step);
    else
      theta = theta + v;
    observe("theta", theta);
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

/// The velocity before its update moves theta.
StepAt<Real> reference_with_old_v(const Hyperparameters& h, std::uint64_t t) {
  return [shipped = reference_at(h, t)](Point<Real>& point, const Real& g, Seen<Real>& seen) {
    const Real theta = point.theta + point.state[0];
    shipped(point, g, seen);
    point.theta = seen[1] = theta;
  };
}

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real buffer_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::momentum_v<Real>(f.u, f.eta, h[1], h[0], run.largest_g).value();
}

template <class T>
Real theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::momentum_theta<Real>(f.u, f.eta, h[1], h[0], run.largest_g, run.largest_theta,
                                      run.t)
      .value();
}

template <class T>
std::vector<Claims<T>> drift() {
  return {{shipped<T>(), {0.01, 0.9}, {{"v", buffer_drift<T>}, {"theta", theta_drift<T>}}}};
}

}  // namespace

Suite Facts<rules::Of<fast::Momentum>>::suite() {
  const Pair& shipped = momentum();
  const Witness usual{{0.001, 0.4}, 3, {1, {1.5}}, 1.1};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("v used before its update", "lane", lane_with<Slip::old_v>, usual);
  add("v reset at every step", "lane", lane_with<Slip::v_reset>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("gradient damped by 1 - momentum", "lane", lane_with<Slip::damped>, usual);
  add("learning rate outside the velocity", "lane", lane_with<Slip::rate_outside>, usual);
  add("Nesterov's step emitted", "lane", lane_with<Slip::nesterov>, usual);
  add("a rounding too few in v", "lane", lane_with<Slip::fused>, usual);
  add("v rounded to a fixed grid", "lane", lane_with<Slip::on_a_grid>, usual);
  add("momentum rounded to float", "coefficients",
      with_float_coefficient(0, [](auto& h) { return h[1]; }), usual);
  add("learning rate rounded to float", "coefficients",
      with_float_coefficient(1, [](auto& h) { return h[0]; }), usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("v used before its update", "reference", with_reference(reference_with_old_v), usual);
  return {shipped, faults, {drift<float>(), drift<double>()}};
}

}  // namespace truestep::test
