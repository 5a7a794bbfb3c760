// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/generated/drift_bounds.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "subject.hpp"

/// What the drift theorems (the pages of proofs/) claim of a rule. RULE.cpp says which of the
/// functions that were read out of them is a quantity's.
namespace truestep::test {

/// What the theorems call u and eta.
template <class T>
struct Format {
  Real u = Real(std::numeric_limits<T>::epsilon()) / 2;
  Real eta = Real(std::numeric_limits<T>::denorm_min()) / 2;
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

}  // namespace truestep::test
