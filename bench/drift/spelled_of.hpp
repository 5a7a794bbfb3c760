// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "emulated_coefficients.hpp"
#include "exact_run.hpp"
#include "lane_of.hpp"
#include "setup.hpp"
#include "spelled.hpp"

namespace truestep::drift {

/// Takes down what a lane shows.
struct Listing {
  Operations& operations;
  SpelledStep& step;
  void operator()(std::string_view quantity, const Spelled& value) const {
    operations(quantity);
    step.lines.push_back({std::string(quantity), value});
  }
};

/// @param compensates     as a set-up with `kahan` does
/// @param keeps_negative  a difference that rounding makes negative
/// @param last            the step whose coefficients are told
template <class Rule>
SpelledStep spelled(const typename Rule::Hyperparameters& h, bool compensates, bool keeps_negative,
                    std::uint64_t last) {
  SpelledStep step;
  Operations operations(0);
  operations.keeps_negative = keeps_negative;
  const Listing listing{operations, step};
  const auto named = [&](const std::string& name) { return Spelled(operations, name); };
  const auto values =
      EmulatedCoefficients<Rule>(Setup::all_in(named_format("format", "double")), last)
          .next(h, last);
  std::vector<Spelled> coefficients, states;
  for (const auto& name : coefficient_names(h)) {
    step.coefficients.emplace_back(name, values[coefficients.size()].exact);
    coefficients.push_back(named(name));
  }
  step.kept = {"theta"};
  for (std::size_t quantity = 1; quantity < quantities<Rule>(h); ++quantity) {
    step.kept.emplace_back(quantity_name<Rule>(h, quantity));
    states.push_back(named(step.kept.back()));
  }
  // Where it compensates, a lane moves the compensation, as an emulated run has it do.
  Spelled theta = named("theta"), compensation = named("compensation");
  Spelled& moved = compensates ? compensation : theta;
  lane_of<Spelled, Listing>(h).step(coefficients, moved, states, named("g"), listing);
  if (compensates) {
    step.kept.emplace_back("compensation");
    step.lines.back().quantity = "compensated update";
    const Spelled before = theta, update = compensation;
    theta = before + update;
    listing("theta compensated", theta);
    step.lines.back().quantity = "theta";
    listing("compensation", update - (theta - before));
  }
  step.operations = operations.names();
  return step;
}

}  // namespace truestep::drift
