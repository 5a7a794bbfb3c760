// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

#include "classes.hpp"
#include "rules.hpp"

/// The rules as systems ship them, a row for each optimizer class: what a step of it computes,
/// apart from rounding. Bugs are conventions too, since they are what a user of the system meets.
///
/// Numbers are the class's public defaults. Where it has none, or has a momentum of 0 for a rule
/// named after it, the lecture note's number stands in.
namespace truestep::fast {

template <class Hyperparameters>
struct Convention {
  std::string_view name;        ///< as it is typed: that of the system, or of the class
  std::string_view class_name;  ///< its source in classes.hpp; none of the lecture note and papers
  Hyperparameters hyperparameters;
  /// The class's own switches in the members of the hyperparameters, apart by "; ":
  ///
  ///     SWITCH=VALUE:MEMBER=VALUE,MEMBER=VALUE   what a value that is not the default sets;
  ///     several
  ///                                              switches together have commas between
  ///     NUMBER>MEMBER                            a number of the class that is another member here
  ///     MEMBER<NUMBER                            a member that always is a number of the class
  std::string_view options = {};
  std::string_view words = {};  ///< what else a reader has to know

  /// Where it is from; null for the lecture note and the papers.
  constexpr const OptimizerClass* optimizer() const { return find_class(class_name); }
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
inline constexpr auto after_step = DecayTime::after_step;
inline constexpr auto alone = DecayScale::one;
inline constexpr auto before_this_step = StateUsed::previous;

}  // namespace conventions

// clang-format off

/// The conventions of the rule that has these hyperparameters.
template <class Hyperparameters>
inline constexpr std::array<Convention<Hyperparameters>, 0> conventions_of{};

template <>
inline constexpr auto conventions_of<MomentumHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<MomentumHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note; Sutskever et al. 2013, equations 1 and 2"},
  {"paper", "", {}, "", "Sutskever, Martens, Dahl, Hinton 2013; numbers are the lecture note's"},
  {"pytorch", "pytorch.SGD", {.learning_rate = 1e-3, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.sgd", {.learning_rate = 1e-3, .dampening = 0.9, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"torch7_table", "", {.learning_rate = 1e-3}, "", "Lua Torch as tabulated by Lasagne's tests; numbers are chosen there"},
  {"tensorflow1", "tensorflow1.MomentumOptimizer", {.learning_rate_site = in_step}},
  {"tf_keras", "tf_keras.SGD@2.11", {.weight_decay_place = decoupled}},
  {"keras_legacy", "keras_legacy.SGD", {}},
  {"keras1", "keras1.SGD", {}},
  {"keras3", "keras3.SGD", {.weight_decay_place = decoupled}},
  {"optax", "optax.sgd", {.learning_rate_site = in_step}},
  {"jax", "jax.momentum", {.learning_rate_site = in_step}},
  {"ensmallen", "ensmallen.MomentumSGD", {.momentum = 0.5}},
  {"chainer", "chainer.MomentumSGD", {.weight_decay_place = coupled}, "", "weight decay as a hook"},
  {"mxnet", "mxnet.SGD@1", {.weight_decay_place = coupled}},
  {"mxnet.SGD@2", "mxnet.SGD@2", {.learning_rate = 0.1, .weight_decay_place = coupled}},
  {"caffe", "caffe.SGD", {.weight_decay_place = coupled}},
  {"onnx", "onnx.Momentum", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"lasagne", "lasagne.momentum", {}},
  {"optimisers_jl", "optimisers_jl.Momentum", {.weight_decay_place = coupled}, "", "weight decay as a rule chained before it"},
  {"apex", "apex.FusedSGD", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "wd_after_momentum=true:weight_decay_place=decoupled"},
  {"transformer_engine", "transformer_engine.FusedSGD", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "wd_after_momentum=true:weight_decay_place=decoupled"},
  {"megatron", "megatron.sgd", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled, .weight_decay = 0.01}},
  {"mlx", "mlx.SGD", {.learning_rate_site = in_step, .weight_decay_place = coupled}},
  {"burn", "burn.Sgd", {.dampening = 0.1, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"scikit_learn", "scikit_learn.SGD", {.learning_rate = 1e-3, .weight_decay_place = coupled}, "", "weight decay is alpha over the batch's size, of the weights alone"},
  {"tensorflow_js", "tensorflow_js.Momentum", {.learning_rate_site = in_step}},
  {"brain_js", "brain_js.weights", {.learning_rate = 0.3, .momentum = 0.1}},
  {"convnetjs", "convnetjs.sgd", {.weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"toygrad", "toygrad.SGD", {.weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.Momentum", {.learning_rate = 1e-3, .learning_rate_site = in_step, .weight_decay_place = coupled}},
  {"dlib", "dlib.sgd", {.weight_decay_place = coupled, .weight_decay = 5e-4}},
  {"darknet", "darknet.sgd", {.learning_rate = 1e-3, .learning_rate_site = in_step, .weight_decay_place = coupled, .weight_decay = 1e-4}},
  {"tiny_dnn", "tiny_dnn.momentum", {.weight_decay_place = coupled}},
  {"tinygrad", "tinygrad.SGD", {.learning_rate = 1e-3, .learning_rate_site = in_step, .weight_decay_place = coupled}, "classic=true:learning_rate_site=buffer"},
  {"hips_autograd", "hips_autograd.sgd", {.learning_rate = 0.1, .dampening = 0.9, .learning_rate_site = in_step}, "dampening<momentum"},
  {"bitsandbytes", "bitsandbytes.SGD", {.learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  });
}();

template <>
inline constexpr auto conventions_of<NagHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<NagHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note; Sutskever et al. 2013, equations 3 and 4"},
  {"paper", "", {}, "", "Sutskever, Martens, Dahl, Hinton 2013; numbers are the lecture note's"},
  {"pytorch", "pytorch.SGD", {.learning_rate = 1e-3, .nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.sgd", {.learning_rate = 1e-3, .nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"torch7.nag", "torch7.nag", {.learning_rate = 1e-3, .weight_decay_place = coupled, .weight_decay_point = DecayPoint::look_ahead}},
  {"torch7_table", "", {.learning_rate = 1e-3, .nesterov = stored_point}, "", "Lua Torch as tabulated by Lasagne's tests; numbers are chosen there"},
  {"tensorflow1", "tensorflow1.MomentumOptimizer", {.nesterov = stored_point, .learning_rate_site = in_step}},
  {"tf_keras", "tf_keras.SGD@2.11", {.nesterov = stored_point, .weight_decay_place = decoupled}},
  {"keras_legacy", "keras_legacy.SGD", {.nesterov = stored_point}},
  {"keras1", "keras1.SGD", {.nesterov = stored_point}},
  {"keras3", "keras3.SGD", {.nesterov = stored_point, .weight_decay_place = decoupled}},
  {"optax", "optax.sgd", {.nesterov = stored_point, .learning_rate_site = in_step}},
  {"jax", "jax.nesterov", {.nesterov = stored_point, .learning_rate_site = in_step}},
  {"ensmallen", "ensmallen.NesterovMomentumSGD", {.momentum = 0.5, .nesterov = stored_point}},
  {"chainer", "chainer.NesterovAG", {.nesterov = squared_momentum, .weight_decay_place = coupled}, "", "weight decay as a hook"},
  {"mxnet", "mxnet.NAG@1", {.nesterov = stored_point, .weight_decay_place = coupled, .weight_decay_point = DecayPoint::moved}},
  {"mxnet.NAG@2", "mxnet.NAG@2", {.learning_rate = 0.1, .nesterov = stored_point, .weight_decay_place = coupled}},
  {"caffe", "caffe.Nesterov", {.nesterov = difference, .weight_decay_place = coupled}},
  {"onnx", "onnx.Momentum", {.nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"lasagne", "lasagne.nesterov_momentum", {.nesterov = stored_point}},
  {"optimisers_jl", "optimisers_jl.Nesterov", {.learning_rate = 1e-3, .nesterov = unrolled, .weight_decay_place = coupled}, "", "weight decay as a rule chained before it"},
  {"apex", "apex.FusedSGD", {.nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "wd_after_momentum=true:weight_decay_place=decoupled"},
  {"transformer_engine", "transformer_engine.FusedSGD", {.nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}, "wd_after_momentum=true:weight_decay_place=decoupled"},
  {"mlx", "mlx.SGD", {.nesterov = stored_point, .learning_rate_site = in_step, .weight_decay_place = coupled}},
  {"burn", "burn.Sgd", {.dampening = 0.1, .nesterov = stored_point, .learning_rate_site = in_step, .first_buffer = first_is_gradient, .weight_decay_place = coupled}},
  {"scikit_learn", "scikit_learn.SGD", {.learning_rate = 1e-3, .nesterov = stored_point, .weight_decay_place = coupled}, "", "weight decay is alpha over the batch's size, of the weights alone"},
  {"tensorflow_js", "tensorflow_js.Momentum", {.nesterov = stored_point, .learning_rate_site = in_step}},
  {"convnetjs", "convnetjs.nesterov", {.nesterov = difference, .weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"toygrad", "toygrad.Nesterov", {.nesterov = difference, .weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.Momentum", {.learning_rate = 1e-3, .nesterov = stored_point, .learning_rate_site = in_step, .weight_decay_place = coupled}},
  {"tiny_dnn", "tiny_dnn.nesterov_momentum", {.nesterov = difference, .weight_decay_place = coupled}},
  {"tinygrad", "tinygrad.SGD", {.learning_rate = 1e-3, .nesterov = stored_point, .learning_rate_site = in_step, .weight_decay_place = coupled}, "classic=true:learning_rate_site=buffer"},
  });
}();

template <>
inline constexpr auto conventions_of<AdagradHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdagradHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note's last line"},
  {"paper", "", {.epsilon_place = outside}, "", "Duchi, Hazan, Singer 2011, figure 1, diagonal; numbers are the lecture note's"},
  {"pytorch", "pytorch.Adagrad", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}, "maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.adagrad", {.learning_rate = 1e-3, .epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}},
  {"tensorflow1", "tensorflow1.AdagradOptimizer", {.epsilon = 0, .initial_accumulator = 0.1}},
  {"tf_keras", "tf_keras.Adagrad@2.11", {.learning_rate = 1e-3, .epsilon = 1e-7, .initial_accumulator = 0.1, .weight_decay_place = decoupled}},
  {"keras_legacy", "keras_legacy.Adagrad", {.learning_rate = 1e-3, .epsilon = 1e-7, .epsilon_place = outside, .initial_accumulator = 0.1}},
  {"keras1", "keras1.Adagrad", {.epsilon = 1e-7, .epsilon_place = outside}},
  {"keras3", "keras3.Adagrad", {.learning_rate = 1e-3, .epsilon = 1e-7, .initial_accumulator = 0.1, .weight_decay_place = decoupled}},
  {"optax", "optax.adagrad", {.epsilon = 1e-7, .initial_accumulator = 0.1, .zero_denominator = no_step}},
  {"jax", "jax.adagrad", {.epsilon = 0, .zero_denominator = no_step, .momentum = 0.9}},
  {"ensmallen", "ensmallen.AdaGrad", {.epsilon_place = outside}},
  {"chainer", "chainer.AdaGrad", {.learning_rate = 1e-3, .epsilon_place = outside, .weight_decay_place = coupled}, "", "weight decay as a hook"},
  {"mxnet", "mxnet.AdaGrad@1", {.epsilon = 1e-7, .weight_decay_place = decoupled}},
  {"mxnet.AdaGrad@2", "mxnet.AdaGrad@2", {.epsilon = 1e-6, .epsilon_place = outside, .weight_decay_place = coupled}},
  {"caffe", "caffe.AdaGrad", {.epsilon_place = outside, .weight_decay_place = coupled}},
  {"onnx", "onnx.Adagrad", {.epsilon = 1e-6, .epsilon_place = outside, .weight_decay_place = coupled}, "first_count=1:first_count=1"},
  {"lasagne", "lasagne.adagrad", {.learning_rate = 1, .epsilon = 1e-6}},
  {"optimisers_jl", "optimisers_jl.AdaGrad", {.learning_rate = 0.1, .epsilon_place = outside, .start = Start::epsilon, .weight_decay_place = coupled}, "", "weight decay as a rule chained before it"},
  {"deepspeed", "deepspeed.DeepSpeedCPUAdagrad", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = in_sum}},
  {"apex", "apex.FusedAdagrad", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}, "adagrad_w_mode=true:weight_decay_place=decoupled"},
  {"mlx", "mlx.Adagrad", {.epsilon_place = outside}},
  {"burn", "burn.AdaGrad", {.epsilon = 1e-5, .epsilon_place = outside, .weight_decay_place = coupled}},
  {"tensorflow_js", "tensorflow_js.Adagrad", {.epsilon = 1e-7, .initial_accumulator = 0.1}},
  {"convnetjs", "convnetjs.adagrad", {.weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"toygrad", "toygrad.Adagrad", {.weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.Adagrad", {.epsilon = 1e-6, .epsilon_place = outside, .weight_decay_place = coupled}},
  {"tiny_dnn", "tiny_dnn.adagrad", {.epsilon_place = outside}},
  {"bitsandbytes", "bitsandbytes.Adagrad", {.epsilon = 1e-10, .epsilon_place = outside, .weight_decay_place = coupled}},
  });
}();

template <>
inline constexpr auto conventions_of<AdadeltaHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdadeltaHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note, accumulating first"},
  {"paper", "", {}, "", "Zeiler 2012, Algorithm 1"},
  {"pytorch", "pytorch.Adadelta", {.rho = 0.9, .weight_decay_place = coupled}, "maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.adadelta", {.rho = 0.9, .weight_decay_place = coupled}},
  {"tensorflow1", "tensorflow1.AdadeltaOptimizer", {.learning_rate = 1e-3, .epsilon = 1e-8}},
  {"tf_keras", "tf_keras.Adadelta@2.11", {.learning_rate = 1e-3, .epsilon = 1e-7, .weight_decay_place = decoupled}},
  {"keras_legacy", "keras_legacy.Adadelta", {.learning_rate = 1e-3, .epsilon = 1e-7}},
  {"keras1", "keras1.Adadelta", {.epsilon = 1e-7}},
  {"keras3", "keras3.Adadelta", {.learning_rate = 1e-3, .epsilon = 1e-7, .weight_decay_place = decoupled}},
  {"optax", "optax.adadelta", {.rho = 0.9, .weight_decay_place = coupled}, "rate_given=false:step_sign=step_negated", "with the learning rate given; without one the step has the other sign"},
  {"ensmallen", "ensmallen.AdaDelta", {}},
  {"chainer", "chainer.AdaDelta", {.weight_decay_place = coupled}, "", "weight decay as a hook"},
  {"mxnet", "mxnet.AdaDelta@1", {.rho = 0.9, .epsilon = 1e-5, .weight_decay_place = decoupled, .weight_decay_scale = alone}},
  {"mxnet.AdaDelta@2", "mxnet.AdaDelta@2", {.rho = 0.9, .weight_decay_place = coupled}},
  {"caffe", "caffe.AdaDelta", {.epsilon = 1e-8, .weight_decay_place = coupled}},
  {"lasagne", "lasagne.adadelta", {}},
  {"optimisers_jl", "optimisers_jl.AdaDelta", {.rho = 0.9, .epsilon = 1e-8, .weight_decay_place = coupled}, "", "weight decay as a rule chained before it"},
  {"mlx", "mlx.AdaDelta", {.rho = 0.9}},
  {"tensorflow_js", "tensorflow_js.Adadelta", {.learning_rate = 1e-3, .epsilon = 1e-7, .state_used = before_this_step}},
  {"convnetjs", "convnetjs.adadelta", {.epsilon = 1e-8, .weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"toygrad", "toygrad.Adadelta", {.epsilon = 1e-8, .weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.Adadelta", {.learning_rate = 1e-3, .weight_decay_place = coupled}},
  });
}();

template <>
inline constexpr auto conventions_of<RmspropHyperparameters> = [] {
  using namespace conventions;
  constexpr auto constant = Start::constant;
  constexpr auto kept = NegativeVariance::kept;
  return std::to_array<Convention<RmspropHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note, its first step made like the others"},
  {"paper", "", {.epsilon = 0, .epsilon_place = outside, .start = constant}, "", "Hinton's lecture 6e: no epsilon; the learning rate is Optimisers.jl's"},
  {"pytorch", "pytorch.RMSprop", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .negative_variance = kept, .weight_decay_place = coupled}, "centered=true:centered=true; maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.rmsprop", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}},
  {"tensorflow1", "tensorflow1.RMSPropOptimizer", {.epsilon = 1e-10, .epsilon_place = inside, .start = constant, .initial_accumulator = 1, .negative_variance = kept, .learning_rate_site = in_buffer}, "centered=true:centered=true"},
  {"tf_keras", "tf_keras.RMSprop@2.11", {.epsilon = 1e-7, .epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer, .weight_decay_place = decoupled}, "centered=true:centered=true"},
  {"keras_legacy", "keras_legacy.RMSprop", {.epsilon = 1e-7, .epsilon_place = inside_with_momentum, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer}, "centered=true:centered=true"},
  {"keras1", "keras1.RMSprop", {.epsilon = 1e-7, .epsilon_place = outside, .start = constant}},
  {"keras3", "keras3.RMSprop", {.epsilon = 1e-7, .epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer, .weight_decay_place = decoupled}, "centered=true:centered=true"},
  {"optax", "optax.rmsprop", {.epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer}, "centered=true:centered=true; eps_in_sqrt=false:epsilon_place=outside; nesterov=true:nesterov_trace=true; bias_correction=true:corrected=true"},
  {"jax", "jax.rmsprop", {.epsilon_place = inside, .start = constant}},
  {"jax.rmsprop_momentum", "jax.rmsprop_momentum", {.epsilon_place = inside, .start = constant, .momentum = 0.9, .learning_rate_site = in_buffer}},
  {"ensmallen", "ensmallen.RMSProp", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant}},
  {"chainer", "chainer.RMSprop", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}, "eps_inside_sqrt=true:epsilon_place=inside", "weight decay as a hook"},
  {"mxnet", "mxnet.RMSProp@1", {.epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer, .weight_decay_place = coupled}, "centered=true:centered=true; centered=false:momentum=0", "its momentum of 0.9 acts only when centered"},
  {"mxnet.RMSProp@2", "mxnet.RMSProp@2", {.epsilon_place = inside_when_centered, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer, .weight_decay_place = coupled}, "centered=true:centered=true; centered=false:momentum=0", "its momentum of 0.9 acts only when centered"},
  {"caffe", "caffe.RMSProp", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}},
  {"lasagne", "lasagne.rmsprop", {.learning_rate = 1, .epsilon = 1e-6, .epsilon_place = inside, .start = constant}},
  {"optimisers_jl", "optimisers_jl.RMSProp", {.epsilon_place = outside, .start = constant, .negative_variance = kept, .weight_decay_place = coupled}, "centered=true:centered=true", "weight decay as a rule chained before it"},
  {"mlx", "mlx.RMSprop", {.rho = 0.99, .epsilon_place = outside, .start = constant}},
  {"burn", "burn.RmsProp", {.rho = 0.99, .epsilon = 1e-5, .epsilon_place = outside, .start = constant, .negative_variance = kept, .momentum = 0.9, .weight_decay_place = coupled}, "centered=true:centered=true"},
  {"tensorflow_js", "tensorflow_js.RMSProp", {.epsilon = 1e-7, .epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer}, "centered=true:centered=true,epsilon_sign=subtracted"},
  {"convnetjs", "convnetjs.windowgrad", {.learning_rate = 0.01, .rho = 0.95, .epsilon_place = inside, .start = constant, .weight_decay_place = coupled}, "", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.RMSProp", {.rho = 0.95, .epsilon = 1e-6, .epsilon_place = inside, .start = constant, .negative_variance = kept, .learning_rate_site = in_buffer, .weight_decay_place = coupled}, "centered=true:centered=true"},
  {"tiny_dnn", "tiny_dnn.RMSprop", {.learning_rate = 1e-4, .rho = 0.99, .epsilon_place = inside, .start = constant}},
  {"hips_autograd", "hips_autograd.rmsprop", {.learning_rate = 0.1, .epsilon_place = outside, .start = constant, .initial_accumulator = 1}},
  {"bitsandbytes", "bitsandbytes.RMSprop", {.learning_rate = 0.01, .rho = 0.99, .epsilon_place = outside, .start = constant, .weight_decay_place = coupled}},
  });
}();

