// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/generated/drift_bounds.hpp>

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
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

/// A value that notes whether a bound was made of it.
template <class Value>
class Noted {
 public:
  Noted(Value value = 0) : value_(std::move(value)) {}
  /// Another, of which nothing was made yet.
  Noted& operator=(const Value& value) {
    value_ = value;
    was_read_ = false;
    return *this;
  }

  operator const Value&() const {
    was_read_ = true;
    return value_;
  }
  const Value& unnoted() const { return value_; }
  bool was_read() const { return was_read_; }

 private:
  Value value_;
  mutable bool was_read_ = false;
};

/// What else a bound may depend on.
struct Run {
  Noted<Real> largest_g;  ///< the largest |gradient|
  Noted<std::uint64_t> t = {};
  Noted<Real> exact = {};
  Noted<Real> largest_theta = {};  ///< of those stored

  /// Becomes the same as another, of which nothing was read yet.
  void begin_as(const Run& other) {
    largest_g = other.largest_g.unnoted();
    t = other.t.unnoted();
    exact = other.exact.unnoted();
    largest_theta = other.largest_theta.unnoted();
  }

  /// Whether all that was read of this run is the same in another.
  bool is_read_alike(const Run& other) const {
    const auto alike = [](const auto& own, const auto& its) {
      return !own.was_read() || own.unnoted() == its.unnoted();
    };
    return alike(t, other.t) && alike(largest_g, other.largest_g) && alike(exact, other.exact) &&
           alike(largest_theta, other.largest_theta);
  }
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
