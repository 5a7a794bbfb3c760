// SPDX-License-Identifier: Apache-2.0
#include "setup.hpp"

#include <fmt/format.h>

#include <utility>

namespace truestep::drift {
namespace {

/// A bijection of the 64-bit integers whose every output bit depends on every input bit
/// (splitmix64, Steele, Lea, Flood 2014): neighbouring streams get unlike seeds.
std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
  x = (x ^ x >> 27) * 0x94d049bb133111eb;
  return x ^ x >> 31;
}

}  // namespace

Arithmetic Setup::in(const Format& format, std::uint64_t stream) const {
  return Arithmetic(format, rounding, mix(mix(seed) + stream));
}

std::string Setup::name() const {
  std::string text = arithmetic.name;
  const std::pair<const char*, const Format*> roles[] = {{"parameters", &parameters},
                                                         {"states", &states},
                                                         {"gradients", &gradients},
                                                         {"coefficients", &coefficients},
                                                         {"counter", &counter}};
  for (const auto& [role, format] : roles)
    if (*format != arithmetic) text += fmt::format("/{}={}", role, format->name);
  if (master_weights) text += fmt::format("/master-weights={}", master_weights->name);
  if (kahan) text += "/kahan";
  if (rounding != Rounding::nearest_even)
    text += fmt::format("/rounding={}", rounding_names[static_cast<std::size_t>(rounding)]);
  if (arithmetic.saturates) text += "/saturate";
  return text;
}

}  // namespace truestep::drift
