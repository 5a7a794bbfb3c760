// SPDX-License-Identifier: Apache-2.0
// What orders of operations are made of; read for plain numbers and once per SIMD target, as
// fast/lanes/namespace.hpp says. RULE.lane.hpp has those that the lane of a rule could have.
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

#include <truestep/fast/lanes/vocabulary.hpp>

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

/// The candidates of a rule, the first of which is shipped: RULE.lane.hpp.
template <class Rule>
struct OrdersOf;

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
