// SPDX-License-Identifier: Apache-2.0
// NAG: what holds its two statements together, and the faults that have to break it.

#include <gtest/gtest.h>

#include <truestep/fast/target.hpp>
#include <truestep/proofs/recorded_lanes.hpp>

#include <limits>
#include <tuple>

#include "facts/nag.hpp"
#include "support/generate.hpp"
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
    .quantities = {"look_ahead", "v", "theta"},
    .other_lanes = {{"look_ahead", "nag_look_ahead"}}};

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
  return [nag = formula<rules::Of<fast::Nag>, Real>(h, t)](Point<Real>& point, const Real& g,
                                                           Seen<Real>& seen) {
    const auto look_ahead = nag.look_ahead(point.theta, {point.state[0]});
    const auto now = nag.step(point.theta, {point.state[0]}, g);
    seen[0] = look_ahead;
    seen[1] = point.state[0] = now.v;
    seen[2] = point.theta = now.theta;
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
  auto subject = subject_of<rules::Of<fast::Nag>, T>(rule);
  use_lane<LookAheadAndStep>(subject);
  subject.reference = reference_at;
  subject.exact_states = [](const Hyperparameters& h, std::uint64_t t,
                            const States<Rational>& before,
                            const States<Rational>& g) -> States<Rational> {
    return {formula<rules::Of<fast::Nag>, Rational>(h, t).step(0, {before[0]}, g[0]).v};
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
    return Coefficients<T>{fast::coefficients<T>(settings<rules::Of<fast::Nag>>(h), t)[0]};
  };
  subject.kernel = [](const Hyperparameters& h, std::uint64_t, std::span<T> theta, const auto&,
                      std::span<const T> v) {
    const std::vector<T> from(theta.begin(), theta.end());
    fast::look_ahead(settings<rules::Of<fast::Nag>>(h),
                     fast::LookAhead<T>{.theta = from, .v = v, .point = theta});
  };
  return subject;
}

}  // namespace

TEST(Nag, LooksAheadInEqualBits) {
  expect_section(2, {shipped_look_ahead<float>(), shipped_look_ahead<double>()});
}

