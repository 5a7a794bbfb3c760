// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace truestep::speed {

std::string torch_version();

/// What PyTorch's own optimizer is given: one parameter tensor, which is `theta`. The states are
/// tensors of its own. Each call is a step, the first with t = 1.
struct TorchRun {
  std::map<std::string, double> numbers;  ///< the rule's hyperparameters by our names
  int threads;                            ///< for all of libtorch from then on
  std::size_t count;
  void* theta;
  const void* gradient;
  bool in_double;  ///< else float

  double number(const char* name) const { return numbers.at(name); }
};

/// A rule's step under PyTorch's convention: peers/RULE.torch.cpp. Throws std::out_of_range if a
/// number is missing.
///
/// Plain, because some versions of libtorch cannot be compiled as C++20.
template <class Rule>
std::function<void()> torch_step(const TorchRun& run);

}  // namespace truestep::speed
