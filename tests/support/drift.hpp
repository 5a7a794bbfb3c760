// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "subject.hpp"

/// What the drift theorems (proofs/theory/drift) claim of a rule, and the bounds that rules share.
namespace truestep::test {

/// What the theorems call u, eta and kappa.
template <class T>
struct Format {
  Real u = Real(std::numeric_limits<T>::epsilon()) / 2;
  Real eta = Real(std::numeric_limits<T>::denorm_min()) / 2;
  Real kappa = 1 + Real(0x1p-40);
};

/// What else a bound may depend on.
struct Run {
  Real largest_g;  ///< the largest |gradient|
  std::uint64_t t = 0;
  Real exact = 0;
  Real largest_theta = 0;  ///< of those stored
};

/// A drift theorem: the bound of |computed - exact| after t steps from zero.
template <class T>
using Bound = Real (*)(const Format<T>&, const Hyperparameters&, const Run&);

/// What is claimed of a quantity, which is a state or theta.
template <class T>
struct Claim {
  std::string quantity;
  Bound<T> bound;
};

/// What is claimed of a lane at its hyperparameters.
template <class T>
struct Claims {
  Subject<T> subject;
  Hyperparameters h;
  std::vector<Claim<T>> of;
};

/// What is claimed of a rule, in both number types: its own convention first.
struct Drift {
  std::vector<Claims<float>> single;
  std::vector<Claims<double>> twice;
  /// The states of that convention for which no theorem has a constant.
  std::vector<std::string> unbounded = {};
};

/// How far the buffer v' = momentum v - learning_rate g drifts, h those two numbers in the other
/// order.
template <class T>
Real buffer_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real alpha(h[0]), mu(h[1]);
  const Real k = (1 + f.kappa * f.u) * (1 + f.u) * (1 + f.u) - 1;
  return (k * alpha * run.largest_g / (1 - mu) + (3 + 2 * f.u) * f.eta) / (1 - mu * (1 + k));
}

/// How far the mean of squares drifts whose weight of the past is the beta-th hyperparameter.
template <class T, std::size_t beta>
Real second_moment_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  const Real w = 1 - Real(h[beta]), c = 2 + f.u + f.kappa * w, g = run.largest_g;
  return (c * f.u * g * g + (2 + f.u + (1 + f.u) * g) * f.eta) / (w - c * f.u);
}

/// How far parameters drift whose updates are off by at most `error`.
template <class T>
Real parameter_drift(const Format<T>& f, const Real& error, const Run& run) {
  return run.t * (error + (f.u * run.largest_theta + f.eta) / (1 - f.u));
}

template <class T>
Real buffer_theta_drift(const Format<T>& f, const Hyperparameters& h, const Run& run) {
  return parameter_drift(f, buffer_drift(f, h, run), run);
}

// Without underflow.

/// What a coefficient and its product add to u.
template <class T>
Real error_of_product(const Format<T>& f) {
  return (1 + f.kappa * f.u) * (1 + f.u) - 1;
}

}  // namespace truestep::test
