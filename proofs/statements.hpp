#pragma once

#include <truestep/fast/coefficients/coefficients.hpp>
#include <truestep/fast/conventions.hpp>
#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/momentum.hpp>
#include <truestep/reference/nag.hpp>
#include <truestep/reference/rmsprop.hpp>

#include <array>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

/// The two statements of each rule side by side: which part of the formula is which part of the
/// kernel. The order of `states` is that of the lane and of the kernel's spans; that of
/// `hyperparameters` is the order everywhere. Their defaults are those of the kernels' headers.
/// `further` are the numbers that the seed's convention leaves at values without effect, and
/// `further_states` the states that it does not have; a lane has those in use after `states`, a
/// kernel takes all after the gradient.
namespace truestep::rules {

// Each statement has words of its own for the choices in which published versions differ.

inline reference::Epsilon translated(fast::EpsilonPlace place) {
  switch (place) {
    case fast::EpsilonPlace::outside:
      return reference::Epsilon::outside_root;
    case fast::EpsilonPlace::inside:
      return reference::Epsilon::inside_root;
    case fast::EpsilonPlace::in_state:
      return reference::Epsilon::in_state;
    case fast::EpsilonPlace::inside_with_momentum:
      return reference::Epsilon::inside_root_with_momentum;
    default:
      return reference::Epsilon::inside_root_when_centered;
  }
}

inline reference::Frame translated(fast::EpsilonFrame frame) {
  return frame == fast::EpsilonFrame::after_correction ? reference::Frame::after_correction
                                                       : reference::Frame::before_correction;
}

inline reference::Start translated(fast::Start start) {
  switch (start) {
    case fast::Start::constant:
      return reference::Start::constant;
    case fast::Start::epsilon:
      return reference::Start::epsilon;
    default:
      return reference::Start::first_square;
  }
}

inline reference::LearningRate translated(fast::LearningRateSite site) {
  return site == fast::LearningRateSite::buffer ? reference::LearningRate::inside_buffer
                                                : reference::LearningRate::outside_buffer;
}

inline reference::FirstBuffer translated(fast::FirstBuffer first) {
  return first == fast::FirstBuffer::recurrence ? reference::FirstBuffer::regular
                                                : reference::FirstBuffer::gradient;
}

inline reference::Nesterov translated(fast::NesterovForm form) {
  switch (form) {
    case fast::NesterovForm::look_ahead:
      return reference::Nesterov::look_ahead;
    case fast::NesterovForm::stored_point:
      return reference::Nesterov::stored_point;
    case fast::NesterovForm::unrolled:
      return reference::Nesterov::unrolled;
    case fast::NesterovForm::difference:
      return reference::Nesterov::difference;
    default:
      return reference::Nesterov::squared_momentum;
  }
}

inline reference::ZeroDenominator translated(fast::ZeroDenominator zero) {
  return zero == fast::ZeroDenominator::divide ? reference::ZeroDenominator::divided
                                               : reference::ZeroDenominator::no_step;
}

inline reference::WeightDecay translated(fast::WeightDecay place) {
  switch (place) {
    case fast::WeightDecay::none:
      return reference::WeightDecay::none;
    case fast::WeightDecay::gradient:
      return reference::WeightDecay::into_gradient;
    case fast::WeightDecay::decoupled:
      return reference::WeightDecay::decoupled;
    default:
      return reference::WeightDecay::into_accumulator;
  }
}

template <class Owner, class Value>
struct Named {
  const char* name;
  Value Owner::*member;
};
template <class Owner, class Value>
Named(const char*, Value Owner::*) -> Named<Owner, Value>;

/// A state of the formula that some conventions have.
template <class Owner, class Value, class Hyperparameters>
struct Further {
  const char* name;
  Value Owner::*member;
  bool (*used)(const Hyperparameters&);
};
template <class Owner, class Value, class Hyperparameters>
Further(const char*, Value Owner::*, bool (*)(const Hyperparameters&))
    -> Further<Owner, Value, Hyperparameters>;

struct Momentum {
  static constexpr const char* name = "momentum";
  using Lane = fast::lane::Momentum;
  using Hyperparameters = fast::MomentumHyperparameters;
  template <class Number>
  using Formula = reference::Momentum<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate},
      Named{"momentum", &Hyperparameters::momentum}};
  static constexpr std::array further{Named{"dampening", &Hyperparameters::dampening},
                                      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static constexpr std::array<Further<typename Formula<Number>::State, Number, Hyperparameters>, 0>
      further_states{};
  static reference::MomentumHyperparameters description(const Hyperparameters& h) {
    return {.alpha = h.learning_rate,
            .lambda = h.momentum,
            .tau = h.dampening,
            .learning_rate = translated(h.learning_rate_site),
            .first_buffer = translated(h.first_buffer),
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) {
    fast::momentum_step(arguments...);
  };
};

struct Nag {
  static constexpr const char* name = "nag";
  using Lane = fast::lane::Nag;
  using Hyperparameters = fast::NagHyperparameters;
  template <class Number>
  using Formula = reference::Nag<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate},
      Named{"momentum", &Hyperparameters::momentum}};
  static constexpr std::array further{Named{"dampening", &Hyperparameters::dampening},
                                      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static constexpr std::array<Further<typename Formula<Number>::State, Number, Hyperparameters>, 0>
      further_states{};
  static reference::NagHyperparameters description(const Hyperparameters& h) {
    return {.alpha = h.learning_rate,
            .lambda = h.momentum,
            .tau = h.dampening,
            .nesterov = translated(h.nesterov),
            .learning_rate = translated(h.learning_rate_site),
            .first_buffer = translated(h.first_buffer),
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) { fast::nag_step(arguments...); };
  static constexpr auto look_ahead = [](auto... arguments) { fast::nag_look_ahead(arguments...); };
};

struct Adagrad {
  static constexpr const char* name = "adagrad";
  using Lane = fast::lane::Adagrad;
  using Hyperparameters = fast::AdagradHyperparameters;
  template <class Number>
  using Formula = reference::Adagrad<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate},
      Named{"epsilon", &Hyperparameters::epsilon}};
  static constexpr std::array further{
      Named{"momentum", &Hyperparameters::momentum},
      Named{"learning_rate_decay", &Hyperparameters::learning_rate_decay},
      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"sum", &Formula<Number>::State::sum}};
  template <class Number>
  static constexpr std::array further_states{
      Further{"v", &Formula<Number>::State::v,
              +[](const Hyperparameters& h) { return fast::choice(h).form.averaged; }}};
  static reference::AdagradHyperparameters description(const Hyperparameters& h) {
    return {.alpha = h.learning_rate,
            .epsilon = h.epsilon,
            .place = translated(h.epsilon_place),
            .start = translated(h.start),
            .initial_sum = h.initial_accumulator,
            .alpha_decay = h.learning_rate_decay,
            .zero_denominator = translated(h.zero_denominator),
            .lambda = h.momentum,
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) { fast::adagrad_step(arguments...); };
};

