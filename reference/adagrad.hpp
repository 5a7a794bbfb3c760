#pragma once

#include "domain.hpp"

namespace truestep::reference {

struct AdagradHyperparameters {
  double alpha;    ///< learning rate, [0, infinity)
  double epsilon;  ///< under the root, unit of g^2, [0, infinity)
};

/// Adagrad at step t (t = 1 takes theta_0 to theta_1), one coordinate, g = grad L(theta_(t-1)):
///
///     sum_t   = g_1^2 + ... + g_t^2,            sum_0 = 0
///     theta_t = theta_(t-1) - alpha g / sqrt(sum_t + epsilon)
///
/// The seed's last line, its sum ending at the gradient that is known (see AdagradAsPrinted).
/// Real: a Boost.Multiprecision number; `accumulate` takes cpp_rational too, and is then exact.
/// Where sum_t + epsilon = 0, what the number type makes of 0 / 0. Throws std::invalid_argument
/// outside the domain.
template <class Real>
class Adagrad {
 public:
  struct State {
    Real sum = 0;
  };
  struct Step : State {
    Real denominator, update, theta;
  };

  Adagrad(const AdagradHyperparameters& h, std::uint64_t t) : alpha(h.alpha), epsilon(h.epsilon) {
    require_counted("adagrad", t);
    require_non_negative("adagrad", "alpha", h.alpha);
    require_non_negative("adagrad", "epsilon", h.epsilon);
  }

  State accumulate(const State& before, const Real& g) const { return {before.sum + g * g}; }

  Step step(const Real& theta, const State& before, const Real& g) const {
    const State now = accumulate(before, g);
    const Real denominator = sqrt(Real(now.sum + epsilon));
    const Real update = alpha / denominator * g;
    return {now, denominator, update, theta - update};
  }

 private:
  Real alpha, epsilon;
};

/// Adagrad as the seed prints it.
///
/// What is wrong with it: the first line overwrites alpha by alpha / sqrt(sum), so that the second
/// divides by the root twice, and at every step once more; and both sums run to i = t, which needs
/// the gradient at theta_t while theta_t is being computed. It can be evaluated only where that
/// gradient is known beforehand, as for a linear L.
template <class Real>
class AdagradAsPrinted {
 public:
  struct State {
    Real sum = 0;  ///< of the squares up to the gradient at theta_(t-1), which row t uses
    Real alpha;    ///< as the first line left it
  };
  struct Step : State {
    Real theta;
  };

  /// Both lines in turn. @param g_next  the gradient at the theta_t that is being computed
  static Step both_lines(const Real& theta, const State& before, const Real& g,
                         const Real& g_next) {
    const Real sum = before.sum + g_next * g_next;
    const Real alpha = before.alpha / sqrt(sum);
    return {{sum, alpha}, theta - alpha / sqrt(sum) * g};
  }

  /// The second line alone, with its epsilon. @param g_next  as above
  static Step last_line(const Real& theta, const State& before, const Real& epsilon, const Real& g,
                        const Real& g_next) {
    const Real sum = before.sum + g_next * g_next;
    return {{sum, before.alpha}, theta - before.alpha / sqrt(Real(sum + epsilon)) * g};
  }
};

}  // namespace truestep::reference
