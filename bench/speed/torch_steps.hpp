// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

namespace truestep::speed {

std::string torch_version();

/// PyTorch's own optimizer over one parameter tensor, which is `theta`; the states are tensors of
/// its own. Each call is a step, the first with t = 1. The convention is PyTorch's; `numbers` are
/// the rule's hyperparameters by our names. Adadelta, of which libtorch has no class, is the tensor
/// operations that the Python class makes, with a learning rate of 1. `threads` holds for all of
/// libtorch from here on.
///
/// Plain, because some versions of libtorch cannot be compiled as C++20.
///
/// Throws std::invalid_argument if the rule is none of the six, std::out_of_range if a number is
/// missing.
template <class T>
std::function<void()> torch_step(const std::string& rule,
                                 const std::map<std::string, double>& numbers, int threads,
                                 std::size_t count, T* theta, const T* gradient);

}  // namespace truestep::speed
