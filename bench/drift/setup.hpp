// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "arithmetic.hpp"

namespace truestep::drift {

/// What a loss is multiplied by, so that its gradients do not underflow; they are divided by it
/// when they have been read. A step in which one of them is infinite or NaN is left out. A dynamic
/// scale is halved by such a step, and doubled after `growth_interval` others in a row.
struct LossScale {
  double initial = 0x1p16;  ///< a power of two
  bool dynamic = true;

  static constexpr std::uint64_t growth_interval = 2000;
};

/// Columns that share a scale are taken up together.
inline constexpr std::size_t largest_state_block = 16'384;

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
  /// How what is stored is rounded; as all else unless given.
  std::optional<Rounding> parameter_rounding = {}, state_rounding = {};
  std::optional<LossScale> loss_scale = {};
  /// How many neighbouring columns share a float by which their states are scaled (ScaledFormat); 0
  /// where states are stored as they are.
  std::size_t state_block = 0;
  std::string title = {};  ///< what the set-up is called instead of what `name` makes of its parts

  static Setup all_in(const Format& format) {
    return {format, format, format, format, format, format, {}};
  }

  /// What a model is that is kept in a format: its parameters, states and gradients. The optimizer
  /// computes in float, or in the format where that has more digits.
  static Setup stored_in(const Format& format);

  /// The format that the rule reads and writes parameters in.
  const Format& kept_parameters() const { return master_weights ? *master_weights : parameters; }

  /// The arithmetic of a format; each `stream` draws random bits of its own.
  Arithmetic in(const Format& format, std::uint64_t stream) const {
    return in(format, stream, rounding);
  }
  Arithmetic in(const Format& format, std::uint64_t stream, Rounding rounded) const;

  /// What overflows becomes the format's largest number, in all of them.
  void saturate(bool saturates);

  Rounding rounding_of_parameters() const { return parameter_rounding.value_or(rounding); }
  Rounding rounding_of_states() const { return state_rounding.value_or(rounding); }

  /// Its title; or the format's name where it is the same for all, else the arithmetic's and what
  /// differs, as in float/states=fp16/kahan. Without a space or comma.
  std::string name() const;

  /// Bytes that are kept from step to step for a parameter that has so many states; gradients are
  /// not.
  double bytes_per_parameter(std::size_t states_kept) const;
};

}  // namespace truestep::drift
