// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>

namespace truestep::proofs {

/// What a result would be if no sum had cancelled, which a constant of one step is relative to: the
/// number type that reads `magnitude` of theory/step/Apriori.v off a lane, over exact inputs in
/// Real. Divisors, radicands, weights and what chooses by its sign have to be free of cancellation.
template <class Real>
struct Magnitude {
  Real size = 0;

  Magnitude() = default;
  Magnitude(const Real& exact) : size(exact < 0 ? Real(-exact) : exact) {}

  friend Magnitude operator-(const Magnitude& a) { return a; }
  friend Magnitude operator+(const Magnitude& a, const Magnitude& b) { return a.size + b.size; }
  friend Magnitude operator-(const Magnitude& a, const Magnitude& b) { return a.size + b.size; }
  friend Magnitude operator*(const Magnitude& a, const Magnitude& b) { return a.size * b.size; }
  friend Magnitude operator/(const Magnitude& a, const Magnitude& b) { return a.size / b.size; }
  friend Magnitude sqrt(const Magnitude& a) {
    using std::sqrt;
    return Real(sqrt(a.size));
  }
  friend Magnitude fma(const Magnitude& a, const Magnitude& b, const Magnitude& c) {
    return a * b + c;
  }
  friend Magnitude decay(const Magnitude& weight, const Magnitude& value) {
    return (1 - weight.size) * value.size;
  }
  friend Magnitude maximum(const Magnitude& a, const Magnitude& b) {
    return a.size < b.size ? b.size : a.size;
  }
  friend Magnitude at_least_zero(const Magnitude& x) { return x; }
  friend Magnitude where_positive(const Magnitude& x, const Magnitude& value) {
    return x.size > 0 ? value : Magnitude();
  }
};

}  // namespace truestep::proofs
