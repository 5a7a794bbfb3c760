// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_ADAGRAD_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_ADAGRAD_LANE
#undef TRUESTEP_BENCH_ORDERS_ADAGRAD_LANE
#else
#define TRUESTEP_BENCH_ORDERS_ADAGRAD_LANE
#endif

#include <truestep/fast/lanes/adagrad.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// Coefficients: alpha, epsilon.

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

template <>
struct OrdersOf<fast::Adagrad> {
  using type =
      std::tuple<Row<"shipped", Shipped<Adagrad, 2, 0, 1>>,
                 Row<"sum + g g, (alpha g) / root", AdagradOrder<RoundedSquare, AlphaFirst>>,
                 Row<"fma(g, g, sum), (alpha g) / root", AdagradOrder<FusedSquare, AlphaFirst>>,
                 Row<"fma(g, g, sum), alpha (g / root)", AdagradOrder<FusedSquare, AlphaLast>>,
                 Row<"fma(g, g, sum), (alpha / root) g", AdagradOrder<FusedSquare, AlphaByRoot>>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
