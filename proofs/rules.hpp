#pragma once

#include <truestep/fast/coefficients.hpp>
#include <truestep/reference/adadelta.hpp>
#include <truestep/reference/adagrad.hpp>
#include <truestep/reference/adam.hpp>
#include <truestep/reference/momentum.hpp>
#include <truestep/reference/nag.hpp>
#include <truestep/reference/rmsprop.hpp>

#include <array>
#include <span>
#include <tuple>

/// The two statements of each rule side by side: which part of the formula is which part of the
/// kernel. The order of `states` is that of the lane and of the kernel's spans; that of
/// `hyperparameters` is the order everywhere. Their defaults are those of the kernels' headers.
namespace truestep::rules {

template <class Owner, class Value>
struct Named {
  const char* name;
  Value Owner::*member;
};
template <class Owner, class Value>
Named(const char*, Value Owner::*) -> Named<Owner, Value>;

struct Momentum {
  static constexpr const char* name = "momentum";
  using Lane = fast::lane::Momentum;
  using Hyperparameters = fast::MomentumHyperparameters;
  template <class Number>
  using Formula = reference::Momentum<Number>;
  static constexpr std::array hyperparameters{
      Named{"learning_rate", &Hyperparameters::learning_rate},
      Named{"momentum", &Hyperparameters::momentum}};
  template <class Number>
  static constexpr std::array states{Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.alpha = h.learning_rate, .lambda = h.momentum}, t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::momentum_step(arguments...); };
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
  template <class Number>
  static constexpr std::array states{Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.alpha = h.learning_rate, .lambda = h.momentum}, t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::nag_step(arguments...); };
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
  template <class Number>
  static constexpr std::array states{Named{"sum", &Formula<Number>::State::sum}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.alpha = h.learning_rate, .epsilon = h.epsilon}, t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::adagrad_step(arguments...); };
};

struct Adadelta {
  static constexpr const char* name = "adadelta";
  using Lane = fast::lane::Adadelta;
  using Hyperparameters = fast::AdadeltaHyperparameters;
  template <class Number>
  using Formula = reference::Adadelta<Number>;
  static constexpr std::array hyperparameters{Named{"rho", &Hyperparameters::rho},
                                              Named{"epsilon", &Hyperparameters::epsilon}};
  template <class Number>
  static constexpr std::array states{Named{"s", &Formula<Number>::State::s},
                                     Named{"u", &Formula<Number>::State::u}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.rho = h.rho, .epsilon = h.epsilon}, t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::adadelta_step(arguments...); };
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
  template <class Number>
  static constexpr std::array states{Named{"s", &Formula<Number>::State::sigma2}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.alpha = h.learning_rate, .beta = h.rho, .epsilon = h.epsilon}, t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::rmsprop_step(arguments...); };
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
  template <class Number>
  static constexpr std::array states{Named{"m", &Formula<Number>::State::m},
                                     Named{"v", &Formula<Number>::State::v}};
  template <class Number>
  static Formula<Number> formula(const Hyperparameters& h, std::uint64_t t) {
    return {{.alpha = h.learning_rate, .beta1 = h.beta1, .beta2 = h.beta2, .epsilon = h.epsilon},
            t};
  }
  static constexpr auto kernel = [](auto... arguments) { fast::adam_step(arguments...); };
};

using All = std::tuple<Momentum, Nag, Adagrad, Adadelta, Rmsprop, Adam>;

}  // namespace truestep::rules
