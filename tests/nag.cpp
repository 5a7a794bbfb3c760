// NAG: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include "support/known_answers.hpp"
#include "support/report.hpp"
#include "support/subject_of.hpp"
#include "support/suite.hpp"

namespace truestep::test {
namespace {

const Rule rule{
    .name = "nag",
    .hyperparameters = {{"learning_rate", Role::learning_rate, {1, -1}}, {"momentum", Role::decay}},
    .states = {{"v", false, {1, 0}}},
    .quantities = {"look_ahead", "v", "theta"}};

/// The two lanes of the rule in the order in which a caller runs them; between them the caller
/// takes the gradient at the point that the first one shows.
struct LookAheadAndStep {
  static constexpr std::size_t coefficients = fast::lane::Nag::coefficients,
                               states = fast::lane::Nag::states;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    Number point = theta;
    std::array<Number, 0> none;
    fast::lane::NagLookAhead::step({coefficient[0]}, point, none, state[0], observe);
    fast::lane::Nag::step(coefficient, theta, state, gradient, observe);
  }
};

StepAt<Real> reference_at(const Hyperparameters& h, std::uint64_t t) {
  return
      [nag = formula<rules::Nag, Real>(h, t)](Point<Real>& point, const Real& g, Seen<Real>& seen) {
        const auto look_ahead = nag.look_ahead(point.theta, {point.state[0]});
        const auto now = nag.step(point.theta, {point.state[0]}, g);
        seen = {look_ahead, now.v, now.theta};
        point = {now.theta, {now.v}};
      };
}

template <class Number>
States<Number> weighted_sums(const Hyperparameters& h, const std::vector<States<Number>>& g) {
  return {Number(-h[0]) * weighted_sum(Number(h[1]), g.size(), [&](auto i) { return g[i][0]; })};
}

template <class T>
Outcome answers(const Subject<T>& subject) {
  return all_of({
      constant_steps(subject, {1, 0.9}, {"1.0000", "1.9000", "2.7100", "3.4390"}),
      quadratic(subject, {0.1, 0.9}, 1, {"0.9000", "0.7290", "0.5176", "0.2946"}),
      trajectory<T>(subject, {0.125, 0.5}, 1, {1, 3, -2}, {"7/8", "7/16", "15/32"}),
      published(subject, "nesterov", "look_ahead"),
  });
}

template <class T>
Subject<T> shipped() {
  auto subject = subject_of<rules::Nag, T>(rule);
  use_lane<LookAheadAndStep>(subject);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    return {formula<rules::Nag, Rational>(h, t).step(0, {before[0]}, g[0]).v};
  };
  subject.exact_coefficients = [](const Hyperparameters& h, std::uint64_t) -> std::vector<Real> {
    return {Real(h[1]), Real(h[0])};
  };
  subject.closed_form = weighted_sums<Real>;
  subject.closed_form_exact = weighted_sums<Rational>;
  subject.known_answers = answers<T>;
  return subject;
}

const Pair& nag() {
  static const Pair pair{shipped<float>(), shipped<double>()};
  return pair;
}

/// The look-ahead kernel as a rule of its own, v in the gradient's place, for equal bits.
template <class T>
Subject<T> shipped_look_ahead() {
  Subject<T> subject;
  subject.rule = {.name = "nag_look_ahead",
                  .hyperparameters = rule.hyperparameters,
                  .states = {},
                  .quantities = {"look_ahead"}};
  use_lane<fast::lane::NagLookAhead>(subject);
  subject.coefficients = [](const Hyperparameters& h, std::uint64_t t) {
    return Coefficients<T>{fast::coefficients<T>(settings<rules::Nag>(h), t)[0]};
  };
  subject.kernel = [](const Hyperparameters& h, std::uint64_t, std::span<T> theta, const auto&,
                      std::span<const T> v) {
    const std::vector<T> from(theta.begin(), theta.end());
    fast::nag_look_ahead(settings<rules::Nag>(h), std::span<const T>(from), v, theta);
  };
  return subject;
}

}  // namespace