struct Adadelta {
  static constexpr const char* name = "adadelta";
  using Lane = fast::lane::Adadelta;
  using Hyperparameters = fast::AdadeltaHyperparameters;
  template <class Number>
  using Formula = reference::Adadelta<Number>;
  static constexpr std::array hyperparameters{Named{"rho", &Hyperparameters::rho},
                                              Named{"epsilon", &Hyperparameters::epsilon}};
  static constexpr std::array further{Named{"learning_rate", &Hyperparameters::learning_rate},
                                      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"s", &Formula<Number>::State::s},
                                     Named{"u", &Formula<Number>::State::u}};
  template <class Number>
  static constexpr std::array<Further<typename Formula<Number>::State, Number, Hyperparameters>, 0>
      further_states{};
  static reference::AdadeltaHyperparameters description(const Hyperparameters& h) {
    return {.rho = h.rho,
            .epsilon = h.epsilon,
            .alpha = h.learning_rate,
            .accumulates_scaled = h.accumulates_scaled,
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) {
    fast::adadelta_step(arguments...);
  };
};

struct Rmsprop {
  static constexpr const char* name = "rmsprop";
  using Lane = fast::lane::Rmsprop;
  using Hyperparameters = fast::RmspropHyperparameters;
  template <class Number>
  using Formula = reference::Rmsprop<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate}, Named{"rho", &Hyperparameters::rho},
      Named{"epsilon", &Hyperparameters::epsilon}};
  static constexpr std::array further{Named{"momentum", &Hyperparameters::momentum},
                                      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"s", &Formula<Number>::State::sigma2}};
  template <class Number>
  static constexpr std::array further_states{
      Further{"mean", &Formula<Number>::State::mean,
              +[](const Hyperparameters& h) { return fast::choice(h).form.centered; }},
      Further{"v", &Formula<Number>::State::v,
              +[](const Hyperparameters& h) { return fast::choice(h).form.buffered; }}};
  static reference::RmspropHyperparameters description(const Hyperparameters& h) {
    return {.alpha = h.learning_rate,
            .beta = h.rho,
            .epsilon = h.epsilon,
            .place = translated(h.epsilon_place),
            .start = translated(h.start),
            .initial_square = h.initial_accumulator,
            .corrected = h.corrected,
            .centered = h.centered,
            .lambda = h.momentum,
            .learning_rate = translated(h.learning_rate_site),
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) { fast::rmsprop_step(arguments...); };
};

