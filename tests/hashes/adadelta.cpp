// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Adadelta> {
  static constexpr std::array is_signed{false, false};
  static AdadeltaHyperparameters description(AdadeltaForm form) {
    return {.learning_rate = form.scaled ? 0.3 : 1, .accumulates_scaled = form.accumulates_scaled};
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Adadelta>(type, hashes);
  }
};

template void add_rule<Adadelta>(Hashes&);

}  // namespace truestep::hashes
