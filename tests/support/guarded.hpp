// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

namespace truestep::test {

/// A span that starts `misalignment` elements past a 64-byte boundary, with sentinels on both
/// sides.
template <class T>
class Guarded {
 public:
  Guarded(std::size_t count, std::size_t misalignment)
      : count_(count), storage_(count + 4 * guard, sentinel()) {
    const auto address = reinterpret_cast<std::uintptr_t>(storage_.data() + guard);
    first_ = guard + (64 - address % 64) % 64 / sizeof(T) + misalignment;
  }

  std::span<T> span() { return {storage_.data() + first_, count_}; }

  /// Whether nothing outside the span was written.
  bool intact() const {
    const T expected = sentinel();
    for (std::size_t i = 0; i < storage_.size(); ++i)
      if ((i < first_ || i >= first_ + count_) &&
          std::memcmp(&storage_[i], &expected, sizeof(T)) != 0)
        return false;
    return true;
  }

 private:
  static constexpr std::size_t guard = 16;

  static T sentinel() {
    T value;
    std::memset(&value, 0xa5, sizeof(T));
    return value;
  }

  std::size_t count_, first_ = 0;
  std::vector<T> storage_;
};

}  // namespace truestep::test
