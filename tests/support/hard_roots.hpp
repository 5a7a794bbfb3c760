// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace truestep::test {

/// The n below 2^64 with n (n + 1) = -j modulo 2^64 that is congruent to `first` modulo 2, for an
/// even j: Newton's iteration doubles the digits that are right.
inline std::uint64_t lifted(std::uint64_t first, std::uint64_t j) {
  std::uint64_t n = first;
  for (int digits = 1; digits < 64; digits *= 2) {
    const std::uint64_t slope = 2 * n + 1;
    std::uint64_t inverse = slope;  // right in 3 digits
    for (int i = 0; i < 5; ++i) inverse *= 2 - slope * inverse;
    n -= (n * n + n + j) * inverse;
  }
  return n;
}

/// Doubles in [1, 4) whose roots are next to the midpoint of two numbers, where a root is most
/// easily rounded the wrong way: X of p or p + 1 digits with X 2^(p - 1) or X 2^p = n (n + 1) + j,
/// j small, has its root next to n + 1/2.
inline std::vector<double> next_to_midpoints() {
  constexpr std::uint64_t one = std::uint64_t{1} << 52;
  std::vector<double> found;
  for (std::uint64_t even = 2; even <= 20000; even += 2)
    for (const std::uint64_t j : {even, -even})
      for (const std::uint64_t first : {0u, 1u})
        for (const std::uint64_t modulus : {one, 2 * one}) {
          const std::uint64_t residue = lifted(first, j) % modulus;
          const double root = std::ldexp(static_cast<double>(residue % one + one), -52);
          const double x = std::fma(root, root, std::ldexp(root, -52));
          if (modulus == one ? x < 2 : x >= 2 && residue >= one) found.push_back(x);
        }
  return found;
}

}  // namespace truestep::test
