// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_NAG_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_NAG_LANE
#undef TRUESTEP_BENCH_ORDERS_NAG_LANE
#else
#define TRUESTEP_BENCH_ORDERS_NAG_LANE
#endif

#include <truestep/fast/lanes/nag.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// The look-ahead point. Coefficients: momentum.

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

template <>
struct OrdersOf<fast::Nag> {
  using type = std::tuple<Row<"shipped", Shipped<NagLookAhead, 1, 0>>,
                          Row<"theta + momentum v", RoundedLookAhead>,
                          Row<"fma(momentum, v, theta)", FusedLookAhead>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
