// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "rules.hpp"

/// The rules as systems ship them, each by the system's name: what a step of theirs computes, apart
/// from rounding. Bugs are conventions too, since they are what a user of the system meets.
///
/// Numbers are the system's defaults. Where it has none, or has a momentum of 0 for a rule named
/// after it, the seed's number stands in, and the source says so.
namespace truestep::fast {

template <class Hyperparameters>
struct Convention {
  std::string_view name;
  Hyperparameters hyperparameters;
  std::string_view source;
};

// Short names, so that each convention is one row.
namespace conventions {

using enum EpsilonPlace;
using enum EpsilonFrame;
using enum NesterovForm;
inline constexpr auto in_buffer = LearningRateSite::buffer;
inline constexpr auto in_step = LearningRateSite::step;
inline constexpr auto first_is_gradient = FirstBuffer::gradient;
inline constexpr auto no_step = ZeroDenominator::no_step;
inline constexpr auto coupled = WeightDecay::gradient;
inline constexpr auto decoupled = WeightDecay::decoupled;
inline constexpr auto in_sum = WeightDecay::accumulator;

}  // namespace conventions

// clang-format off

/// The conventions of the rule that has these hyperparameters.
template <class Hyperparameters>
inline constexpr std::array<Convention<Hyperparameters>, 0> conventions_of{};

template <>
inline constexpr auto conventions_of<MomentumHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<MomentumHyperparameters>>({
  {"seed", {}, "the seed; Sutskever et al. 2013, equations 1 and 2"},
  {"paper", {}, "Sutskever, Martens, Dahl, Hinton 2013; numbers are the seed's"},
  {"pytorch", {.learning_rate = 1e-3, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "torch.optim.SGD; momentum defaults to 0"},
  {"torch7", {.learning_rate = 1e-3}, "Lua Torch as tabulated by Lasagne's tests; numbers are chosen there"},
  {"tensorflow1", {.learning_rate_site = in_step}, "ApplyMomentum; neither number has a default"},
  {"keras2", {}, "SGD; momentum defaults to 0"},
  {"keras3", {.weight_decay_place = decoupled}, "SGD; momentum defaults to 0"},
  {"optax", {.learning_rate_site = in_step}, "sgd, trace; neither number has a default"},
  {"jax", {.learning_rate_site = in_step}, "jax.example_libraries.optimizers.momentum; neither number has a default"},
  {"ensmallen", {.momentum = 0.5}, "MomentumUpdate"},
  {"chainer", {.weight_decay_place = coupled}, "MomentumSGD; weight decay as a hook"},
  {"mxnet", {.weight_decay_place = coupled}, "SGD; momentum defaults to 0"},
  {"caffe", {.weight_decay_place = coupled}, "SGDSolver; momentum defaults to 0"},
  {"onnx", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "Momentum, mode standard; its beta is 1 - dampening, 1 at T = 0; no defaults"},
  {"lasagne", {}, "updates.momentum; the learning rate has no default"},
  {"optimisers_jl", {.weight_decay_place = coupled}, "Momentum; weight decay as a rule chained before it"},
  {"apex", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "FusedSGD; momentum defaults to 0, the learning rate has no default"},
  {"mlx", {.learning_rate_site = in_step, .weight_decay_place = coupled}, "SGD; dampens from the first step; momentum defaults to 0"},
  {"burn", {.dampening = 0.1, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "Sgd with MomentumConfig; the learning rate has no default"},
  {"scikit_learn", {.learning_rate = 0.1, .weight_decay_place = coupled}, "neural_network's SGDOptimizer, nesterov=False"},
  });
}();

template <>
inline constexpr auto conventions_of<NagHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<NagHyperparameters>>({
  {"seed", {}, "the seed; Sutskever et al. 2013, equations 3 and 4"},
  {"paper", {}, "Sutskever, Martens, Dahl, Hinton 2013; numbers are the seed's"},
  {"pytorch", {.learning_rate = 1e-3, .nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "torch.optim.SGD, nesterov=True; momentum has no default then"},
  {"torch7", {.learning_rate = 1e-3, .nesterov = stored_point}, "Lua Torch as tabulated by Lasagne's tests; numbers are chosen there"},
  {"tensorflow1", {.nesterov = stored_point, .learning_rate_site = in_step}, "ApplyMomentum, use_nesterov; neither number has a default"},
  {"keras2", {.nesterov = stored_point}, "SGD, nesterov=True; momentum defaults to 0"},
  {"keras3", {.nesterov = stored_point, .weight_decay_place = decoupled}, "SGD, nesterov=True; momentum defaults to 0"},
  {"optax", {.nesterov = stored_point, .learning_rate_site = in_step}, "sgd, nesterov=True; neither number has a default"},
  {"jax", {.nesterov = stored_point, .learning_rate_site = in_step}, "jax.example_libraries.optimizers.nesterov; neither number has a default"},
  {"ensmallen", {.momentum = 0.5, .nesterov = stored_point}, "NesterovMomentumUpdate"},
  {"chainer", {.nesterov = squared_momentum, .weight_decay_place = coupled}, "NesterovAG: takes the new v where the unrolled form has the old one"},
  {"mxnet", {.learning_rate = 0.1, .nesterov = stored_point, .weight_decay_place = coupled}, "NAG"},
  {"caffe", {.nesterov = difference, .weight_decay_place = coupled}, "NesterovSolver; momentum defaults to 0"},
  {"onnx", {.nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "Momentum, mode nesterov; its beta is 1 - dampening, 1 at T = 0; no defaults"},
  {"lasagne", {.nesterov = stored_point}, "updates.nesterov_momentum; the learning rate has no default"},
  {"optimisers_jl", {.learning_rate = 1e-3, .nesterov = unrolled, .weight_decay_place = coupled}, "Nesterov; weight decay as a rule chained before it"},
  {"apex", {.nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "FusedSGD, nesterov=True; no defaults"},
  {"mlx", {.nesterov = stored_point, .learning_rate_site = in_step, .weight_decay_place = coupled}, "SGD, nesterov=True; no defaults"},
  {"burn", {.dampening = 0.1, .nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "Sgd with MomentumConfig, nesterov; the learning rate has no default"},
  {"scikit_learn", {.learning_rate = 0.1, .nesterov = stored_point, .weight_decay_place = coupled}, "neural_network's SGDOptimizer"},
  });
}();

template <>
inline constexpr auto conventions_of<AdagradHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdagradHyperparameters>>({
  {"seed", {}, "the seed's last line"},
  {"paper", {.epsilon_place = outside}, "Duchi, Hazan, Singer 2011, figure 1, diagonal; numbers are the seed's"},
  {"pytorch", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}, "torch.optim.Adagrad"},
  {"torch7", {.epsilon = 1e-10, .epsilon_place = outside}, "Lua Torch as tabulated by Lasagne's tests; the learning rate is chosen there"},
  {"tensorflow1", {.epsilon = 0, .initial_accumulator = 0.1}, "ApplyAdagrad: no epsilon; the learning rate has no default"},
  {"keras2", {.learning_rate = 1e-3, .epsilon = 1e-7, .epsilon_place = outside, .initial_accumulator = 0.1}, "tf.keras.optimizers.Adagrad, ApplyAdagradV2"},
  {"keras3", {.learning_rate = 1e-3, .epsilon = 1e-7, .initial_accumulator = 0.1, .weight_decay_place = decoupled}, "Adagrad"},
  {"optax", {.epsilon = 1e-7, .initial_accumulator = 0.1, .zero_denominator = no_step}, "adagrad, scale_by_rss; the learning rate has no default"},
  {"jax", {.epsilon = 0, .zero_denominator = no_step, .momentum = 0.9}, "jax.example_libraries.optimizers.adagrad: no epsilon, a mean of the directions"},
  {"ensmallen", {.epsilon_place = outside}, "AdaGradUpdate"},
  {"chainer", {.learning_rate = 1e-3, .epsilon_place = outside, .weight_decay_place = coupled}, "AdaGrad; weight decay as a hook"},
  {"mxnet", {.epsilon = 1e-6, .epsilon_place = outside, .weight_decay_place = coupled}, "AdaGrad"},
  {"caffe", {.epsilon_place = outside, .weight_decay_place = coupled}, "AdaGradSolver"},
  {"onnx", {.epsilon = 1e-6, .epsilon_place = outside, .weight_decay_place = coupled}, "Adagrad; the learning rate and the accumulator are inputs"},
  {"lasagne", {.learning_rate = 1, .epsilon = 1e-6}, "updates.adagrad"},
  {"optimisers_jl", {.learning_rate = 0.1, .epsilon_place = outside, .start = Start::epsilon, .weight_decay_place = coupled}, "AdaGrad: the accumulator starts at epsilon"},
  {"deepspeed", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = in_sum}, "DeepSpeedCPUAdagrad: weight decay enters the sum alone"},
  {"apex", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}, "FusedAdagrad"},
  {"mlx", {.epsilon_place = outside}, "Adagrad; the learning rate has no default"},
  {"burn", {.epsilon = 1e-5, .epsilon_place = outside, .weight_decay_place = coupled}, "AdaGrad; the learning rate has no default"},
  });
}();

template <>
inline constexpr auto conventions_of<AdadeltaHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdadeltaHyperparameters>>({
  {"seed", {}, "the seed, accumulating first"},
  {"paper", {}, "Zeiler 2012, Algorithm 1"},
  {"pytorch", {.rho = 0.9, .weight_decay_place = coupled}, "torch.optim.Adadelta"},
  {"torch7", {.rho = 0.9}, "Lua Torch as tabulated by Lasagne's tests"},
  {"tensorflow1", {.learning_rate = 1e-3, .epsilon = 1e-8}, "ApplyAdadelta"},
  {"keras2", {.learning_rate = 1e-3, .epsilon = 1e-7}, "tf.keras.optimizers.Adadelta"},
  {"keras3", {.learning_rate = 1e-3, .epsilon = 1e-7, .weight_decay_place = decoupled}, "Adadelta"},
  {"optax", {.rho = 0.9}, "adadelta; the learning rate defaults to none"},
  {"ensmallen", {}, "AdaDeltaUpdate; the root of the ratio"},
  {"chainer", {.weight_decay_place = coupled}, "AdaDelta; the root of the ratio; weight decay as a hook"},
  {"mxnet", {.rho = 0.9, .weight_decay_place = coupled}, "AdaDelta"},
  {"caffe", {.epsilon = 1e-8, .weight_decay_place = coupled}, "AdaDeltaSolver; its momentum is rho, without default; the root of the ratio"},
  {"lasagne", {}, "updates.adadelta"},
  {"optimisers_jl", {.rho = 0.9, .epsilon = 1e-8, .weight_decay_place = coupled}, "AdaDelta; weight decay as a rule chained before it"},
  {"mlx", {.rho = 0.9}, "AdaDelta"},
  });
}();