TEST(Nag, LooksAheadWithinEdges) {
  std::vector<float> theta(4, 1), v(4, 1), point(3);
  const auto message = [&](const fast::NagHyperparameters& h, std::span<float> into) {
    try {
      fast::look_ahead(h, fast::LookAhead<float>{.theta = theta, .v = v, .point = into});
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

using fast::FirstBuffer;
using fast::LearningRateSite;
using fast::Move;
using fast::NagHyperparameters;
using fast::NesterovForm;
using fast::WeightDecay;

template <Move move>
using LaneThatMovesBy = fast::lane::MomentumLane<fast::MomentumForm{move}>;
using NesterovLane = LaneThatMovesBy<Move::nesterov>;

/// The sum at the factors of the buffer's recurrence.
struct SumOfSharedFactors {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    const auto& [momentum, gain] = coefficient;
    LaneThatMovesBy<Move::sum>::step({momentum, gain, momentum, gain}, theta, state, gradient,
                                     observe);
  }
};

enum class OnePassSlip { none, old_v, other_order, fused, subtracts };

/// Nesterov's lane with one slip.
template <OnePassSlip slip>
struct SlippedNesterov {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    using std::fma;
    const auto& [momentum, gain] = coefficient;
    auto& [v] = state;
    const Number old_v = v, push = gain * gradient;
    v = momentum * v + push;
    // As learning_rate would be: where gain is 0, it is 0 and not -0.
    if (slip == OnePassSlip::subtracts) v = momentum * old_v - (Number(0) - gain) * gradient;
    observe("v", v);
    Number move = momentum * (slip == OnePassSlip::old_v ? old_v : v) + push;
    if (slip == OnePassSlip::fused) move = fma(momentum, v, push);
    theta = slip == OnePassSlip::other_order ? (theta + momentum * v) + push : theta + move;
    observe("theta", theta);
  }
};

using NesterovSlips =
    std::tuple<SlippedNesterov<OnePassSlip::old_v>, SlippedNesterov<OnePassSlip::other_order>,
               SlippedNesterov<OnePassSlip::fused>, SlippedNesterov<OnePassSlip::subtracts>>;

/// Whether a lane takes the operations that the sum takes at shared factors, each in its place.
template <class Lane>
bool is_the_sum() {
  const auto inputs = proofs::inputs<NesterovLane>();
  const auto one = proofs::record<Lane>(inputs), other = proofs::record<SumOfSharedFactors>(inputs);
  return one.states == other.states && one.theta == other.theta;
}

/// Coordinates in columns: every triple of special numbers, then any bit patterns.
template <class T>
struct Columns {
  std::vector<T> theta, v, gradient;

  Columns() {
    using Limits = std::numeric_limits<T>;
    std::vector<T> special;
    for (const T x : {T(0), Limits::denorm_min(), Limits::min(), T(1), T(1.5), Limits::max(),
                      Limits::infinity(), Limits::quiet_NaN()})
      special.insert(special.end(), {x, -x});
    for (const T x : special)
      for (const T y : special)
        for (const T z : special) add(x, y, z);
    Random random(1);
    for (int i = 0; i < 4'001; ++i) add(random.any<T>(), random.any<T>(), random.any<T>());
    for (int i = 0; i < 4'001; ++i)
      add(random.ordinary<T>(-4, 0), random.ordinary<T>(-4, 0), random.ordinary<T>(-4, 4));
  }

  void step(const NagHyperparameters& h) {
    fast::step(h, 2, fast::NagTensor<T>{.theta = theta, .v = v, .gradient = gradient});
  }

  template <class Lane>
  void step(const NagHyperparameters& h) {
    const auto coefficients = fast::coefficients<T, NagHyperparameters, NesterovLane>(h, 2);
    for (std::size_t i = 0; i < theta.size(); ++i) {
      std::array<T, 1> state{v[i]};
      Lane::step(coefficients, theta[i], state, gradient[i], fast::Unobserved());
      v[i] = state[0];
    }
  }

  friend bool operator==(const Columns& a, const Columns& b) {
    return bits_of(a.theta) == bits_of(b.theta) && bits_of(a.v) == bits_of(b.v);
  }

 private:
  void add(T x, T y, T z) {
    theta.push_back(x);
    v.push_back(y);
    gradient.push_back(z);
  }

  static std::vector<BitsOf<T>> bits_of(const std::vector<T>& numbers) {
    std::vector<BitsOf<T>> all(numbers.size());
    std::transform(numbers.begin(), numbers.end(), all.begin(), bits<T>);
    return all;
  }
};

/// Descriptions that ask for Nesterov's lane, from the ends of the domain and from within.
std::vector<NagHyperparameters> one_pass_descriptions() {
  std::vector<NagHyperparameters> all;
  for (const double learning_rate : {0.0, 0x1p-1074, 1e-40, 0.01, 1.0, 0x1p64})
    for (const double momentum : {0.0, 0x1p-1074, 0.5, 0.9, 1 - 0x1p-53})
      for (const auto place : {WeightDecay::none, WeightDecay::gradient, WeightDecay::decoupled})
        all.push_back({.learning_rate = learning_rate,
                       .momentum = momentum,
                       .nesterov = NesterovForm::stored_point,
                       .weight_decay_place = place,
                       .weight_decay = place == WeightDecay::none ? 0 : 0x1p-65});
  return all;
}

/// A buffer that began with a gradient has the recurrence's factors from the second step on, but
/// not at every step, and so the sum's lane.
NagHyperparameters by_the_sum(NagHyperparameters h) {
  h.first_buffer = FirstBuffer::gradient;
  return h;
}

template <class T>
void expect_bits_of_the_sum(const NagHyperparameters& h) {
  Columns<T> one, other;
  one.step(h);
  other.step(by_the_sum(h));
  EXPECT_TRUE(one == other) << fast::target() << ": learning_rate = " << h.learning_rate
                            << ", momentum = " << h.momentum;
}

/// Whether some description tells the lane's results from the sum's.
template <class Lane, class T>
bool parts_from_the_sum() {
  for (const auto& h : one_pass_descriptions()) {
    if (h.weight_decay != 0) continue;
    Columns<T> one, other;
    one.template step<Lane>(h);
    other.step(by_the_sum(h));
    if (!(one == other)) return true;
  }
  return false;
}

}  // namespace

TEST(NagInOnePass, TakesTheOperationsOfTheSum) {
  EXPECT_TRUE(is_the_sum<NesterovLane>());
  EXPECT_TRUE(is_the_sum<SlippedNesterov<OnePassSlip::none>>());
  proofs::for_each_lane<NesterovSlips>([]<class Lane>() { EXPECT_FALSE(is_the_sum<Lane>()); });
}

TEST(NagInOnePass, HasTheBitsOfTheSum) {
  for (const auto& h : one_pass_descriptions()) {
    ASSERT_EQ(fast::choice(h).form.move, Move::nesterov);
    ASSERT_EQ(fast::choice(by_the_sum(h)).form.move, Move::sum);
    for (const auto& target : fast::targets()) {
      fast::use_target(target);
      expect_bits_of_the_sum<float>(h);
      expect_bits_of_the_sum<double>(h);
    }
  }
  fast::use_target(fast::targets().front());
}

TEST(NagInOnePass, HasOtherBitsWithASlip) {
  EXPECT_FALSE((parts_from_the_sum<NesterovLane, float>()));
  EXPECT_FALSE((parts_from_the_sum<NesterovLane, double>()));
  proofs::for_each_lane<NesterovSlips>([]<class Lane>() {
    EXPECT_TRUE((parts_from_the_sum<Lane, float>()));
    EXPECT_TRUE((parts_from_the_sum<Lane, double>()));
  });
}

TEST(NagInOnePass, IsASumWhereTheFactorsAreOthers) {
  using enum NesterovForm;
  for (const auto form : {stored_point, unrolled, difference})
    EXPECT_EQ(fast::choice(NagHyperparameters{.nesterov = form}).form.move, Move::nesterov);
  for (const NagHyperparameters& h :
       {NagHyperparameters{.nesterov = squared_momentum},
        {.dampening = 0.1, .nesterov = stored_point},
        {.nesterov = stored_point, .learning_rate_site = LearningRateSite::step},
        {.nesterov = stored_point, .first_buffer = FirstBuffer::gradient}}) {
    EXPECT_EQ(fast::choice(h).form.move, Move::sum);
    const auto [momentum, gain, p, q] =
        fast::coefficients<double, NagHyperparameters, LaneThatMovesBy<Move::sum>>(h, 1);
    EXPECT_FALSE(p == momentum && q == gain);
  }
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

// The drift theorems of its states, and of theta where they have a constant for it.

template <class T>
Real buffer_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::nag_v<Real>(f.u, f.eta, h[1], h[0], run.largest_g).value();
}

template <class T>
Real theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return proofs::nag_theta<Real>(f.u, f.eta, h[1], h[0], run.largest_g, run.largest_theta, run.t)
      .value();
}

template <class T>
std::vector<Claims<T>> drift() {
  return {{shipped<T>(), {0.01, 0.99}, {{"v", buffer_drift<T>}, {"theta", theta_drift<T>}}}};
}

}  // namespace

Suite Facts<rules::Of<fast::Nag>>::suite() {
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
  return {shipped, faults, {drift<float>(), drift<double>()}};
}

}  // namespace truestep::test
