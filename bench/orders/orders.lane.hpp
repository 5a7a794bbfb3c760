// SPDX-License-Identifier: Apache-2.0
// The orders of operations that each lane could have; read for plain numbers and once per SIMD
// target, as fast/lanes/namespace.hpp says.
//
// All candidates of a rule take the same coefficients, more than any one of them needs; what a
// kernel does not use costs it nothing.

#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_LANE
#undef TRUESTEP_BENCH_ORDERS_LANE
#else
#define TRUESTEP_BENCH_ORDERS_LANE
#endif

#include <truestep/fast/lanes/adadelta.lane.hpp>
#include <truestep/fast/lanes/adagrad.lane.hpp>
#include <truestep/fast/lanes/adam.lane.hpp>
#include <truestep/fast/lanes/momentum.lane.hpp>
#include <truestep/fast/lanes/nag.lane.hpp>
#include <truestep/fast/lanes/rmsprop.lane.hpp>

#include "candidate.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

using namespace fast::TRUESTEP_LANE_NAMESPACE;
using fast::at_least_zero;
using fast::decay;
using fast::maximum;
using fast::where_positive;
using std::fma;
using std::sqrt;

/// The weights of a decayed mean, past + w = 1: `low` is what rounding took from past.
template <class Number>
struct Weights {
  const Number &past, &low, &w;
};

struct TwoProducts {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return by.past * x + by.w * y;
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return by.past * x + by.w * (g * g);
  }
};

struct FusedNew {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return fma(by.w, y, by.past * x);
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return fma(by.w * g, g, by.past * x);
  }
};

struct FusedPast {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return fma(by.past, x, by.w * y);
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return fma(by.past, x, by.w * (g * g));
  }
};

struct PastInTwo {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return fma(by.past, x, fma(by.low, x, by.w * y));
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return fma(by.past, x, fma(by.low, x, by.w * (g * g)));
  }
};

struct Difference {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return fma(by.w, y - x, x);
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return fma(by.w, fma(g, g, -x), x);
  }
};

struct Complement {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& x, const Number& y) {
    return fma(by.w, y, decay(by.w, x));
  }
  template <class Number>
  static Number mean_square(const Weights<Number>& by, const Number& x, const Number& g) {
    return fma(by.w * g, g, decay(by.w, x));
  }
};

struct AlphaFirst {
  template <class Number>
  static Number update(const Number& alpha, const Number& y, const Number& root) {
    return alpha * y / root;
  }
};

struct AlphaLast {
  template <class Number>
  static Number update(const Number& alpha, const Number& y, const Number& root) {
    return alpha * (y / root);
  }
};

struct AlphaByRoot {
  template <class Number>
  static Number update(const Number& alpha, const Number& y, const Number& root) {
    return alpha / root * y;
  }
};

/// The lane that is shipped, fed from the coefficients at `Index` of those all candidates take.
template <class Lane, std::size_t Coefficients, std::size_t... Index>
struct Shipped {
  static constexpr std::size_t coefficients = Coefficients, states = Lane::states;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient,
                   const Observer& observe) {
    Lane::step(std::array<Number, sizeof...(Index)>{coefficient[Index]...}, theta, state, gradient,
               observe);
  }
};

// Momentum and NAG. Coefficients: momentum, alpha.

struct NoFusion {
  template <class Number>
  static Number velocity(const Number& momentum, const Number& alpha, const Number& v,
                         const Number& g) {
    return momentum * v - alpha * g;
  }
};

struct FusedVelocity {
  template <class Number>
  static Number velocity(const Number& momentum, const Number& alpha, const Number& v,
                         const Number& g) {
    return fma(momentum, v, -(alpha * g));
  }
};

struct FusedGradient {
  template <class Number>
  static Number velocity(const Number& momentum, const Number& alpha, const Number& v,
                         const Number& g) {
    return fma(-alpha, g, momentum * v);
  }
};

