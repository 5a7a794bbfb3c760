// SPDX-License-Identifier: Apache-2.0
#include "further.hpp"

namespace truestep::hashes {

template <>
struct Forms<Adam> {
  static constexpr std::array is_signed{true, false, false};
  static AdamHyperparameters description(AdamForm form) {
    return {.epsilon_root = form.epsilon_in_root ? 1e-6 : 0, .amsgrad = form.amsgrad};
  }

  template <class T>
  static void add(const std::string& type, Hashes& hashes) {
    add_forms<T, Adam>(type, hashes);
  }
};

template void add_further<Adam>(Hashes&);

}  // namespace truestep::hashes
