// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/numbers/any_order.hpp>

#include <algorithm>
#include <array>
#include <cstddef>

#include "interval.hpp"

namespace truestep::identify {

/// How a program forms its coefficients: by one way, or by any that proofs::Coefficients knows.
struct Forming {
  proofs::Coefficients how = {};
  bool any = false;
};

/// Numbers of a rule that are not known: each lies in its side. A formula takes doubles, so each is
/// handed to it as a double that stands for it, and that no known number equals.
struct Box {
  static constexpr std::size_t most = 6;
  using Wide = Interval::Wide;

  std::size_t count = 0;
  std::array<Interval, most> side = {};
  /// Deviations are taken from here, in the side or outside it.
  std::array<Wide, most> center = {};
  std::array<double, most> stands_in = {};
  Forming forming = {};

  Interval deviation(std::size_t i) const { return side[i] - Interval::point(center[i]); }
};

/// A box as formulas over intervals of W see it.
template <class W>
struct Sides {
  using Interval = IntervalOf<W>;

  std::size_t count;
  std::array<Interval, Box::most> side, center, deviation;
  std::array<double, Box::most> stands_in;
  Forming forming;

  explicit Sides(const Box& box)
      : count(box.count), stands_in(box.stands_in), forming(box.forming) {
    for (std::size_t i = 0; i < count; ++i) {
      side[i] = Interval(box.side[i]);
      center[i] = Interval(identify::Interval::point(box.center[i]));
      deviation[i] = Interval(box.deviation(i));
    }
  }
};

/// Slopes by the sides of a box. Most are 0, and a copy takes no more than were set.
template <class Interval>
class Slopes {
 public:
  Slopes() {}
  Slopes(const Slopes& other) { *this = other; }
  Slopes& operator=(const Slopes& other) {
    count_ = other.count_;
    std::copy(other.at_.begin(), other.at_.begin() + count_, at_.begin());
    return *this;
  }

  Interval operator[](std::size_t i) const { return i < count_ ? at_[i] : Interval::point(0); }
  void set(std::size_t i, const Interval& slope) {
    while (count_ <= i) at_[count_++] = Interval::point(0);
    at_[i] = slope;
  }
  std::array<identify::Interval, Box::most> all() const {
    std::array<identify::Interval, Box::most> slopes = {};
    for (unsigned i = 0; i < count_; ++i) slopes[i] = identify::Interval(at_[i]);
    return slopes;
  }

 private:
  unsigned count_ = 0;
  union {
    std::array<Interval, Box::most> at_;  ///< the first `count_`, which alone have been made
  };
};

}  // namespace truestep::identify
