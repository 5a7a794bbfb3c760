// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <truestep/proofs/generated/run_bounds.hpp>
#include <truestep/proofs/statements.hpp>
#include <truestep/reference/real.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "format.hpp"

namespace truestep::drift {

using reference::Real;

/// What the theorems of a run (the pages of proofs/) say of theta: how far it may be from exact, in
/// a format that is IEEE 754's, after `steps` steps from zero states. Gradients are at most
/// `largest_gradient` and parameters at first at most `largest_start` in size, and the same as the
/// exact run's. A theorem is about one parameter's start; its bound and the least of its conditions
/// grow with it (the theorems NAME_drift_from and NAME_peak_from), so that one bound does for all.
/// RULE.hpp says which of the functions that were read out of the theorems is a form's.
class RunTheorems {
 public:
  RunTheorems(const Format& format, double largest_gradient, double largest_start,
              std::uint64_t steps)
      : u_(pow(Real(2), -format.significand_bits)),
        eta_(pow(Real(2), format.spacing(format.least_exponent) - 1)),
        least_normal_(pow(Real(2), format.least_exponent)),
        limit_(pow(Real(2), format.greatest_exponent + 1)),
        g_(largest_gradient),
        start_(largest_start),
        steps_(steps) {}

  /// @return  the bound of |computed - exact|; none where no theorem states one, or a condition of
  ///          it does not hold
  template <class Hyperparameters>
  std::optional<Real> bound(const Hyperparameters& h) const {
    return run_bound(*this, h);
  }

  /// Whether h is of that form, whatever the numbers that all versions have; a place of weight
  /// decay means nothing where no weight decays.
  template <class Hyperparameters>
  static bool has_form(const Hyperparameters& h, Hyperparameters form) {
    using Rule = rules::Of<typename Hyperparameters::Rule>;
    for (const auto& [name, member] : Rule::hyperparameters) form.*member = h.*member;
    if (h.weight_decay == 0) {
      form.weight_decay_place = h.weight_decay_place;
      form.weight_decay_time = h.weight_decay_time;
      form.weight_decay_scale = h.weight_decay_scale;
      if constexpr (requires { form.weight_decay_mask; })
        form.weight_decay_mask = h.weight_decay_mask;
    }
    return h == form;
  }

  /// Whether each of these is stored within kappa u of itself: none is subnormal. Nor is then what
  /// a step makes of it by 1 - beta^t.
  bool stores(std::initializer_list<double> hyperparameters) const {
    return std::all_of(hyperparameters.begin(), hyperparameters.end(),
                       [&](double x) { return x == 0 || x >= least_normal_; });
  }

  const Real& u() const { return u_; }
  const Real& eta() const { return eta_; }
  /// Above the largest number: 2^emax.
  const Real& limit() const { return limit_; }
  const Real& largest_gradient() const { return g_; }
  const Real& largest_start() const { return start_; }
  std::uint64_t steps() const { return steps_; }
  /// What a stored coefficient is off by, relative to itself.
  Real k() const { return proofs::rounding_kappa<Real>() * u_; }

 private:
  Real u_, eta_, least_normal_, limit_, g_, start_;
  std::uint64_t steps_;
};

}  // namespace truestep::drift
