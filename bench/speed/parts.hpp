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

/// Calls work(first, count) for each of as many contiguous parts as there are threads, at once: how
/// a peer that knows no threads gets them.
template <class Work>
void in_parts(int threads, std::size_t count, const Work& work) {
  if (threads == 1) return work(std::size_t{0}, count);
  constexpr std::size_t line = 64;  // in elements, so that no two threads write to one cache line
  const std::size_t lines = count / line + 1, parts = static_cast<std::size_t>(threads);
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(static, 1)
#endif
  for (std::size_t part = 0; part < parts; ++part) {
    const std::size_t first = std::min(count, lines * part / parts * line);
    const std::size_t last = std::min(count, lines * (part + 1) / parts * line);
    work(first, last - first);
  }
}

}  // namespace truestep::speed
