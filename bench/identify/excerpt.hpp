// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "identify.hpp"
#include "record.hpp"

namespace truestep::identify {

/// The coordinates that a search begins with: of each share of them by the size of their gradient,
/// one that moves most.
std::vector<std::size_t> telling_coordinates(const Record& run);

/// The coordinates and steps that a search looks at: some at first, and whatever a number that fits
/// these turns out to break.
class Excerpt {
 public:
  struct Column {
    std::size_t coordinate, steps;
  };

  explicit Excerpt(const Record& run);

  const std::vector<Column>& columns() const { return columns_; }
  const Record& record() const { return record_; }
  /// Whether a step of the record was taken for the sake of its coordinate.
  bool has(std::size_t column, std::size_t t) const { return t <= columns_[column].steps; }
  /// Whether that place of the run is new.
  bool add(const Place& place);
  /// The same of a place of the record.
  bool add_here(const Place& place);

 private:
  void read();

  const Record& run_;
  std::vector<Column> columns_;
  Record record_;
};

}  // namespace truestep::identify