template <>
inline constexpr auto conventions_of<RmspropHyperparameters> = [] {
  using namespace conventions;
  constexpr auto constant = Start::constant;
  return std::to_array<Convention<RmspropHyperparameters>>({
  {"seed", {}, "the seed, its first step made like the others"},
  {"paper", {.epsilon = 0, .epsilon_place = outside, .start = constant}, "Hinton's lecture 6e: no epsilon; the learning rate is Optimisers.jl's"},
  {"pytorch", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}, "torch.optim.RMSprop"},
  {"torch7", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant}, "Lua Torch as tabulated by Lasagne's tests"},
  {"tensorflow1", {.epsilon = 1e-10, .epsilon_place = inside, .start = constant, .initial_accumulator = 1, .learning_rate_site = in_buffer}, "ApplyRMSProp; the learning rate has no default"},
  {"keras2", {.epsilon = 1e-7, .epsilon_place = inside_with_momentum, .start = constant, .learning_rate_site = in_buffer}, "tf.keras.optimizers.RMSprop: one rule without momentum, another with it"},
  {"keras3", {.epsilon = 1e-7, .epsilon_place = inside, .start = constant, .learning_rate_site = in_buffer, .weight_decay_place = decoupled}, "RMSprop"},
  {"optax", {.epsilon_place = inside, .start = constant, .learning_rate_site = in_buffer}, "rmsprop, eps_in_sqrt and initial_scale at their defaults"},
  {"jax", {.epsilon_place = inside, .start = constant}, "jax.example_libraries.optimizers.rmsprop; the learning rate has no default"},
  {"ensmallen", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant}, "RMSPropUpdate"},
  {"chainer", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}, "RMSprop, eps_inside_sqrt=False; weight decay as a hook"},
  {"mxnet", {.epsilon_place = inside_when_centered, .start = constant, .learning_rate_site = in_buffer, .weight_decay_place = coupled}, "RMSProp; its momentum of 0.9 acts only when centered"},
  {"caffe", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}, "RMSPropSolver; the learning rate has no default"},
  {"lasagne", {.learning_rate = 1, .epsilon = 1e-6, .epsilon_place = inside, .start = constant}, "updates.rmsprop"},
  {"optimisers_jl", {.epsilon_place = outside, .start = constant, .weight_decay_place = coupled}, "RMSProp; weight decay as a rule chained before it"},
  {"mlx", {.rho = 0.99, .epsilon_place = outside, .start = constant}, "RMSprop; the learning rate has no default"},
  {"burn", {.rho = 0.99, .epsilon = 1e-5, .epsilon_place = outside, .start = constant, .momentum = 0.9, .weight_decay_place = coupled}, "RmsProp; the learning rate has no default"},
  });
}();

