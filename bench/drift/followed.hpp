// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "drift/compiled_runs.hpp"

namespace truestep::drift {

/// A few coordinates of a rule in a set-up beside their run in 50 digits.
template <class Rule>
struct Followed {
  typename Rule::Hyperparameters h;
  ExactRun<Rule> exact;
  EmulatedCoefficients<Rule> coefficients;
  EmulatedRun<Rule> emulated;

  Followed(const typename Rule::Hyperparameters& given, const drift::Setup& setup,
           const std::vector<double>& initial)
      : Followed(given, setup, initial, lane_of<Traced, Naming>(given)) {}

  /// @param lane  instead of the one that the hyperparameters ask for
  Followed(const typename Rule::Hyperparameters& given, const drift::Setup& setup,
           const std::vector<double>& initial, const typename EmulatedRun<Rule>::Lane& lane)
      : h(given), exact(h, 0, initial), coefficients(setup), emulated(h, setup, 0, initial, lane) {}

  void step(std::uint64_t t, double gradient) {
    const std::vector<double> given{gradient};
    const std::vector<Real> exact_gradient{Real(gradient)};
    exact.step(Rule::template formula<Real>(h, t), exact_gradient);
    emulated.step(t, coefficients.next(h, t), given, exact_gradient, exact);
  }

  Attribution attribution(std::size_t quantity) const {
    return drift::attribution(
        static_cast<double>(Real(emulated.at(quantity, 0) - exact.at(quantity, 0))),
        emulated.shares(quantity, 0), emulated.sources());
  }
};

}  // namespace truestep::drift
