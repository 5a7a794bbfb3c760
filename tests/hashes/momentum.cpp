// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

/// Momentum's forms are among NAG's.
template <>
struct Forms<Momentum> {
  static constexpr std::array is_signed{true};
  template <class T>
  static void add(const std::string&, Hashes&) {}
};

template void add_rule<Momentum>(Hashes&);

}  // namespace truestep::hashes