template <class Velocity>
struct MomentumOrder {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient, const Observer&) {
    const auto& [momentum, alpha] = coefficient;
    auto& [v] = state;
    v = Velocity::velocity(momentum, alpha, v, gradient);
    theta = theta + v;
  }
};

using MomentumOrders = std::tuple<Row<"shipped", Shipped<Momentum, 2, 0, 1>>,
                                  Row<"momentum v - alpha g", MomentumOrder<NoFusion>>,
                                  Row<"fma(momentum, v, -(alpha g))", MomentumOrder<FusedVelocity>>,
                                  Row<"fma(-alpha, g, momentum v)", MomentumOrder<FusedGradient>>>;

// NAG's look-ahead point. Coefficients: momentum.

struct RoundedLookAhead {
  static constexpr std::size_t coefficients = 1, states = 0;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& momentum, Number& theta,
                   std::array<Number, states>&, const Number& v, const Observer&) {
    theta = theta + momentum[0] * v;
  }
};

struct FusedLookAhead {
  static constexpr std::size_t coefficients = 1, states = 0;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& momentum, Number& theta,
                   std::array<Number, states>&, const Number& v, const Observer&) {
    theta = fma(momentum[0], v, theta);
  }
};

using LookAheadOrders = std::tuple<Row<"shipped", Shipped<NagLookAhead, 1, 0>>,
                                   Row<"theta + momentum v", RoundedLookAhead>,
                                   Row<"fma(momentum, v, theta)", FusedLookAhead>>;

// Adagrad. Coefficients: alpha, epsilon.

struct RoundedSquare {
  template <class Number>
  static Number add(const Number& sum, const Number& g) {
    return sum + g * g;
  }
};

struct FusedSquare {
  template <class Number>
  static Number add(const Number& sum, const Number& g) {
    return fma(g, g, sum);
  }
};

template <class Square, class Update>
struct AdagradOrder {
  static constexpr std::size_t coefficients = 2, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient, const Observer&) {
    const auto& [alpha, epsilon] = coefficient;
    auto& [sum] = state;
    sum = Square::add(sum, gradient);
    theta = theta - Update::update(alpha, gradient, sqrt(sum + epsilon));
  }
};

using AdagradOrders =
    std::tuple<Row<"shipped", Shipped<Adagrad, 2, 0, 1>>,
               Row<"sum + g g, (alpha g) / root", AdagradOrder<RoundedSquare, AlphaFirst>>,
               Row<"fma(g, g, sum), (alpha g) / root", AdagradOrder<FusedSquare, AlphaFirst>>,
               Row<"fma(g, g, sum), alpha (g / root)", AdagradOrder<FusedSquare, AlphaLast>>,
               Row<"fma(g, g, sum), (alpha / root) g", AdagradOrder<FusedSquare, AlphaByRoot>>>;

// Adadelta. Coefficients: past, low, w, epsilon.

struct RootOfRatio {
  template <class Number>
  static Number move(const Number& a, const Number& b, const Number& g) {
    return sqrt(a / b) * g;
  }
};

struct RatioOfRoots {
  template <class Number>
  static Number move(const Number& a, const Number& b, const Number& g) {
    return sqrt(a) / sqrt(b) * g;
  }
};

struct ProductByRoot {
  template <class Number>
  static Number move(const Number& a, const Number& b, const Number& g) {
    return sqrt(a) * g / sqrt(b);
  }
};

template <class Mean, class Move>
struct AdadeltaOrder {
  static constexpr std::size_t coefficients = 4, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient, const Observer&) {
    const auto& [past, low, w, epsilon] = coefficient;
    auto& [s, u] = state;
    const Weights<Number> by{past, low, w};
    s = Mean::mean_square(by, s, gradient);
    const Number move = Move::move(u + epsilon, s + epsilon, gradient);
    u = Mean::mean_square(by, u, move);
    theta = theta - move;
  }
};