template <>
inline constexpr auto conventions_of<AdamHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdamHyperparameters>>({
  {"seed", {}, "the seed, its moments fed back uncorrected"},
  {"paper", {}, "Kingma & Ba 2015, arXiv version 9, Algorithm 1"},
  {"pytorch", {.weight_decay_place = coupled}, "torch.optim.Adam since 2019"},
  {"torch7", {.epsilon_frame = before_correction, .beta1_decay = 1 - 1e-8}, "Lua Torch as tabulated by Lasagne's tests; after an early version of the paper"},
  {"tensorflow1", {.epsilon_frame = before_correction}, "ApplyAdam"},
  {"keras2", {.epsilon = 1e-7, .epsilon_frame = before_correction}, "tf.keras.optimizers.Adam"},
  {"keras3", {.epsilon = 1e-7, .epsilon_frame = before_correction, .weight_decay_place = decoupled}, "Adam"},
  {"optax", {.weight_decay_place = decoupled}, "adam, adamw; eps_root is 0 by default; the learning rate has no default"},
  {"jax", {}, "jax.example_libraries.optimizers.adam; the learning rate has no default"},
  {"ensmallen", {.epsilon_frame = before_correction}, "AdamUpdate"},
  {"chainer", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "Adam; weight decay as a hook"},
  {"mxnet", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "Adam"},
  {"caffe", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "AdamSolver; the learning rate has no default"},
  {"onnx", {.epsilon = 1e-6, .epsilon_frame = before_correction, .first_power = 0, .weight_decay_place = coupled}, "Adam: no correction at T = 0; the learning rate is an input"},
  {"lasagne", {.epsilon_frame = before_correction}, "updates.adam"},
  {"optimisers_jl", {.weight_decay_place = coupled}, "Adam; weight decay as a rule chained before it"},
  {"deepspeed", {.weight_decay_place = decoupled}, "DeepSpeedCPUAdam, adamw_mode"},
  {"apex", {.weight_decay_place = decoupled}, "FusedAdam, adam_w_mode"},
  {"mlx", {.corrects_m = false, .corrects_v = false}, "Adam: no bias correction unless asked; the learning rate has no default"},
  {"burn", {.epsilon = 1e-5, .weight_decay_place = coupled}, "Adam; the learning rate has no default"},
  {"scikit_learn", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "neural_network's AdamOptimizer"},
  });
}();

// clang-format on

/// The hyperparameters of a rule under a convention. Throws std::invalid_argument, with the names
/// that there are, if it has none of that name.
template <class Hyperparameters>
Hyperparameters convention(std::string_view name) {
  std::string known;
  for (const auto& each : conventions_of<Hyperparameters>) {
    if (each.name == name) return each.hyperparameters;
    known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  throw std::invalid_argument("convention = " + std::string(name) + " is not one of {" + known +
                              "}");
}

/// The same map, its choices without effect as they are by default: no amount of weight decay has
/// no place.
template <class Hyperparameters>
constexpr Hyperparameters without_idle_choices(Hyperparameters h) {
  if (h.weight_decay == 0) h.weight_decay_place = WeightDecay::none;
  if (h.weight_decay_place != WeightDecay::decoupled) {
    h.weight_decay_time = DecayTime::before_step;
    h.weight_decay_scale = DecayScale::learning_rate;
  }
  return h;
}

}  // namespace truestep::fast
