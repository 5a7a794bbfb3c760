// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <truestep/proofs/bounds.hpp>
#include <truestep/proofs/recorded_lanes.hpp>
#include <truestep/proofs/statements.hpp>

#include "property.hpp"

namespace truestep::test {

/// The lanes of a rule.
template <class R>
struct LanesOf {
  static constexpr const char* name = R::name;
  using type = typename fast::lane::LanesOfRules<std::tuple<typename R::Fast>>::every;
};
struct WeightDecays {
  static constexpr const char* name = "weight_decay";
  using type = proofs::WeightDecays;
};

/// Which rule a constant compares with: the one at the hyperparameters, or the one at the lane's
/// own, rounded coefficients.
enum class Against { hyperparameters, rounded_coefficients };

/// What is proved about one step of a lane, whatever its form, over T.
template <class T>
class ProvedStep {
 public:
  template <class Lane>
  static ProvedStep of(Against against) {
    return {proofs::record<Lane>(proofs::inputs<Lane>()), against, step_lane<Lane, T>,
            step_lane<Lane, Real>, step_lane<Lane, Magnitude>};
  }

  /// Whether the theorems' hypotheses hold for coefficients: none was lost to subnormals, weights
  /// are at most 1/2 or exactly 1, and in double a hyperparameter or 1 - beta is that number.
  bool hypotheses(const Coefficients<T>& rounded, const Coefficients<Real>& exact) const;

  /// "" if every quantity about which something is proved is within its constant of what the lane
  /// gives exactly; else what is not. A step that underflows or overflows has no teeth.
  std::string excess(const Coefficients<T>& rounded, const Coefficients<Real>& exact,
                     const Point<T>& before, T gradient, Outcome& tally) const;

  const proofs::Inputs& inputs() const { return inputs_; }

 private:
  struct Proved {
    const proofs::Bound* bound;
    Real allowed;
  };

  ProvedStep(const proofs::Recording&, Against, LaneStep<T>, LaneStep<Real>, LaneStep<Magnitude>);

  std::string_view constant(const proofs::Bound&) const;
  std::string_view theorem(const proofs::Bound&) const;
  std::string inputs_read(const Coefficients<T>&, const Point<T>& before) const;

  Against against_;
  proofs::Inputs inputs_;
  LaneStep<T> step_;
  LaneStep<Real> exact_step_;
  LaneStep<Magnitude> size_step_;
  std::vector<Proved> proved_;
  std::set<std::size_t> weights_;
};

}  // namespace truestep::test
