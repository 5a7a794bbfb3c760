#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>

namespace truestep::fast {

/// The largest learning rate and epsilon: no coefficient made of them overflows float, since
/// 1 - beta^t >= 2^-53 and 2^64 * 2^53 < 2^128.
inline constexpr double largest_scale = 0x1p64;

/// The largest step number.
inline constexpr std::uint64_t largest_t = std::uint64_t{1} << 63;

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside [0, 2^64]" unless 0 <= value <=
/// 2^64.
void require_scale(const char* rule, const char* name, double value);

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside [0, 1)" unless 0 <= value < 1.
void require_decay(const char* rule, const char* name, double value);

/// Throws std::invalid_argument "RULE: t = VALUE is outside [1, 2^63]" unless 1 <= t <= 2^63.
void require_step_number(const char* rule, std::uint64_t t);

/// A span of any number type as bytes, with the name that an error gives it.
struct NamedSpan {
  const char* name;
  const void* data;
  std::size_t count, bytes;

  template <class T>
  NamedSpan(const char* span_name, std::span<T> span)
      : name(span_name), data(span.data()), count(span.size()), bytes(span.size_bytes()) {}
};

/// Throws std::invalid_argument unless all spans have the length of the first and no two share
/// memory.
void require_disjoint(const char* rule, std::span<const NamedSpan> spans);

}  // namespace truestep::fast
