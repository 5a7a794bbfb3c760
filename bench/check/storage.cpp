// SPDX-License-Identifier: Apache-2.0
#include "storage.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <string_view>

#include "runs/names.hpp"

namespace truestep::trial {
namespace {

/// A binary format as IEEE 754 has them: the exponent is that of the leading digit.
struct Shape {
  int digits, least_exponent, largest_exponent;
};

constexpr Shape shape_of(Format format) {
  switch (format) {
    case Format::float32:
      return {24, -126, 127};
    case Format::float64:
      return {53, -1022, 1023};
    case Format::bfloat16:
      return {8, -126, 127};
    case Format::float16:
      break;
  }
  return {11, -14, 15};
}

constexpr std::uint16_t sign_bit = 0x8000;

constexpr int bias_of_double = 1023, digits_of_double = 53;

/// The exponent of a finite number but 0; of a double from its bits, since each result that is
/// judged asks for one.
int exponent_of(long double x) {
  const auto size = static_cast<double>(std::fabs(x));
  if (size != std::fabs(x) || size < std::numeric_limits<double>::min()) return std::ilogb(x);
  const auto bits = std::bit_cast<std::uint64_t>(size);
  return static_cast<int>(bits >> (digits_of_double - 1)) - bias_of_double;
}

long double power_of_two(int exponent) {
  if (exponent < 1 - bias_of_double) return std::ldexp(1.0L, exponent);
  const auto field = static_cast<std::uint64_t>(exponent + bias_of_double);
  return std::bit_cast<double>(field << (digits_of_double - 1));
}

std::uint16_t code_of(Format format, double value) {
  const auto [digits, least, most] = shape_of(format);
  const std::uint16_t sign = std::signbit(value) ? sign_bit : 0;
  const auto infinite = static_cast<std::uint16_t>((most - least + 2) << (digits - 1));
  if (std::isnan(value)) return sign | infinite | static_cast<std::uint16_t>(1 << (digits - 2));
  const double size = std::fabs(nearest(format, value));
  if (std::isinf(size)) return sign | infinite;
  if (size < least_normal(format))
    return sign | static_cast<std::uint16_t>(std::ldexp(size, digits - 1 - least));
  const int exponent = std::ilogb(size);
  const auto fraction = static_cast<int>(std::ldexp(size, digits - 1 - exponent));
  // The leading digit of the fraction adds one to the exponent's field.
  return sign | static_cast<std::uint16_t>(((exponent - least) << (digits - 1)) + fraction);
}

double value_of(Format format, std::uint16_t code) {
  const auto [digits, least, most] = shape_of(format);
  const int unsigned_code = code & ~sign_bit, field = unsigned_code >> (digits - 1);
  const int fraction = unsigned_code & ((1 << (digits - 1)) - 1);
  double size = std::ldexp(fraction, least - digits + 1);
  if (field > most - least + 1)
    size = fraction == 0 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  else if (field > 0)
    size = std::ldexp(fraction + (1 << (digits - 1)), least + field - digits);
  return (code & sign_bit) != 0 ? -size : size;
}

template <class T>
void write(double value, void* to) {
  const auto rounded = static_cast<T>(value);
  std::memcpy(to, &rounded, sizeof rounded);
}
template <class T>
T read(const void* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

const std::vector<std::string>& all_formats() {
  static const std::vector<std::string> words{word(Format::float32), word(Format::float64),
                                              word(Format::bfloat16), word(Format::float16)};
  return words;
}

Format format_named(const std::string& what, const std::string& typed) {
  return static_cast<Format>(names::index_among(all_formats(), what.c_str(), typed));
}

/// What stands for a name in "NAME=VALUE".
void set(Storage& storage, const std::string& name, const std::string& value) {
  if (name == "gradients") {
    storage.gradients = format_named(name, value);
  } else if (name == "states") {
    storage.states = format_named(name, value);
  } else if (name == "rounding") {
    const std::vector<std::string> known{"nearest", "stochastic"};
    storage.is_stochastic = names::index_among(known, "rounding", value) == 1;
  } else if (name == "arithmetic") {
    const std::vector<std::string> known{word(Format::bfloat16)};
    names::index_among(known, "arithmetic", value);
    storage.rounds_each_operation = true;
  } else {
    storage.apart[name] = format_named(name, value);
  }
}

void require_sense(const Storage& storage, const std::string& typed) {
  const auto require = [&](bool makes_sense, const char* why) {
    if (!makes_sense) throw std::invalid_argument("format = " + typed + ": " + why);
  };
  const bool all_alike = storage.theta == Format::bfloat16 && storage.gradients == storage.theta &&
                         storage.states == storage.theta && storage.apart.empty();
  require(!storage.rounds_each_operation || (all_alike && !storage.is_stochastic),
          "arithmetic in bfloat16 has all arrays in it, and rounds to nearest");
  require(!storage.is_stochastic || storage.has_narrow(),
          "stochastic rounding is looked at in bfloat16 and float16 alone");
}

}  // namespace

double nearest(Format format, double x) {
  if (format == Format::float64 || !std::isfinite(x) || x == 0) return x;
  if (format == Format::float32) return static_cast<float>(x);
  const auto [digits, least, most] = shape_of(format);
  const int last = std::max(std::ilogb(x), least) - digits + 1;
  const double rounded = std::ldexp(std::nearbyint(std::ldexp(x, -last)), last);
  return std::fabs(rounded) > largest(format)
             ? std::copysign(std::numeric_limits<double>::infinity(), x)
             : rounded;
}

double largest(Format format) {
  const auto [digits, least, most] = shape_of(format);
  return std::ldexp(2 - std::ldexp(1, 1 - digits), most);
}

double least_normal(Format format) { return std::ldexp(1, shape_of(format).least_exponent); }

long double half_ulp(Format format, long double size) {
  if (!std::isfinite(size)) return std::numeric_limits<long double>::infinity();
  const auto [digits, least, most] = shape_of(format);
  const int exponent = size == 0 ? least : std::max(exponent_of(size), least);
  return power_of_two(exponent - digits);
}

void store(Format format, double value, void* to) {
  if (format == Format::float32) return write<float>(value, to);
  if (format == Format::float64) return write<double>(value, to);
  const auto code = code_of(format, value);
  std::memcpy(to, &code, sizeof code);
}

double load(Format format, const void* from) {
  if (format == Format::float32) return read<float>(from);
  if (format == Format::float64) return read<double>(from);
  return value_of(format, read<std::uint16_t>(from));
}

Format Storage::arithmetic() const {
  if (rounds_each_operation) return theta;
  const bool any_less = std::any_of(
      apart.begin(), apart.end(), [](const auto& each) { return each.second != Format::float64; });
  const bool in_double = theta == Format::float64 && gradients == Format::float64 &&
                         states == Format::float64 && !any_less;
  return in_double ? Format::float64 : Format::float32;
}

bool Storage::has_narrow_states() const {
  return is_narrow(states) || std::any_of(apart.begin(), apart.end(),
                                          [](const auto& each) { return is_narrow(each.second); });
}

bool Storage::has_narrow() const {
  return is_narrow(theta) || is_narrow(gradients) || has_narrow_states();
}

std::string word(const Storage& storage) {
  std::string all = word(storage.theta);
  if (storage.gradients != storage.theta)
    all += std::string(",gradients=") + word(storage.gradients);
  if (storage.states != storage.theta) all += std::string(",states=") + word(storage.states);
  for (const auto& [name, format] : storage.apart) all += "," + name + "=" + word(format);
  if (storage.is_stochastic) all += ",rounding=stochastic";
  if (storage.rounds_each_operation) all += ",arithmetic=bfloat16";
  return all;
}

Storage storage_named(const std::string& typed) {
  std::string_view rest = typed;
  const auto next = [&rest] {
    const auto comma = rest.find(',');
    const std::string part(rest.substr(0, comma));
    rest = comma == rest.npos ? std::string_view() : rest.substr(comma + 1);
    return part;
  };
  Storage storage(format_named("format", next()));
  while (!rest.empty()) {
    const auto part = next();
    const auto equals = part.find('=');
    if (equals == part.npos)
      throw std::invalid_argument("format = " + typed + ": " + part + " is no NAME=VALUE");
    set(storage, part.substr(0, equals), part.substr(equals + 1));
  }
  require_sense(storage, typed);
  return storage;
}

}  // namespace truestep::trial
