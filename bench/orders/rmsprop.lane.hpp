// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_RMSPROP_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_RMSPROP_LANE
#undef TRUESTEP_BENCH_ORDERS_RMSPROP_LANE
#else
#define TRUESTEP_BENCH_ORDERS_RMSPROP_LANE
#endif

#include <truestep/fast/lanes/rmsprop.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// Coefficients: past, low, w, alpha, epsilon.

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

template <>
struct OrdersOf<fast::Rmsprop> {
  using type = std::tuple<
      Row<"shipped", Shipped<Rmsprop, 5, 2, 3, 4>>,
      Row<"(past s + w (g g)) + epsilon", RmspropOrder<EpsilonLast<TwoProducts>, AlphaFirst>>,
      Row<"fma(w g, g, past s) + epsilon", RmspropOrder<EpsilonLast<FusedNew>, AlphaFirst>>,
      Row<"fma(past, s, w (g g)) + epsilon", RmspropOrder<EpsilonLast<FusedPast>, AlphaFirst>>,
      Row<"fma(past, s, fma(w g, g, epsilon))", RmspropOrder<EpsilonOnNewFusedPast, AlphaFirst>>,
      Row<"fma(past, s, fma(low, s, fma(w g, g, epsilon)))",
          RmspropOrder<EpsilonOnNewPastInTwo, AlphaFirst>>,
      Row<"fma(w, fma(g, g, -s), s) + epsilon", RmspropOrder<EpsilonLast<Difference>, AlphaFirst>>,
      Row<"fma(w g, g, fma(-w, s, s)) + epsilon",
          RmspropOrder<EpsilonLast<Complement>, AlphaFirst>>,
      Row<"fma(w g, g, fma(-w, s, s) + epsilon)", RmspropOrder<EpsilonOnPast, AlphaFirst>>,
      Row<"fma(-w, s, s) + fma(w g, g, epsilon)", RmspropOrder<EpsilonOnNew, AlphaFirst>>,
      Row<"the same, alpha (g / root)", RmspropOrder<EpsilonOnNew, AlphaLast>>,
      Row<"the same, (alpha / root) g", RmspropOrder<EpsilonOnNew, AlphaByRoot>>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
