// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <string>
#include <string_view>

#include "generate.hpp"
#include "subject.hpp"

namespace truestep::test {

/// The parts, one after the other.
template <class... Part>
std::string text(const Part&... part) {
  std::ostringstream out;
  (out << ... << part);
  return out.str();
}

/// x in decimal, enough digits to read it back, and in bits.
template <class T>
std::string show(T x);

/// Everything that a computed quantity was made of, for the report of its failure.
template <class T>
struct Circumstances {
  const Rule& rule;
  const Hyperparameters& h;
  std::uint64_t t;    ///< of the step
  std::size_t index;  ///< of the coordinate
  const Point<T>& before;
  T gradient;
};

/// The circumstances, a line for each input.
template <class T>
std::string describe(const Circumstances<T>& circumstances);

template <class T>
std::string report_of_excess(const Circumstances<T>& circumstances, const std::string& quantity,
                             const Ball<T>& computed, const Real& exact);

/// "" if `computed` is within its radius of `exact`, or claims nothing; else the report: rule,
/// number type, index, step, inputs, what was computed, the exact value, the error in ulp, the
/// radius. The quantity's name is the parts in a row, written only where it is reported.
template <class T, class... Part>
std::string excess(const Circumstances<T>& circumstances, const Ball<T>& computed,
                   const Real& exact, const Part&... quantity) {
  if (!computed.bounded() || abs(Real(computed.value) - exact) <= Real(computed.radius)) return "";
  return report_of_excess(circumstances, text(quantity...), computed, exact);
}

template <class T>
std::string report_of_difference(const Circumstances<T>& circumstances, std::string_view quantity,
                                 std::string_view what, T computed, T expected);

/// "" if the two have the same bits, or are both NaN; else the report.
template <class T>
std::string difference(const Circumstances<T>& circumstances, std::string_view quantity,
                       std::string_view what, T computed, T expected) {
  if (bits(computed) == bits(expected)) return "";
  return report_of_difference(circumstances, quantity, what, computed, expected);
}

}  // namespace truestep::test
