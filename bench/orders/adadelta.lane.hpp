// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_ADADELTA_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_ADADELTA_LANE
#undef TRUESTEP_BENCH_ORDERS_ADADELTA_LANE
#else
#define TRUESTEP_BENCH_ORDERS_ADADELTA_LANE
#endif

#include <truestep/fast/lanes/adadelta.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// Coefficients: past, low, w, epsilon.

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

template <>
struct OrdersOf<fast::Adadelta> {
  using type =
      std::tuple<Row<"shipped", Shipped<Adadelta, 4, 2, 3>>,
                 Row<"past x + w (g g)", AdadeltaOrder<TwoProducts, RootOfRatio>>,
                 Row<"fma(w g, g, past x)", AdadeltaOrder<FusedNew, RootOfRatio>>,
                 Row<"fma(past, x, w (g g))", AdadeltaOrder<FusedPast, RootOfRatio>>,
                 Row<"fma(past, x, fma(low, x, w (g g)))", AdadeltaOrder<PastInTwo, RootOfRatio>>,
                 Row<"fma(w, fma(g, g, -x), x)", AdadeltaOrder<Difference, RootOfRatio>>,
                 Row<"fma(w g, g, fma(-w, x, x))", AdadeltaOrder<Complement, RootOfRatio>>,
                 Row<"the same, (sqrt(a) / sqrt(b)) g", AdadeltaOrder<Complement, RatioOfRoots>>,
                 Row<"the same, (sqrt(a) g) / sqrt(b)", AdadeltaOrder<Complement, ProductByRoot>>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
