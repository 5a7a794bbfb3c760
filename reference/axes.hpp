#pragma once

#include "domain.hpp"

/// What published versions of one rule decide differently. Each rule's description has a field for
/// each choice that it knows, and the field's default is the seed's choice; `truestep rules` prints
/// who chose what.
namespace truestep::reference {

/// Where epsilon stands: sqrt(x) + epsilon; sqrt(x + epsilon); added to the accumulator at every
/// step; or inside the root where the rule has momentum, or is centered, and outside elsewhere.
enum class Epsilon {
  outside_root,
  inside_root,
  in_state,
  inside_root_with_momentum,
  inside_root_when_centered
};

/// Adam's epsilon as it is, or times sqrt(1 - beta2^t): beside the root of the corrected second
/// moment, or beside the root of the raw one, whose correction then multiplies the sum.
enum class Frame { after_correction, before_correction };

/// What an accumulator holds before the first step; `first_square` makes the first step store the
/// square that it sees.
enum class Start { constant, epsilon, first_square };

/// Whether a momentum buffer holds moves of theta, the learning rate in them, or sums of gradients.
enum class LearningRate { inside_buffer, outside_buffer };

/// The first step of a momentum buffer: the recurrence from 0, or the gradient as it came.
enum class FirstBuffer { regular, gradient };

/// From which point NAG's gradient comes, and what moves theta (reference/nag.hpp).
enum class Nesterov { look_ahead, stored_point, unrolled, difference, squared_momentum };

/// Where an accumulator is 0: IEEE's division, or no step.
enum class ZeroDenominator { divided, no_step };

/// Where weight_decay theta goes: into the gradient; beside the step, as alpha weight_decay theta;
/// or into the gradient that the accumulator sees, but not into the one that moves theta.
enum class WeightDecay { none, into_gradient, decoupled, into_accumulator };

/// Throws std::invalid_argument "RULE: REASON" unless `sensible`.
inline void require_sense(bool sensible, const char* rule, const char* reason) {
  if (!sensible) throw std::invalid_argument(std::string(rule) + ": " + reason);
}

/// The larger of two numbers; NaN if one is.
template <class Number>
Number maximum(const Number& a, const Number& b) {
  return a < b || b != b ? b : a;
}

/// `value` where x > 0, else 0.
template <class Number>
Number where_positive(const Number& x, const Number& value) {
  return x > 0 ? value : Number(0);
}

/// Weight decay by an amount kappa: the gradient g + kappa theta, or the parameters
/// (1 - alpha kappa) theta.
template <class Real>
class DecayOfWeights {
 public:
  DecayOfWeights(const char* rule, WeightDecay place, double amount, double alpha)
      : place_(place), kappa_(amount) {
    require_non_negative(rule, "weight_decay", amount);
    require(place != WeightDecay::decoupled || alpha * amount <= 1, rule, "alpha weight_decay",
            alpha * amount, "[0, 1]");
    require_sense(place != WeightDecay::none || amount == 0, rule,
                  "weight_decay is given, but this convention has none");
  }

  bool is(WeightDecay place) const { return place_ == place && kappa_ != 0; }

  /// The gradient that moves theta.
  Real gradient(const Real& theta, const Real& g) const {
    return is(WeightDecay::into_gradient) ? g + kappa_ * theta : g;
  }
  /// The gradient that the accumulator sees.
  Real accumulated(const Real& theta, const Real& g) const {
    return is(WeightDecay::into_accumulator) ? g + kappa_ * theta : gradient(theta, g);
  }
  /// The parameters that the step is taken from.
  Real parameters(const Real& theta, const Real& alpha) const {
    return is(WeightDecay::decoupled) ? (1 - alpha * kappa_) * theta : theta;
  }

 private:
  WeightDecay place_;
  Real kappa_;
};

}  // namespace truestep::reference
