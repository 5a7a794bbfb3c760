// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <rapidcheck.h>

#include "situation.hpp"

/// Generators for RapidCheck. This header alone needs it.
namespace truestep::gen {

/// Any situation of a convention. It shrinks to its own numbers, a theta of 0, an early step and a
/// gradient of one bit, as far as the property goes on failing.
inline rc::Gen<Situation> situation(const Convention& convention,
                                    trial::Format format = trial::Format::float32) {
  const auto any = rc::gen::map(
      rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>()),
      [=](std::uint64_t seed) { return truestep::situation(convention, format, seed); });
  return rc::gen::shrink(
      any, [=](const Situation& its) { return rc::seq::fromContainer(simpler(convention, its)); });
}

}  // namespace truestep::gen
