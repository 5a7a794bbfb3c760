// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <vector>

#ifdef __linux__
#include <sys/mman.h>
#endif

namespace truestep::bench {

/// Memory in pages of 2 MiB where Linux has them, which NumPy asks for too. Arrays of 4 KiB pages
/// are scattered over the processor's caches by chance, anew in each run.
template <class T>
struct LargePages {
  using value_type = T;
  static constexpr std::size_t page = std::size_t{1} << 21;

  LargePages() = default;
  template <class Other>
  LargePages(const LargePages<Other>&) {}

  T* allocate(std::size_t count) {
    const std::size_t bytes = count * sizeof(T), alignment = bytes < page ? alignof(T) : page;
    void* memory = ::operator new(bytes, std::align_val_t(alignment));
#ifdef __linux__
    if (alignment == page) madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return static_cast<T*>(memory);
  }
  void deallocate(T* memory, std::size_t count) {
    const std::size_t alignment = count * sizeof(T) < page ? alignof(T) : page;
    ::operator delete(memory, std::align_val_t(alignment));
  }

  friend bool operator==(const LargePages&, const LargePages&) { return true; }
};

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
  // sets of the cache. Large ones less than a page from a multiple of 128 MiB apart share banks of
  // the memory too: a step of 32M floats with two states takes 0.79 ns there, a page further on
  // 0.55 (measured, Zen 4), as do arrays that are allocated one by one.
  static constexpr std::size_t stagger = 4096 / 64 + 17;

  std::size_t stride_;
  std::vector<Line, LargePages<Line>> lines_;
};

}  // namespace truestep::bench
