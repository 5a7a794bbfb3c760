// SPDX-License-Identifier: Apache-2.0
#include "exact_sum.hpp"

#include <bit>
#include <cmath>
#include <limits>

namespace truestep::drift {

void ExactSum::add(double x) {
  if (!std::isfinite(x)) {
    nans_ += std::isnan(x);
    infinities_ += x > 0;
    negative_infinities_ += x < 0;
    return;
  }
  const auto bits = std::bit_cast<std::uint64_t>(x);
  const std::uint64_t exponent = bits >> 52 & 0x7ff, fraction = bits & 0xf'ffff'ffff'ffff;
  const std::uint64_t integer = exponent == 0 ? fraction : fraction | std::uint64_t{1} << 52;
  const std::uint64_t place = exponent == 0 ? 0 : exponent - 1;
  const auto shift = static_cast<unsigned>(place % 64);
  add_at(place / 64, integer << shift, shift == 0 ? 0 : integer >> (64 - shift), (bits >> 63) != 0);
}

void ExactSum::add_at(std::size_t word, std::uint64_t low, std::uint64_t high, bool negative) {
  bool carry = false;
  for (std::size_t i = word; i < words; ++i) {
    const std::uint64_t part = i == word ? low : i == word + 1 ? high : 0;
    if (i > word + 1 && !carry) return;
    std::uint64_t next = 0;
    bool out = negative ? __builtin_sub_overflow(words_[i], part, &next)
                        : __builtin_add_overflow(words_[i], part, &next);
    const std::uint64_t one = carry;
    out |= negative ? __builtin_sub_overflow(next, one, &next)
                    : __builtin_add_overflow(next, one, &next);
    words_[i] = next;
    carry = out;
  }
}

ExactSum& ExactSum::operator+=(const ExactSum& other) {
  std::uint64_t carry = 0;
  for (std::size_t i = 0; i < words; ++i) {
    std::uint64_t sum = 0;
    const bool first = __builtin_add_overflow(words_[i], other.words_[i], &sum);
    const bool second = __builtin_add_overflow(sum, carry, &sum);
    words_[i] = sum;
    carry = static_cast<std::uint64_t>(first || second);
  }
  infinities_ += other.infinities_;
  negative_infinities_ += other.negative_infinities_;
  nans_ += other.nans_;
  return *this;
}

double ExactSum::value() const {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (nans_ != 0 || (infinities_ != 0 && negative_infinities_ != 0))
    return std::numeric_limits<double>::quiet_NaN();
  if (infinities_ != 0 || negative_infinities_ != 0) return infinities_ != 0 ? infinity : -infinity;
  auto size = words_;
  const bool negative = (size.back() >> 63) != 0;
  if (negative) {
    std::uint64_t carry = 1;
    for (auto& word : size) {
      word = ~word + carry;
      carry = static_cast<std::uint64_t>(carry != 0 && word == 0);
    }
  }
  std::size_t top = words;
  while (top > 0 && size[top - 1] == 0) --top;
  if (top == 0) return 0;
  // Three words from the first that is not 0 have more than 128 bits of the sum.
  double value = 0;
  for (std::size_t i = top; i-- > (top > 3 ? top - 3 : 0);)
    value += std::ldexp(static_cast<double>(size[i]), static_cast<int>(64 * i) - 1074);
  return negative ? -value : value;
}

}  // namespace truestep::drift
