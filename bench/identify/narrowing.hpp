// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "box.hpp"

namespace truestep::identify {

/// What one step says of the numbers of a box: `offset` plus the sum of slope[i] times the i-th
/// deviation from the center contains 0.
struct Row {
  Interval offset;
  std::array<Interval, Box::most> slope;
  Interval::Wide radius;  ///< to which the step is known
  Interval::Wide spread;  ///< how far the step varies over the box, in units of the radius
};

/// The part of a box that rows leave.
class Narrowing {
 public:
  explicit Narrowing(const Box& box);

  /// False if nothing is left.
  bool by(const Row&);
  /// By sums of rows in each of which one number nearly stands alone.
  bool by_combinations(const std::vector<Row>&);
  /// Whether some side has become a quarter of what it was.
  bool is_much() const;
  /// Narrows the sides of the box from which this was made.
  bool apply_to(Box&) const;

 private:
  const Box& box_;
  std::array<Interval, Box::most> deviation_;
};

}  // namespace truestep::identify
