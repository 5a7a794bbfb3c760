// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>

#include "setup.hpp"
#include "traced.hpp"

namespace truestep::drift {

/// A source of error in words.
struct SourceName {
  std::string said;    ///< as reports name it: "coefficient epsilon in fp16"
  std::string value;   ///< what it gives: "epsilon"; an operation has none
  std::string format;  ///< that it is rounded to; of operations the arithmetic's
  bool is_scaled = false;
};

/// Why a source of the last step made an infinity or NaN of finite numbers, down to the coefficient
/// or operand that had become zero, or what overflowed.
///
/// @param read  what was given where the source is one that reads, counts or stores
std::string why_not_finite(const Operations& of_step, std::size_t source,
                           std::span<const SourceName> names, const Setup& setup, double read);

}  // namespace truestep::drift