using AdadeltaOrders =
    std::tuple<Row<"shipped", Shipped<Adadelta, 4, 2, 3>>,
               Row<"past x + w (g g)", AdadeltaOrder<TwoProducts, RootOfRatio>>,
               Row<"fma(w g, g, past x)", AdadeltaOrder<FusedNew, RootOfRatio>>,
               Row<"fma(past, x, w (g g))", AdadeltaOrder<FusedPast, RootOfRatio>>,
               Row<"fma(past, x, fma(low, x, w (g g)))", AdadeltaOrder<PastInTwo, RootOfRatio>>,
               Row<"fma(w, fma(g, g, -x), x)", AdadeltaOrder<Difference, RootOfRatio>>,
               Row<"fma(w g, g, fma(-w, x, x))", AdadeltaOrder<Complement, RootOfRatio>>,
               Row<"the same, (sqrt(a) / sqrt(b)) g", AdadeltaOrder<Complement, RatioOfRoots>>,
               Row<"the same, (sqrt(a) g) / sqrt(b)", AdadeltaOrder<Complement, ProductByRoot>>>;

// RMSprop. Coefficients: past, low, w, alpha, epsilon.

template <class Mean>
struct EpsilonLast {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& epsilon, const Number& s,
                     const Number& g) {
    return Mean::mean_square(by, s, g) + epsilon;
  }
};

struct EpsilonOnPast {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& epsilon, const Number& s,
                     const Number& g) {
    return fma(by.w * g, g, decay(by.w, s) + epsilon);
  }
};

struct EpsilonOnNew {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& epsilon, const Number& s,
                     const Number& g) {
    return decay(by.w, s) + fma(by.w * g, g, epsilon);
  }
};

struct EpsilonOnNewFusedPast {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& epsilon, const Number& s,
                     const Number& g) {
    return fma(by.past, s, fma(by.w * g, g, epsilon));
  }
};

struct EpsilonOnNewPastInTwo {
  template <class Number>
  static Number mean(const Weights<Number>& by, const Number& epsilon, const Number& s,
                     const Number& g) {
    return fma(by.past, s, fma(by.low, s, fma(by.w * g, g, epsilon)));
  }
};

template <class Mean, class Update>
struct RmspropOrder {
  static constexpr std::size_t coefficients = 5, states = 1;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient, const Observer&) {
    const auto& [past, low, w, alpha, epsilon] = coefficient;
    auto& [s] = state;
    s = Mean::mean(Weights<Number>{past, low, w}, epsilon, s, gradient);
    theta = theta - Update::update(alpha, gradient, sqrt(s));
  }
};

using RmspropOrders = std::tuple<
    Row<"shipped", Shipped<Rmsprop, 5, 2, 3, 4>>,
    Row<"(past s + w (g g)) + epsilon", RmspropOrder<EpsilonLast<TwoProducts>, AlphaFirst>>,
    Row<"fma(w g, g, past s) + epsilon", RmspropOrder<EpsilonLast<FusedNew>, AlphaFirst>>,
    Row<"fma(past, s, w (g g)) + epsilon", RmspropOrder<EpsilonLast<FusedPast>, AlphaFirst>>,
    Row<"fma(past, s, fma(w g, g, epsilon))", RmspropOrder<EpsilonOnNewFusedPast, AlphaFirst>>,
    Row<"fma(past, s, fma(low, s, fma(w g, g, epsilon)))",
        RmspropOrder<EpsilonOnNewPastInTwo, AlphaFirst>>,
    Row<"fma(w, fma(g, g, -s), s) + epsilon", RmspropOrder<EpsilonLast<Difference>, AlphaFirst>>,
    Row<"fma(w g, g, fma(-w, s, s)) + epsilon", RmspropOrder<EpsilonLast<Complement>, AlphaFirst>>,
    Row<"fma(w g, g, fma(-w, s, s) + epsilon)", RmspropOrder<EpsilonOnPast, AlphaFirst>>,
    Row<"fma(-w, s, s) + fma(w g, g, epsilon)", RmspropOrder<EpsilonOnNew, AlphaFirst>>,
    Row<"the same, alpha (g / root)", RmspropOrder<EpsilonOnNew, AlphaLast>>,
    Row<"the same, (alpha / root) g", RmspropOrder<EpsilonOnNew, AlphaByRoot>>>;

