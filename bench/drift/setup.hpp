// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "arithmetic.hpp"

namespace truestep::drift {

/// In which format each part of a step is kept or computed: what a real training set-up chooses.
///
/// A gradient is rounded when it is read, a parameter or state when it is stored. An operation
/// takes its operands as they are, however wide, and rounds its exact result once. A coefficient is
/// its exact expression at the counter's value, rounded to nearest.
struct Setup {
  Format parameters, states, gradients, coefficients, counter, arithmetic;
  /// Where the parameters themselves are kept, `parameters` being that of the copy that the model
  /// reads.
  std::optional<Format> master_weights;
  /// Compensated updates: what a parameter's rounding lost is kept beside it, in its format, and
  /// added to the next update (Kahan 1965).
  bool kahan = false;
  Rounding rounding = Rounding::nearest_even;
  std::uint64_t seed = 0;  ///< of stochastic rounding

  static Setup all_in(const Format& format) {
    return {format, format, format, format, format, format, {}};
  }

  /// The format that the rule reads and writes parameters in.
  const Format& kept_parameters() const { return master_weights ? *master_weights : parameters; }

  /// The arithmetic of a format; each `stream` draws random bits of its own.
  Arithmetic in(const Format& format, std::uint64_t stream) const;

  /// The format's name where it is the same for all, else the arithmetic's and what differs, as in
  /// float/states=fp16/kahan; without a space or comma.
  std::string name() const;
};

}  // namespace truestep::drift
