// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include <truestep/fast/call/arguments.hpp>
#include <truestep/fast/call/float_environment.hpp>
#include <truestep/fast/call/step.hpp>
#include <truestep/fast/call/tensors.hpp>
#include <truestep/fast/coefficients/double_double.hpp>
#include <truestep/fast/coefficients/scaled.hpp>

/// What fast/RULE.cpp makes the public calls of, once it has said which choices make no sense
/// together and what its lane's coefficients are:
///
///     static void require_sensible(const Hyperparameters&);
///     template <class T> static CoefficientList<T> rounded(const Hyperparameters&, std::uint64_t
///     t);
///
/// Both are found by argument-dependent lookup.
namespace truestep::fast {

template <class T, class Hyperparameters>
CoefficientList<T> coefficient_list(const Hyperparameters& h, std::uint64_t t) {
  require_step_number(Hyperparameters::Rule::name, t);
  require_described<typename Hyperparameters::Rule>(h);
  require_sensible(h);
  require_lane<typename Hyperparameters::Rule>(h, without_lane(h));
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template <class T, class Hyperparameters>
CoefficientList<T> call::list_of_known(const Hyperparameters& h, std::uint64_t t) {
  require_step_number(Hyperparameters::Rule::name, t);
  const IeeeEnvironment environment;
  return rounded<T>(h, t);
}

template <class Tensor>
void step(const typename Tensor::Hyperparameters& h, std::uint64_t t, const Tensor& tensor) {
  call::step(h, t, tensor);
}

template <class Tensor>
void step_each(const typename Tensor::Hyperparameters& h, std::uint64_t t,
               std::span<const Tensor> tensors, Executor executor) {
  call::step_each(h, t, tensors, executor);
}

template <class Tensor>
void replay(const typename Tensor::Hyperparameters& h, std::uint64_t t, const Tensor& tensor,
            std::span<const std::span<const typename Tensor::Element>> gradients,
            Executor executor) {
  call::replay(h, t, tensor, gradients, executor);
}

}  // namespace truestep::fast

/// Compiles the calls of the rule whose hyperparameters and tensor these are.
#define TRUESTEP_COMPILE_CALLS(Hyperparameters, Tensor)                                           \
  template CoefficientList<float> coefficient_list(const Hyperparameters&, std::uint64_t);        \
  template CoefficientList<double> coefficient_list(const Hyperparameters&, std::uint64_t);       \
  template CoefficientList<DoubleDouble> coefficient_list(const Hyperparameters&, std::uint64_t); \
  template void step(const Hyperparameters&, std::uint64_t, const Tensor<float>&);                \
  template void step(const Hyperparameters&, std::uint64_t, const Tensor<double>&);               \
  template void step_each(const Hyperparameters&, std::uint64_t, std::span<const Tensor<float>>,  \
                          Executor);                                                              \
  template void step_each(const Hyperparameters&, std::uint64_t, std::span<const Tensor<double>>, \
                          Executor);                                                              \
  template void replay(const Hyperparameters&, std::uint64_t, const Tensor<float>&,               \
                       std::span<const std::span<const float>>, Executor);                        \
  template void replay(const Hyperparameters&, std::uint64_t, const Tensor<double>&,              \
                       std::span<const std::span<const double>>, Executor)
