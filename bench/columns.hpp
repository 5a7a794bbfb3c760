#pragma once

#include <array>
#include <cstddef>
#include <vector>

namespace truestep::bench {

/// The arrays of a step: states, theta, gradient, each of `count` numbers.
template <class T, std::size_t states>
class Columns {
 public:
  explicit Columns(std::size_t n)
      : count(n), stride_(n / Line::size + 1 + stagger), lines_(stride_ * (states + 2)) {}

  /// A state below `states`, then theta, then the gradient.
  T* column(std::size_t index) { return lines_[index * stride_].numbers; }
  T* theta() { return column(states); }
  T* gradient() { return column(states + 1); }
  std::array<T*, states> state() {
    std::array<T*, states> result{};
    for (std::size_t s = 0; s < states; ++s) result[s] = column(s);
    return result;
  }

  std::size_t count;

 private:
  struct alignas(64) Line {
    static constexpr std::size_t size = 64 / sizeof(T);
    T numbers[size];
  };

  // Arrays a multiple of a page apart would wait for each other's stores, and fall into the same
  // sets of the cache.
  static constexpr std::size_t stagger = 17;

  std::size_t stride_;
  std::vector<Line> lines_;
};

}  // namespace truestep::bench
