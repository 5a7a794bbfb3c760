// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>

#include <truestep/fast/description.hpp>

namespace truestep::fast {

/// The largest step number.
inline constexpr std::uint64_t largest_t = std::uint64_t{1} << 63;

/// Throws std::invalid_argument "RULE: NAME = VALUE is outside RANGE".
[[noreturn]] void refuse(const char* rule, const char* name, double value, const char* range);
[[noreturn]] void refuse(const char* rule, const char* name, std::uint64_t value,
                         const char* range);
/// The same for a choice: "RULE: NAME = VALUE is not one of {WORDS}".
[[noreturn]] void refuse_choice(const char* rule, const char* name, std::uint64_t value,
                                const std::string& words);

/// Throws std::invalid_argument for a choice or a number that has no kernel beside the others.
[[noreturn]] void refuse_kernel(const char* rule, const char* name, const std::string& value);
[[noreturn]] void refuse_kernel(const char* rule, const char* name, double value);

/// The words of a choice's type, with commas between.
template <class Choice>
std::string words_of() {
  std::string words;
  for (std::size_t i = 0; i < count_of<Choice>; ++i)
    words.append(i == 0 ? "" : ", ").append(word(static_cast<Choice>(i)));
  return words;
}

/// Throws std::invalid_argument "RULE: REASON" unless the choices make sense together.
inline void require_sense(bool sensible, const char* rule, const char* reason) {
  if (!sensible) throw std::invalid_argument(std::string(rule) + ": " + reason);
}

/// Refuses a number outside its domain and a choice that is none of the enumerators.
template <class Rule>
void require_described(const typename Rule::Hyperparameters& h) {
  for_each_member<Rule>([&](const auto& described) {
    const auto value = h.*described.member;
    if constexpr (is_number<std::remove_const_t<decltype(value)>>) {
      if (!contains(described.domain, static_cast<double>(value)))
        refuse(Rule::name, described.name, value, text(described.domain));
    } else if (word(value).empty()) {
      refuse_choice(Rule::name, described.name, static_cast<std::uint64_t>(value),
                    words_of<std::remove_const_t<decltype(value)>>());
    }
  });
}

/// Whether the rule has a learning rate that its bias corrections multiply.
template <class Hyperparameters>
constexpr bool corrects_rate = requires(const Hyperparameters& h) {
  h.bias_correction;
};

/// Refuses an amount of weight decay without a place; decoupled, it may not turn theta round.
template <class Hyperparameters>
void require_weight_decay(const Hyperparameters& h, bool has_accumulator) {
  constexpr auto rule = Hyperparameters::Rule::name;
  require_sense(h.weight_decay_place != WeightDecay::none || h.weight_decay == 0, rule,
                "weight_decay is given, but this convention has none");
  require_sense(h.weight_decay_place != WeightDecay::accumulator || has_accumulator, rule,
                "weight decay into the accumulator alone needs a sum of squares");
  require_sense(
      h.weight_decay_scale != DecayScale::corrected_rate || corrects_rate<Hyperparameters>, rule,
      "weight decay has no corrected rate to be multiplied by");
  if (h.weight_decay_place != WeightDecay::decoupled) return;
  const bool alone = h.weight_decay_scale == DecayScale::one;
  const double share = alone ? h.weight_decay : h.learning_rate * h.weight_decay;
  if (!contains(Domain::fraction, share))
    refuse(rule, alone ? "weight_decay" : "learning_rate weight_decay", share,
           text(Domain::fraction));
}

/// Refuses a choice for which no lane is compiled, by the name of its member.
template <class Rule>
void require_lane(const typename Rule::Hyperparameters& h, const char* without_lane) {
  if (without_lane == nullptr) return;
  for_each_member<Rule>([&](const auto& described) {
    if (std::string_view(described.name) != without_lane) return;
    const auto value = h.*described.member;
    if constexpr (is_number<std::remove_const_t<decltype(value)>>)
      refuse_kernel(Rule::name, without_lane, static_cast<double>(value));
    else
      refuse_kernel(Rule::name, without_lane, std::string(word(value)));
  });
}

/// Refuses all but 1 <= t <= 2^63.
inline void require_step_number(const char* rule, std::uint64_t t) {
  if (!(t >= 1 && t <= largest_t)) refuse(rule, "t", t, "[1, 2^63]");
}

/// No memory holds more, of any number type; of fewer, the bytes can be counted.
inline constexpr std::size_t most_elements = std::numeric_limits<std::size_t>::max() / 32;

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

/// Throws std::invalid_argument unless all spans have the length of the first, lie in memory if
/// that is not 0, and no two share any.
void require_disjoint(const char* rule, std::span<const NamedSpan> spans);

}  // namespace truestep::fast
