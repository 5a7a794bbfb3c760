// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_MOMENTUM_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_MOMENTUM_LANE
#undef TRUESTEP_BENCH_ORDERS_MOMENTUM_LANE
#else
#define TRUESTEP_BENCH_ORDERS_MOMENTUM_LANE
#endif

#include <truestep/fast/lanes/momentum.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// Coefficients: momentum, alpha.

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

template <>
struct OrdersOf<fast::Momentum> {
  using type = std::tuple<Row<"shipped", Shipped<Momentum, 2, 0, 1>>,
                          Row<"momentum v - alpha g", MomentumOrder<NoFusion>>,
                          Row<"fma(momentum, v, -(alpha g))", MomentumOrder<FusedVelocity>>,
                          Row<"fma(-alpha, g, momentum v)", MomentumOrder<FusedGradient>>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
