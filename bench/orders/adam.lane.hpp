// SPDX-License-Identifier: Apache-2.0
#include <truestep/fast/lanes/namespace.hpp>

#if defined(TRUESTEP_BENCH_ORDERS_ADAM_LANE) == defined(TRUESTEP_LANE_TOGGLE)
#ifdef TRUESTEP_BENCH_ORDERS_ADAM_LANE
#undef TRUESTEP_BENCH_ORDERS_ADAM_LANE
#else
#define TRUESTEP_BENCH_ORDERS_ADAM_LANE
#endif

#include <truestep/fast/lanes/adam.lane.hpp>

#include "orders.lane.hpp"

TRUESTEP_BEFORE_LANES();
namespace truestep::bench::TRUESTEP_LANE_NAMESPACE {

// Coefficients: past1, low1, w1, past2, low2, w2, alpha, and with q = 1 - past^t
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

template <>
struct OrdersOf<fast::Adam> {
  using type = std::tuple<
      Row<"shipped", Shipped<Adam, 12, 2, 5, 8, 10, 11>>,
      Row<"past x + w (g g)", AdamOrder<TwoProducts, FusedDenominator, AlphaHoisted>>,
      Row<"fma(w g, g, past x)", AdamOrder<FusedNew, FusedDenominator, AlphaHoisted>>,
      Row<"fma(past, x, w (g g))", AdamOrder<FusedPast, FusedDenominator, AlphaHoisted>>,
      Row<"fma(past, x, fma(low, x, w (g g)))",
          AdamOrder<PastInTwo, FusedDenominator, AlphaHoisted>>,
      Row<"fma(w, fma(g, g, -x), x)", AdamOrder<Difference, FusedDenominator, AlphaHoisted>>,
      Row<"fma(w g, g, fma(-w, x, x))", AdamOrder<Complement, FusedDenominator, AlphaHoisted>>,
      Row<"the same, c_t sqrt(v) + epsilon",
          AdamOrder<Complement, RoundedDenominator, AlphaHoisted>>,
      Row<"the same, sqrt(v_hat) + epsilon", AdamOrder<Complement, CorrectedSquare, AlphaHoisted>>,
      Row<"the same, (alpha m_hat) / denominator",
          AdamOrder<Complement, FusedDenominator, CorrectedMean>>,
      Row<"the same, alpha_t (m / denominator)",
          AdamOrder<Complement, FusedDenominator, AlphaHoistedLast>>>;
};

}  // namespace truestep::bench::TRUESTEP_LANE_NAMESPACE
TRUESTEP_AFTER_LANES();

#endif
