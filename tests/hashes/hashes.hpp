// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/fast/rules.hpp>
#include <truestep/fast/target.hpp>

#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <map>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

/// What a hash is made of: generated inputs, steps over them, and all the bits that come out.
namespace truestep::hashes {

using namespace fast;

/// Not multiples of any vector's length, so that every target runs its tail. The forms are many.
inline constexpr std::size_t elements = 100'003, elements_of_form = 4'099;
inline constexpr std::uint64_t steps[] = {1, 2, 3, 1000};

template <class T>
using Bits = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

/// splitmix64 (Steele, Lea, Flood 2014).
class Generator {
 public:
  explicit Generator(std::uint64_t seed) : state_(seed) {}

  std::uint64_t operator()() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }

  /// A finite number, put together from bits: five in eight near 1, the others subnormal, zero,
  /// near either end of the exponents, or anywhere between.
  template <class T>
  T number(bool negative_too) {
    constexpr int fraction_bits = std::numeric_limits<T>::digits - 1;
    constexpr std::uint64_t one = std::numeric_limits<T>::max_exponent - 1, largest = 2 * one;
    const std::uint64_t random = (*this)();
    std::uint64_t fraction = random & ((std::uint64_t{1} << fraction_bits) - 1);
    const std::uint64_t choice = (*this)(), any = choice >> 8;
    std::uint64_t exponent = one - 12 + any % 16;
    switch (choice % 16) {
      case 10:
        exponent = 1 + any % largest;
        break;
      case 11:
        exponent = 1 + any % 8;
        break;
      case 12:
        exponent = largest - any % 8;
        break;
      case 13:
        exponent = 0;
        break;
      case 14:
        exponent = fraction = 0;
        break;
      case 15:
        fraction = 0;
        break;
    }
    const std::uint64_t sign = negative_too ? random >> 63 : 0;
    return std::bit_cast<T>(
        static_cast<Bits<T>>(sign << (8 * sizeof(T) - 1) | exponent << fraction_bits | fraction));
  }

  template <class T>
  std::vector<T> numbers(bool negative_too, std::size_t count = elements) {
    std::vector<T> result(count);
    for (T& x : result) x = number<T>(negative_too);
    return result;
  }

 private:
  std::uint64_t state_;
};

/// FNV-1a over the bytes of each number, least significant first; every NaN counts as one.
class Hash {
 public:
  template <class T>
  void add(const std::vector<T>& numbers) {
    for (const T x : numbers) {
      auto bits = std::bit_cast<Bits<T>>(x != x ? std::numeric_limits<T>::quiet_NaN() : x);
      for (std::size_t byte = 0; byte < sizeof(T); ++byte, bits >>= 8)
        value_ = (value_ ^ (bits & 0xff)) * 0x100000001b3;
    }
  }
  std::string text() const {
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(value_));
    return digits;
  }

 private:
  std::uint64_t value_ = 0xcbf29ce484222325;
};

/// One step of the rule over spans of all its states, those that the hyperparameters use.
template <class Rule, class T>
void step_spans(const typename Rule::Hyperparameters& h, std::uint64_t t, std::vector<T>& theta,
                std::vector<T>* state, const std::vector<T>& gradient) {
  typename Rule::template Tensor<T> tensor{.theta = theta, .gradient = gradient};
  for (const auto& each : Rule::template states<T>) {
    if (each.is_used(h)) tensor.*each.member = *state;
    ++state;
  }
  step(h, t, tensor);
}

/// How many states hash_of_steps draws, the second of which is not signed.
inline constexpr std::size_t drawn_states = 2;

/// The hash of theta and the states after each of the steps, fresh gradients every time.
/// @param step  steps a rule: step(t, theta, two states, gradient)
template <class T, class Step>
std::string hash_of_steps(bool signed_first_state, Step step) {
  Generator generator(20250101);
  auto theta = generator.numbers<T>(true);
  std::vector<T> states[drawn_states] = {generator.numbers<T>(signed_first_state),
                                         generator.numbers<T>(false)};
  Hash hash;
  for (const std::uint64_t t : steps) {
    const auto gradient = generator.numbers<T>(true);
    step(t, theta, states, gradient);
    hash.add(theta);
    for (const auto& state : states) hash.add(state);
  }
  return hash.text();
}

/// By rule and number type, on the target in use.
using Hashes = std::map<std::string, std::string>;

/// Adds those of a rule: its default, and what else hashes/RULE.cpp says.
template <class Rule>
void add_rule(Hashes& hashes);

}  // namespace truestep::hashes
