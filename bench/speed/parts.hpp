// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>

namespace truestep::speed {

/// On how many threads peers are timed.
#ifdef _OPENMP
constexpr int most_threads = 2;
#else
constexpr int most_threads = 1;
#endif

/// How peers that know no threads get them.
struct OpenMp {
  /// Calls task(0) ... task(count - 1), each on a thread of its own.
  template <class Task>
  void operator()(std::size_t count, const Task& task) const {
#ifdef _OPENMP
#pragma omp parallel for num_threads(static_cast <int>(count)) schedule(static, 1)
#endif
    for (std::size_t i = 0; i < count; ++i) task(i);
  }
};

/// Calls work(first, size) for each of as many contiguous parts of `count` elements as there are
/// threads, on what `run` makes of them.
template <class Run, class Work>
void in_parts(const Run& run, int threads, std::size_t count, const Work& work) {
  if (threads == 1) return work(std::size_t{0}, count);
  constexpr std::size_t line = 64;  // in elements, so that no two threads write to one cache line
  const std::size_t lines = count / line + 1, parts = static_cast<std::size_t>(threads);
  run(parts, [&](std::size_t part) {
    const std::size_t first = std::min(count, lines * part / parts * line);
    const std::size_t last = std::min(count, lines * (part + 1) / parts * line);
    work(first, last - first);
  });
}

}  // namespace truestep::speed
