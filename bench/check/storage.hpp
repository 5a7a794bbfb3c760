// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>

/// In which formats a kernel keeps its arrays.
namespace truestep::trial {

enum class Format { float32, float64, bfloat16, float16 };

constexpr const char* word(Format format) {
  switch (format) {
    case Format::float32:
      return "float32";
    case Format::float64:
      return "float64";
    case Format::bfloat16:
      return "bfloat16";
    case Format::float16:
      break;
  }
  return "float16";
}

/// Whether a number has 16 bits, so that a store rounds far more than an operation does.
constexpr bool is_narrow(Format format) {
  return format == Format::bfloat16 || format == Format::float16;
}
constexpr std::size_t size_of(Format format) {
  return is_narrow(format) ? 2 : format == Format::float32 ? sizeof(float) : sizeof(double);
}

/// The number of the format that is nearest, of two the even one; infinite beyond the largest.
double nearest(Format, double);
double largest(Format);
double least_normal(Format);
/// Half the distance of two neighbours among the numbers of that size; infinite if that is.
long double half_ulp(Format, long double size);

/// A number as it lies in memory. What is stored is rounded to the nearest.
void store(Format, double value, void* to);
double load(Format, const void* from);

/// The formats of all arrays, and how a program rounds to them. Arithmetic is in float64 where all
/// arrays are, else in float32.
struct Storage {
  Storage(Format all = Format::float32) : theta(all), gradients(all), states(all) {}

  Format theta, gradients, states;
  std::map<std::string, Format> apart = {};  ///< of states in another format than the others
  /// Whether a store takes either neighbour, such that it is right in the mean.
  bool is_stochastic = false;
  /// Whether each operation is rounded to the one format that all arrays have, as where a program
  /// makes a step of operations on whole tensors.
  bool rounds_each_operation = false;

  Format state(const std::string& name) const {
    const auto its = apart.find(name);
    return its == apart.end() ? states : its->second;
  }
  /// What an operation rounds to.
  Format arithmetic() const;
  bool has_narrow_states() const;
  bool has_narrow() const;

  friend bool operator==(const Storage&, const Storage&) = default;
};

/// As it is typed: "bfloat16", "bfloat16,states=float32,rounding=stochastic".
std::string word(const Storage&);

/// The format of all arrays, and what is otherwise: gradients=, states=, a state's name=, each with
/// a format; rounding=stochastic; arithmetic=bfloat16. Throws std::invalid_argument for any other.
Storage storage_named(const std::string& typed);

}  // namespace truestep::trial