template <>
inline constexpr auto conventions_of<AdamHyperparameters> = [] {
  using namespace conventions;
  return std::to_array<Convention<AdamHyperparameters>>({
  {"lecture_note", "", {}, "", "the lecture note, its moments fed back uncorrected"},
  {"paper", "", {}, "", "Kingma & Ba 2015, arXiv version 9, Algorithm 1"},
  {"pytorch", "pytorch.Adam", {.weight_decay_place = coupled}, "amsgrad=true:amsgrad=true; decoupled_weight_decay=true:weight_decay_place=decoupled; maximize=true:step_sign=gradient_negated"},
  {"pytorch.AdamW", "pytorch.AdamW", {.weight_decay_place = decoupled, .weight_decay = 0.01}, "amsgrad=true:amsgrad=true; maximize=true:step_sign=gradient_negated"},
  {"torch7", "torch7.adam", {.epsilon_frame = before_correction, .weight_decay_place = coupled}},
  {"torch7.adam@2015", "torch7.adam@2015", {.epsilon_frame = before_correction, .beta1_decay = 1 - 1e-8}},
  {"tensorflow1", "tensorflow1.AdamOptimizer", {.epsilon_frame = before_correction}},
  {"tensorflow1.ApplyAdam", "tensorflow1.ApplyAdam", {.epsilon_frame = before_correction}, "nesterov=true:moment_ahead=same_correction"},
  {"tf_keras", "tf_keras.Adam@2.11", {.epsilon = 1e-7, .epsilon_frame = before_correction, .weight_decay_place = decoupled}, "amsgrad=true:amsgrad=true; adaptive_epsilon=true:epsilon_frame=after_correction"},
  {"tf_keras.AdamW@2.11", "tf_keras.AdamW@2.11", {.epsilon = 1e-7, .epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay = 0.004}, "amsgrad=true:amsgrad=true"},
  {"keras_legacy", "keras_legacy.Adam", {.epsilon = 1e-7, .epsilon_frame = before_correction}, "amsgrad=true:amsgrad=true"},
  {"keras1", "keras1.Adam", {.epsilon = 1e-7, .epsilon_frame = before_correction}, "amsgrad=true:amsgrad=true"},
  {"keras3", "keras3.Adam", {.epsilon = 1e-7, .epsilon_frame = before_correction, .weight_decay_place = decoupled}, "amsgrad=true:amsgrad=true"},
  {"keras3.AdamW", "keras3.AdamW", {.epsilon = 1e-7, .epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay = 0.004}, "amsgrad=true:amsgrad=true"},
  {"optax", "optax.adam", {}, "nesterov=true:moment_ahead=own_corrections"},
  {"optax.adamw", "optax.adamw", {.weight_decay_place = decoupled, .weight_decay = 1e-4}, "nesterov=true:moment_ahead=own_corrections"},
  {"optax.amsgrad", "optax.amsgrad", {.amsgrad = true, .largest_of = LargestOf::corrected}, "bias_correction_mu=false:corrects_m=false; bias_correction_nu=false:corrects_v=false"},
  {"jax", "jax.adam", {}},
  {"ensmallen", "ensmallen.Adam", {.epsilon_frame = before_correction}},
  {"ensmallen.AMSGrad", "ensmallen.AMSGrad", {.epsilon_frame = before_correction, .amsgrad = true}},
  {"chainer", "chainer.Adam", {.epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay_scale = alone}, "amsgrad=true:amsgrad=true; scale>schedule_multiplier"},
  {"chainer.AdamW", "chainer.AdamW", {.epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay_scale = alone}, "scale>schedule_multiplier"},
  {"chainer.AMSGrad", "chainer.AMSGrad", {.epsilon_frame = before_correction, .amsgrad = true}, "scale>schedule_multiplier"},
  {"mxnet", "mxnet.Adam@1", {.epsilon_frame = before_correction, .weight_decay_place = coupled}},
  {"mxnet.Adam@2", "mxnet.Adam@2", {.epsilon_frame = before_correction, .weight_decay_place = coupled}},
  {"mxnet.AdamW@2", "mxnet.AdamW@2", {.epsilon = 1e-6, .epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay_scale = DecayScale::corrected_rate}, "use_fused_step=false:weight_decay_time=after_step; correct_bias=false:corrects_m=false,corrects_v=false"},
  {"caffe", "caffe.Adam", {.epsilon_frame = before_correction, .weight_decay_place = coupled}},
  {"onnx", "onnx.Adam", {.epsilon = 1e-6, .epsilon_frame = before_correction, .first_power = 0, .weight_decay_place = coupled}, "first_count=1:first_power=1"},
  {"lasagne", "lasagne.adam", {.epsilon_frame = before_correction}},
  {"lasagne.amsgrad", "lasagne.amsgrad", {.epsilon_frame = before_correction, .amsgrad = true}},
  {"optimisers_jl", "optimisers_jl.Adam", {.weight_decay_place = coupled}, "", "weight decay as a rule chained before it"},
  {"optimisers_jl.AdamW", "optimisers_jl.AdamW", {.weight_decay_place = decoupled}, "couple=false:weight_decay_scale=one"},
  {"optimisers_jl.AMSGrad", "optimisers_jl.AMSGrad", {.corrects_m = false, .corrects_v = false, .amsgrad = true, .moments_start = Start::epsilon}},
  {"deepspeed", "deepspeed.DeepSpeedCPUAdam", {.weight_decay_place = decoupled}, "adamw_mode=false:weight_decay_place=gradient; bias_correction=false:corrects_m=false,corrects_v=false"},
  {"deepspeed.FusedAdam", "deepspeed.FusedAdam", {.weight_decay_place = decoupled}, "adam_w_mode=false:weight_decay_place=gradient; bias_correction=false:corrects_m=false,corrects_v=false; lists=2,list=1:counter_stride=2; lists=2,list=2:first_power=2,counter_stride=2; lists=3,list=1:counter_stride=3; lists=3,list=2:first_power=2,counter_stride=3; lists=3,list=3:first_power=3,counter_stride=3"},
  {"apex", "apex.FusedAdam", {.weight_decay_place = decoupled}, "adam_w_mode=false:weight_decay_place=gradient; bias_correction=false:corrects_m=false,corrects_v=false"},
  {"transformer_engine", "transformer_engine.FusedAdam", {.weight_decay_place = decoupled}, "adam_w_mode=false:weight_decay_place=gradient; bias_correction=false:corrects_m=false,corrects_v=false"},
  {"megatron", "megatron.adam", {.weight_decay_place = decoupled, .weight_decay = 0.01}, "decoupled_weight_decay=false:weight_decay_place=gradient"},
  {"mlx", "mlx.Adam", {.corrects_m = false, .corrects_v = false}, "bias_correction=true:corrects_m=true,corrects_v=true"},
  {"mlx.AdamW", "mlx.AdamW", {.corrects_m = false, .corrects_v = false, .weight_decay_place = decoupled, .weight_decay = 0.01}, "bias_correction=true:corrects_m=true,corrects_v=true"},
  {"burn", "burn.Adam", {.epsilon = 1e-5, .weight_decay_place = coupled}, "amsgrad=true:amsgrad=true"},
  {"burn.AdamW", "burn.AdamW", {.epsilon = 1e-5, .weight_decay_place = decoupled, .weight_decay = 1e-4}, "amsgrad=true:amsgrad=true; cautious_weight_decay=true:weight_decay_mask=signs_agree"},
  {"scikit_learn", "scikit_learn.Adam", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "", "weight decay is alpha over the batch's size, of the weights alone"},
  {"tensorflow_js", "tensorflow_js.Adam", {.epsilon = 1e-7}},
  {"brain_js", "brain_js.adam.weights", {.learning_rate = 0.3}},
  {"brain_js.adam.biases", "brain_js.adam.biases", {.learning_rate = 0.3, .state_used = before_this_step}},
  {"convnetjs", "convnetjs.adam", {.learning_rate = 0.01, .bias_correction = BiasCorrection::multiplies, .weight_decay_place = coupled}, "batch_size=2:first_power=2,counter_stride=2; batch_size=4:first_power=4,counter_stride=4", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"toygrad", "toygrad.Adam", {.learning_rate = 0.01, .bias_correction = BiasCorrection::multiplies, .weight_decay_place = coupled}, "batch_size=2:first_power=2,counter_stride=2; batch_size=4:first_power=4,counter_stride=4", "the sum over a batch and its weight decay are divided by its size; the gradient here is the mean"},
  {"paddle", "paddle.Adam", {.weight_decay_place = coupled}, "amsgrad=true:amsgrad=true"},
  {"paddle.AdamW", "paddle.AdamW", {.weight_decay_place = decoupled, .weight_decay = 0.01}, "amsgrad=true:amsgrad=true"},
  {"mindspore", "mindspore.Adam", {.epsilon_frame = before_correction, .weight_decay_place = coupled}, "use_nesterov=true:moment_ahead=same_correction"},
  {"mindspore.AdamWeightDecay", "mindspore.AdamWeightDecay", {.epsilon = 1e-6, .corrects_m = false, .corrects_v = false, .weight_decay_place = decoupled}},
  {"dlib", "dlib.adam", {.learning_rate = 0.01, .epsilon_frame = before_correction, .weight_decay_place = coupled, .weight_decay = 5e-4}},
  {"ggml", "ggml.AdamW", {.weight_decay_place = decoupled}},
  {"llm_c", "llm_c.gpt2_update.cpu", {.learning_rate = 1e-4, .weight_decay_place = decoupled}},
  {"llm_c.gpt2_update.cuda", "llm_c.gpt2_update.cuda", {.learning_rate = 3e-4, .beta2 = 0.95, .weight_decay_place = decoupled}},
  {"darknet", "darknet.adam", {.epsilon = 1e-7, .weight_decay_place = coupled, .weight_decay = 1e-4}},
  {"darknet.adam@alexeyab", "darknet.adam@alexeyab", {.epsilon = 1e-6, .weight_decay_place = coupled, .weight_decay = 1e-4}},
  {"tiny_dnn", "tiny_dnn.adam", {.epsilon = 0, .epsilon_root = 1e-8}, "epsilon>epsilon_root; tensors=2,tensor=1:counter_stride=2; tensors=2,tensor=2:first_power=2,counter_stride=2; tensors=3,tensor=1:counter_stride=3; tensors=3,tensor=2:first_power=2,counter_stride=3; tensors=3,tensor=3:first_power=3,counter_stride=3"},
  {"tinygrad", "tinygrad.Adam", {}},
  {"tinygrad.AdamW", "tinygrad.AdamW", {.weight_decay_place = decoupled, .weight_decay = 0.01}},
  {"hips_autograd", "hips_autograd.adam", {}},
  {"candle", "candle.AdamW", {.weight_decay_place = decoupled, .weight_decay = 0.01}},
  {"bitsandbytes", "bitsandbytes.Adam.cuda", {.weight_decay_place = decoupled, .weight_decay_time = after_step}},
  {"bitsandbytes.AdamW.cuda", "bitsandbytes.AdamW.cuda", {.weight_decay_place = decoupled, .weight_decay = 0.01, .weight_decay_time = after_step}},
  {"bitsandbytes.Adam.default", "bitsandbytes.Adam.default", {.weight_decay_place = decoupled}},
  {"bitsandbytes.AdamW.default", "bitsandbytes.AdamW.default", {.weight_decay_place = decoupled, .weight_decay = 0.01}},
  {"transformers", "transformers.AdamW", {.epsilon = 1e-6, .epsilon_frame = before_correction, .weight_decay_place = decoupled, .weight_decay_time = after_step}, "correct_bias=false:corrects_m=false,corrects_v=false"},
  });
}();

// clang-format on

/// The convention that is typed like this: its name, or its class. Null if there is none.
template <class Hyperparameters>
constexpr const Convention<Hyperparameters>* find_convention(std::string_view typed) {
  for (const auto& each : conventions_of<Hyperparameters>)
    if (each.name == typed) return &each;
  for (const auto& each : conventions_of<Hyperparameters>)
    if (!typed.empty() && each.class_name == typed) return &each;
  return nullptr;
}

/// The hyperparameters of a rule under a convention. Throws std::invalid_argument, with the names
/// that there are, if it has none of that name.
template <class Hyperparameters>
Hyperparameters convention(std::string_view name) {
  if (const auto* const found = find_convention<Hyperparameters>(name))
    return found->hyperparameters;
  std::string known;
  for (const auto& each : conventions_of<Hyperparameters>)
    known += (known.empty() ? "" : ", ") + std::string(each.name);
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
    if constexpr (requires { h.weight_decay_mask; }) h.weight_decay_mask = DecayMask::none;
  }
  if constexpr (requires { h.weight_decay_point; })
    if (h.weight_decay_place != WeightDecay::gradient) h.weight_decay_point = DecayPoint::stored;
  return h;
}

}  // namespace truestep::fast
