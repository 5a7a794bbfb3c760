// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "audit.hpp"

namespace truestep::drift {

/// A number that is reported of a drift, by the name that CSV and budgets give it.
struct Figure {
  const char* name;
  double (*of)(const Drift&);
};

inline constexpr std::array figures{
    Figure{"largest_ulp", [](const Drift& d) { return d.ulp.largest; }},
    Figure{"mean_ulp", [](const Drift& d) { return d.ulp.mean; }},
    Figure{"median_ulp", [](const Drift& d) { return d.ulp.median; }},
    Figure{"quantile_90_ulp", [](const Drift& d) { return d.ulp.quantile_90; }},
    Figure{"quantile_99_ulp", [](const Drift& d) { return d.ulp.quantile_99; }},
    Figure{"largest_relative", [](const Drift& d) { return d.relative.largest; }},
    Figure{"mean_relative", [](const Drift& d) { return d.relative.mean; }},
    Figure{"median_relative", [](const Drift& d) { return d.relative.median; }},
    Figure{"quantile_90_relative", [](const Drift& d) { return d.relative.quantile_90; }},
    Figure{"quantile_99_relative", [](const Drift& d) { return d.relative.quantile_99; }},
    Figure{"mean_absolute", [](const Drift& d) { return d.mean_absolute; }},
    Figure{"rounding_ulp", [](const Drift& d) { return d.rounding; }},
    Figure{"coefficients_ulp", [](const Drift& d) { return d.coefficients; }},
    Figure{"radius_ulp", [](const Drift& d) { return d.radius; }},
    Figure{"error_over_radius", [](const Drift& d) { return d.closest; }},
    Figure{"theorem_absolute", [](const Drift& d) { return d.theorem; }},
    Figure{"error_over_theorem", [](const Drift& d) { return d.of_theorem; }}};

}  // namespace truestep::drift
