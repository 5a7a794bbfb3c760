#pragma once

#include <cstddef>
#include <functional>
#include <string>

#include <truestep/fast/adadelta.hpp>
#include <truestep/fast/adagrad.hpp>
#include <truestep/fast/adam.hpp>
#include <truestep/fast/momentum.hpp>
#include <truestep/fast/nag.hpp>
#include <truestep/fast/rmsprop.hpp>

namespace truestep::speed {

std::string torch_version();

/// PyTorch's own optimizer over one parameter tensor, which is `theta`; the states are tensors of
/// its own. Each call is a step, t = 1 first. Its convention is PyTorch's: of the hyperparameters,
/// the numbers count. Adadelta, of which libtorch has no class, is the tensor operations that the
/// Python class makes. `threads` holds for all of libtorch.
template <class T>
struct TorchSteps {
  using Step = std::function<void()>;
  static Step of(const fast::MomentumHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
  static Step of(const fast::NagHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
  static Step of(const fast::AdagradHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
  static Step of(const fast::AdadeltaHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
  static Step of(const fast::RmspropHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
  static Step of(const fast::AdamHyperparameters&, int threads, std::size_t count, T* theta,
                 const T* gradient);
};

}  // namespace truestep::speed
