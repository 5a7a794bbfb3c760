// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>

#include "coefficients.hpp"
#include "double_double.hpp"

namespace truestep::fast {

/// fraction 2^exponent. The exponents of hyperparameters stay apart, so that a tiny one leaves no
/// partial product subnormal.
struct Scaled {
  DoubleDouble fraction;
  int exponent = 0;

  Scaled(DoubleDouble value) : fraction(value) {}
  Scaled(DoubleDouble f, int e) : fraction(f), exponent(e) {}
};

/// A hyperparameter, exactly: a fraction in [1/2, 1), or 0. -0 is 0, because hyperparameters that
/// compare equal have to have the same coefficients.
inline Scaled scaled(double value) {
  const auto [fraction, exponent] = parted(value + 0.0);
  return {fraction, exponent};
}

inline Scaled operator-(const Scaled& a) { return {-a.fraction, a.exponent}; }
inline Scaled operator*(const Scaled& a, const Scaled& b) {
  return {a.fraction * b.fraction, a.exponent + b.exponent};
}
inline Scaled operator/(const Scaled& a, DoubleDouble b) { return {a.fraction / b, a.exponent}; }

/// A step number, exactly.
inline DoubleDouble counted(std::uint64_t n) {
  const auto high = static_cast<double>(n);
  const auto rest = static_cast<std::int64_t>(n - static_cast<std::uint64_t>(high));
  return {high, static_cast<double>(rest)};
}

/// Appends a coefficient, rounded to T once.
template <class T>
void add(CoefficientList<T>& list, const Scaled& exact) {
  list.values[list.size++] = round_to<T>(exact.fraction, exact.exponent);
}

/// Appends what Decayed wants, if the lane is one.
/// @param rate  the step's learning rate, by which decoupled weight decay may be multiplied
template <class T, class Hyperparameters>
void add_weight_decay(CoefficientList<T>& list, const Hyperparameters& h, const Scaled& rate) {
  const auto place = place_of_decay(h);
  if (place == WeightDecay::gradient) add<T>(list, scaled(h.weight_decay));
  if (place != WeightDecay::decoupled) return;
  const Scaled amount = scaled(h.weight_decay);
  add<T>(list, h.weight_decay_scale == DecayScale::one ? amount : rate * amount);
}
/// The same where every step has one learning rate.
template <class T, class Hyperparameters>
void add_weight_decay(CoefficientList<T>& list, const Hyperparameters& h) {
  add_weight_decay(list, h, scaled(h.learning_rate));
}

}  // namespace truestep::fast