struct Adam {
  static constexpr const char* name = "adam";
  using Lane = fast::lane::Adam;
  using Hyperparameters = fast::AdamHyperparameters;
  template <class Number>
  using Formula = reference::Adam<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate},
      Named{"beta1", &Hyperparameters::beta1}, Named{"beta2", &Hyperparameters::beta2},
      Named{"epsilon", &Hyperparameters::epsilon}};
  static constexpr std::array further{Named{"epsilon_root", &Hyperparameters::epsilon_root},
                                      Named{"beta1_decay", &Hyperparameters::beta1_decay},
                                      Named{"weight_decay", &Hyperparameters::weight_decay}};
  template <class Number>
  static constexpr std::array states{Named{"m", &Formula<Number>::State::m},
                                     Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static constexpr std::array further_states{
      Further{"v_max", &Formula<Number>::State::v_max,
              +[](const Hyperparameters& h) { return h.amsgrad; }}};
  static reference::AdamHyperparameters description(const Hyperparameters& h) {
    return {.alpha = h.learning_rate,
            .beta1 = h.beta1,
            .beta2 = h.beta2,
            .epsilon = h.epsilon,
            .frame = translated(h.epsilon_frame),
            .epsilon_root = h.epsilon_root,
            .corrects_first = h.corrects_m,
            .corrects_second = h.corrects_v,
            .first_power = h.first_power,
            .beta1_decay = h.beta1_decay,
            .maximum_of_second = h.amsgrad,
            .weight_decay = translated(h.weight_decay_place),
            .kappa = h.weight_decay};
  }
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {description(h), t};
  }
  static constexpr auto kernel = [](const auto&... arguments) { fast::adam_step(arguments...); };
};

using All = std::tuple<Momentum, Nag, Adagrad, Adadelta, Rmsprop, Adam>;

/// The states that a convention of the rule has, in the order of its lane.
template <class R, class Number>
auto states_of(const typename R::Hyperparameters& h) {
  std::vector<Named<typename R::template Formula<Number>::State, Number>> states(
      R::template states<Number>.begin(), R::template states<Number>.end());
  for (const auto& state : R::template further_states<Number>)
    if (state.used(h)) states.push_back({state.name, state.member});
  return states;
}

/// The kernel over spans of these states.
template <class R, class T>
void run_kernel(const typename R::Hyperparameters& h, std::uint64_t t, std::span<T> theta,
                std::span<const std::span<T>> states, std::span<const T> gradient) {
  constexpr std::size_t own = R::template states<T>.size();
  std::array<std::span<T>, R::template further_states<T>.size()> further;
  std::size_t next = own;
  for (std::size_t i = 0; i < further.size(); ++i)
    if (R::template further_states<T>[i].used(h)) further[i] = states[next++];
  [&]<std::size_t... Own, std::size_t... More>(std::index_sequence<Own...>,
                                               std::index_sequence<More...>) {
    R::kernel(h, t, theta, states[Own]..., gradient, further[More]...);
  }
  (std::make_index_sequence<own>(), std::make_index_sequence<further.size()>());
}

}  // namespace truestep::rules