TEST(Nag, KnownAnswers) { expect_section(1, nag()); }
TEST(Nag, EqualBits) {
  expect_section(2, nag());
  expect_section(2, {shipped_look_ahead<float>(), shipped_look_ahead<double>()});
}
TEST(Nag, OneStep) { expect_section(3, nag()); }
TEST(Nag, ManySteps) { expect_section(4, nag()); }
TEST(Nag, Recurrences) { expect_section(5, nag()); }
TEST(Nag, BiasCorrection) { expect_section(6, nag()); }
TEST(Nag, Symmetries) { expect_section(8, nag()); }
TEST(Nag, Edges) {
  expect_edges(nag());
  std::vector<float> theta(4, 1), v(4, 1), point(3);
  const auto message = [&](const fast::NagHyperparameters& h, std::span<float> into) {
    try {
      fast::nag_look_ahead(h, std::span<const float>(theta), std::span<const float>(v), into);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("not refused");
  };
  EXPECT_EQ(message({.momentum = 1}, point), "nag: momentum = 1 is outside [0, 1)");
  EXPECT_EQ(message({}, point), "nag: point has 3 elements where theta has 4");
  EXPECT_EQ(message({}, theta), "nag: point overlaps theta");
}

namespace {

enum class Slip { no_look_ahead, look_behind, old_v, v_reset, uphill, on_a_grid, fused };

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
    Number point = theta + momentum * v;
    if (slip == Slip::no_look_ahead) point = theta;
    if (slip == Slip::look_behind) point = theta - momentum * v;
    observe("look_ahead", point);
    v = momentum * v - step;
    if (slip == Slip::v_reset) v = -step;
    if (slip == Slip::uphill) v = momentum * old_v + step;
    if (slip == Slip::on_a_grid) v = (v + Number(1024)) - Number(1024);
    if (slip == Slip::fused) v = fma(momentum, old_v, -step);
    observe("v", v);
    theta = theta + (slip == Slip::old_v ? old_v : v);
    observe("theta", theta);
  }
};

template <Slip slip>
constexpr auto lane_with = with_lane<Slipped<slip>>;

/// Momentum: the gradient belongs to theta itself.
StepAt<Real> reference_without_look_ahead(const Hyperparameters& h, std::uint64_t t) {
  return [shipped = reference_at(h, t)](Point<Real>& point, const Real& g, Seen<Real>& seen) {
    const Real theta = point.theta;
    shipped(point, g, seen);
    seen[0] = theta;
  };
}

}  // namespace

Suite nag_suite() {
  const Pair& shipped = nag();
  const Witness usual{{0.001, 0.4}, 3, {1, {1.5}}, 1.1};
  const Witness tail{usual.h, usual.t, usual.point, usual.gradient, 7};
  std::vector<Fault> faults;
  const auto add = [&](const char* name, const char* where, auto alter, const Witness& witness) {
    faults.push_back(plant(shipped, name, where, alter, witness));
  };
  add("look-ahead missing", "lane", lane_with<Slip::no_look_ahead>, usual);
  add("look-ahead backwards", "lane", lane_with<Slip::look_behind>, usual);
  add("v used before its update", "lane", lane_with<Slip::old_v>, usual);
  add("v reset at every step", "lane", lane_with<Slip::v_reset>, usual);
  add("uphill", "lane", lane_with<Slip::uphill>, usual);
  add("v rounded to a fixed grid", "lane", lane_with<Slip::on_a_grid>, usual);
  add("a rounding too few in v", "lane", lane_with<Slip::fused>, usual);
  add("momentum rounded to float", "coefficients",
      with_float_coefficient(0, [](auto& h) { return h[1]; }), usual);
  add("tail skipped", "kernel", without_tail(4), tail);
  add("look-ahead missing", "reference", with_reference(reference_without_look_ahead), usual);
  return {shipped, faults};
}

}  // namespace truestep::test
