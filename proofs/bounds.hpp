// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace truestep::proofs {

/// One step of a lane in a format leaves a quantity within constant * u * magnitude of its exact
/// value (theorem), within rounding_constant * u * magnitude of what the rule gives at the lane's
/// own, rounded coefficients (rounding_theorem). All four are empty where nothing is proved.
struct Bound {
  std::string_view lane, quantity, format;
  std::string_view hash;  ///< of the expression that the theorems are about
  std::string_view theorem, constant, rounding_theorem, rounding_constant;

  constexpr bool proved() const { return !theorem.empty(); }
};

/// Those of bounds.json, from which CMakeLists.txt makes their source.
std::span<const Bound> bounds();

/// The one of a lane's quantity in a format.
/// @throws std::out_of_range  bounds.json has none
const Bound& bound_of(const std::string& lane, const std::string& quantity,
                      const std::string& format);

}  // namespace truestep::proofs