// Adam. Coefficients: past1, low1, w1, past2, low2, w2, alpha, and with q = 1 - past^t
// 1 / q1, alpha / q1, 1 / q2, 1 / sqrt(q2); epsilon.

struct FusedDenominator {
  template <class Number>
  static Number denominator(const Number&, const Number& c_t, const Number& epsilon,
                            const Number& v) {
    return fma(c_t, sqrt(v), epsilon);
  }
};

struct RoundedDenominator {
  template <class Number>
  static Number denominator(const Number&, const Number& c_t, const Number& epsilon,
                            const Number& v) {
    return c_t * sqrt(v) + epsilon;
  }
};

struct CorrectedSquare {
  template <class Number>
  static Number denominator(const Number& correction, const Number&, const Number& epsilon,
                            const Number& v) {
    return sqrt(correction * v) + epsilon;
  }
};

struct AlphaHoisted {
  template <class Number>
  static Number update(const Number&, const Number&, const Number& alpha_t, const Number& m,
                       const Number& denominator) {
    return alpha_t * m / denominator;
  }
};

struct AlphaHoistedLast {
  template <class Number>
  static Number update(const Number&, const Number&, const Number& alpha_t, const Number& m,
                       const Number& denominator) {
    return alpha_t * (m / denominator);
  }
};

struct CorrectedMean {
  template <class Number>
  static Number update(const Number& alpha, const Number& correction, const Number&,
                       const Number& m, const Number& denominator) {
    return alpha * (correction * m) / denominator;
  }
};

template <class Mean, class Denominator, class Update>
struct AdamOrder {
  static constexpr std::size_t coefficients = 12, states = 2;

  template <class Number, class Observer>
  static void step(const std::array<Number, coefficients>& coefficient, Number& theta,
                   std::array<Number, states>& state, const Number& gradient, const Observer&) {
    const auto& [past1, low1, w1, past2, low2, w2, alpha, correction1, alpha_t, correction2, c_t,
                 epsilon] = coefficient;
    auto& [m, v] = state;
    m = Mean::mean(Weights<Number>{past1, low1, w1}, m, gradient);
    v = Mean::mean_square(Weights<Number>{past2, low2, w2}, v, gradient);
    theta = theta - Update::update(alpha, correction1, alpha_t, m,
                                   Denominator::denominator(correction2, c_t, epsilon, v));
  }
};

using AdamOrders = std::tuple<
    Row<"shipped", Shipped<Adam, 12, 2, 5, 8, 10, 11>>,
    Row<"past x + w (g g)", AdamOrder<TwoProducts, FusedDenominator, AlphaHoisted>>,
    Row<"fma(w g, g, past x)", AdamOrder<FusedNew, FusedDenominator, AlphaHoisted>>,
    Row<"fma(past, x, w (g g))", AdamOrder<FusedPast, FusedDenominator, AlphaHoisted>>,
    Row<"fma(past, x, fma(low, x, w (g g)))", AdamOrder<PastInTwo, FusedDenominator, AlphaHoisted>>,
    Row<"fma(w, fma(g, g, -x), x)", AdamOrder<Difference, FusedDenominator, AlphaHoisted>>,
    Row<"fma(w g, g, fma(-w, x, x))", AdamOrder<Complement, FusedDenominator, AlphaHoisted>>,
    Row<"the same, c_t sqrt(v) + epsilon", AdamOrder<Complement, RoundedDenominator, AlphaHoisted>>,
    Row<"the same, sqrt(v_hat) + epsilon", AdamOrder<Complement, CorrectedSquare, AlphaHoisted>>,
    Row<"the same, (alpha m_hat) / denominator",
        AdamOrder<Complement, FusedDenominator, CorrectedMean>>,
    Row<"the same, alpha_t (m / denominator)",
        AdamOrder<Complement, FusedDenominator, AlphaHoistedLast>>>;

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
