#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>

#include <truestep/fast/axes.hpp>

namespace truestep::fast {

/// The largest learning rate and epsilon: no coefficient made of them overflows float, since
/// 1 - beta^t >= 2^-53 and 2^64 * 2^53 < 2^128.
inline constexpr double largest_scale = 0x1p64;

/// The largest step number.
inline constexpr std::uint64_t largest_t = std::uint64_t{1} << 63;

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE".
[[noreturn]] void refuse(const char* rule, const char* name, double value, const char* range);
[[noreturn]] void refuse(const char* rule, const char* name, std::uint64_t value,
                         const char* range);

/// Refuses all but 0 <= value <= 2^64.
inline void require_scale(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value <= largest_scale)) refuse(rule, name, value, "[0, 2^64]");
}

/// Refuses all but 0 <= value < 1.
inline void require_decay(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value < 1)) refuse(rule, name, value, "[0, 1)");
}

/// Refuses all but 0 <= value <= 1.
inline void require_fraction(const char* rule, const char* name, double value) {
  if (!(value >= 0 && value <= 1)) refuse(rule, name, value, "[0, 1]");
}

/// Throws std::invalid_argument "RULE: REASON" unless the choices make sense together.
inline void require_sense(bool sensible, const char* rule, const char* reason) {
  if (!sensible) throw std::invalid_argument(std::string(rule) + ": " + reason);
}

/// An amount of weight decay and its place; decoupled, it may not turn theta round.
template <class Hyperparameters>
void require_weight_decay(const char* rule, const Hyperparameters& h, bool has_accumulator) {
  require_scale(rule, "weight_decay", h.weight_decay);
  require_sense(h.weight_decay_place != WeightDecay::none || h.weight_decay == 0, rule,
                "weight_decay is given, but this convention has none");
  require_sense(h.weight_decay_place != WeightDecay::accumulator || has_accumulator, rule,
                "weight decay into the accumulator alone is Adagrad's");
  if (h.weight_decay_place == WeightDecay::decoupled)
    require_fraction(rule, "learning_rate weight_decay", h.learning_rate * h.weight_decay);
}

/// Refuses all but 1 <= t <= 2^63.
inline void require_step_number(const char* rule, std::uint64_t t) {
  if (!(t >= 1 && t <= largest_t)) refuse(rule, "t", t, "[1, 2^63]");
}

/// Refuses all but 0 and 1.
inline void require_first_power(const char* rule, std::uint64_t value) {
  if (value > 1) refuse(rule, "first_power", value, "[0, 1]");
}

/// A span of any number type as bytes, with the name that an error gives it.
struct NamedSpan {
  const char* name = nullptr;
  const void* data = nullptr;
  std::size_t count = 0, bytes = 0;

  NamedSpan() = default;
  template <class T>
  NamedSpan(const char* span_name, std::span<T> span)
      : name(span_name), data(span.data()), count(span.size()), bytes(span.size_bytes()) {}
};

/// Throws std::invalid_argument unless all spans have the length of the first and no two share
/// memory.
void require_disjoint(const char* rule, std::span<const NamedSpan> spans);

}  // namespace truestep::fast
