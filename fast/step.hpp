// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <ranges>
#include <span>

#include "threads.hpp"

#pragma GCC visibility push(default)

/// The calls that every rule has. fast/RULE.hpp describes the rule, its hyperparameters and its
/// tensor; what holds for all of them is said here, once.
///
/// @param h  the rule's hyperparameters; convention<Hyperparameters>(NAME) of conventions.hpp gives
///           those of a system
/// @param t  number of this step, 1 at the first; [1, 2^63]
///
/// A tensor is theta, the states and the gradient, in spans of one length and any alignment that
/// share no memory: AdamTensor<float>{.theta = theta, .m = m, .v = v, .gradient = gradient}. A
/// state that the hyperparameters have no use for is left empty. theta and the states are changed
/// in place.
///
/// Every SIMD target gives the same bits, whatever rounding mode or flush-to-zero the caller has
/// set. NaN and infinity follow IEEE 754, coordinate by coordinate.
///
/// Error: each of the lane's operations (lanes/RULE.lane.hpp) rounds to nearest once, subnormals
/// included, and its coefficients are off as coefficients/coefficients.hpp says;
/// proofs/numbers/ball.hpp turns this into a rigorous bound for given inputs.
///
/// Throws std::invalid_argument, before anything is written, for a hyperparameter or t outside its
/// range ("RULE: beta2 = 1 is outside [0, 1)"), choices that make no sense together, unequal
/// lengths or overlap.
namespace truestep::fast {

/// One step of a tensor, in place.
template <class Tensor>
[[gnu::visibility("default")]] void step(const typename Tensor::Hyperparameters& h, std::uint64_t t,
                                         const Tensor& tensor);

/// One step of each tensor of a list, all with one t: the bits of a step of each, for any executor
/// (threads.hpp). Nothing is allocated, the coefficients are computed once, and the elements are
/// cut into equal parts, one for each of the executor's threads; the first has Rule::least_part
/// more. Where a thread would not have as many, fewer take part.
///
/// An error names the tensor by its number, from 0: "RULE: tensor 3: v has 5 elements where theta
/// has 6". What two tensors share is not looked for. They may share a gradient; of what is written
/// they may share nothing, or several threads race for it.
template <class Tensor>
[[gnu::visibility("default")]] void step_each(const typename Tensor::Hyperparameters& h,
                                              std::uint64_t t, std::span<const Tensor> tensors,
                                              Executor executor);

template <std::ranges::contiguous_range Tensors>
void step(const typename std::ranges::range_value_t<Tensors>::Hyperparameters& h, std::uint64_t t,
          const Tensors& tensors, Executor executor = calling_thread()) {
  step_each<std::ranges::range_value_t<Tensors>>(h, t, tensors, executor);
}

/// One step after another with recorded gradients, the first numbered t: the bits of as many calls
/// of step, for any executor. A block of coordinates takes many steps while it stays in cache, so
/// that of a long tensor only the gradients stream from memory. Nothing is allocated.
///
/// @param tensor     its own gradient is left empty
/// @param gradients  one per step; they may share memory with each other
///
/// An error about the spans names the step: "RULE: step 12: gradient has 5 elements where theta has
/// 6".
template <class Tensor>
[[gnu::visibility("default")]] void replay(
    const typename Tensor::Hyperparameters& h, std::uint64_t t, const Tensor& tensor,
    std::span<const std::span<const typename Tensor::Element>> gradients,
    Executor executor = calling_thread());

}  // namespace truestep::fast

#pragma GCC visibility pop
